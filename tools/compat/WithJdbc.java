// An export through sqlite-jdbc: do tables and views show their types and keys, and do values come typed?
//
//     java -Duser.timezone=UTC -cp sqlite-jdbc.jar WithJdbc.java lacegraph.db figures.sql

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.text.SimpleDateFormat;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

public class WithJdbc {
    // What getColumns says of a declared type. The driver knows numbers and texts; the name of the type tells more.
    static final Map<String, Integer> COLUMN_TYPES = Map.of("INTEGER", Types.INTEGER, "BOOLEAN", Types.INTEGER,
        "TEXT", Types.VARCHAR, "DATETIME", Types.VARCHAR, "DATE", Types.VARCHAR);
    // What the metadata of a result says. A DATETIME is a DATE there: getTimestamp gives the time all the same.
    static final Map<String, Integer> RESULT_TYPES = Map.of("INTEGER", Types.INTEGER, "BOOLEAN", Types.BOOLEAN,
        "TEXT", Types.VARCHAR, "DATETIME", Types.DATE, "DATE", Types.DATE);

    static final SimpleDateFormat TIME = new SimpleDateFormat("yyyy-MM-dd HH:mm:ss");

    public static void main(String[] args) throws Exception {
        String url = "jdbc:sqlite:file:" + Path.of(args[0]).toAbsolutePath() + "?mode=ro";
        // One format serves a whole connection: the usual one reads times and refuses dates.
        Properties dates = new Properties();
        dates.setProperty("date_string_format", "yyyy-MM-dd");
        try (Connection timed = DriverManager.getConnection(url);
             Connection dated = DriverManager.getConnection(url, dates)) {
            DatabaseMetaData about = timed.getMetaData();
            Map<String, Map<String, String>> wanted = new TreeMap<>();
            String declared = "SELECT table_name, column_name, declared_type FROM data_dictionary"
                + " WHERE column_name <> ''";
            each(timed, declared, row -> wanted.computeIfAbsent(row.getString(1), name -> new HashMap<>())
                .put(row.getString(2), row.getString(3)));

            Set<String> shown = new TreeSet<>();
            String[] kinds = {"TABLE", "VIEW"};
            each(about.getTables(null, null, "%", kinds), row -> shown.add(row.getString("TABLE_NAME")));
            expect("tables and views", shown, wanted.keySet());

            long rows = 0;
            for (String name : shown) {
                Map<String, String> columns = columns(about, name);
                expect("the types of " + name, columns, wanted.get(name));
                expectKeys(timed, about, name);
                rows += expectValues(timed, dated, name, columns);
            }
            expectFigures(timed, Files.readString(Path.of(args[1])));
            System.out.printf("sqlite-jdbc %s, Java %s: %d tables and views, keys, %d rows typed%n",
                about.getDriverVersion(), System.getProperty("java.version"), shown.size(), rows);
        }
    }

    static Map<String, String> columns(DatabaseMetaData about, String name) throws SQLException {
        Map<String, String> columns = new LinkedHashMap<>();
        each(about.getColumns(null, null, name, "%"), row -> {
            String column = row.getString("COLUMN_NAME");
            String declared = row.getString("TYPE_NAME");
            expect("the type of " + name + "." + column, row.getInt("DATA_TYPE"), COLUMN_TYPES.get(declared));
            columns.put(column, declared);
        });
        return columns;
    }

    static void expectKeys(Connection timed, DatabaseMetaData about, String name) throws SQLException {
        Set<String> foreign = new TreeSet<>();
        Set<String> wantedForeign = new TreeSet<>();
        each(about.getImportedKeys(null, null, name), row -> foreign.add(row.getString("FKCOLUMN_NAME") + " -> "
            + row.getString("PKTABLE_NAME") + "." + row.getString("PKCOLUMN_NAME")));
        each(timed, "SELECT \"from\", \"table\", \"to\" FROM pragma_foreign_key_list('" + name + "')", row ->
            wantedForeign.add(row.getString(1) + " -> " + row.getString(2) + "." + row.getString(3)));
        expect("the foreign keys of " + name, foreign, wantedForeign);

        Map<Integer, String> primary = new TreeMap<>();
        Map<Integer, String> wantedPrimary = new TreeMap<>();
        each(about.getPrimaryKeys(null, null, name), row ->
            primary.put(row.getInt("KEY_SEQ"), row.getString("COLUMN_NAME")));
        each(timed, "SELECT pk, name FROM pragma_table_info('" + name + "') WHERE pk > 0", row ->
            wantedPrimary.put(row.getInt(1), row.getString(2)));
        expect("the primary key of " + name, primary, wantedPrimary);
    }

    // Each value as its own type, held against its text as stored.
    static long expectValues(Connection timed, Connection dated, String name, Map<String, String> columns)
            throws SQLException {
        long count = 0;
        String all = "SELECT * FROM " + name;
        try (Statement one = timed.createStatement(); ResultSet row = one.executeQuery(all);
             Statement two = dated.createStatement(); ResultSet dates = two.executeQuery(all)) {
            while (row.next() & dates.next()) {
                count++;
                int place = 0;
                for (Map.Entry<String, String> column : columns.entrySet()) {
                    place++;
                    String what = name + "." + column.getKey();
                    String declared = column.getValue();
                    String stored = row.getString(place);
                    boolean isNull = row.wasNull();
                    if (count == 1) {
                        int type = row.getMetaData().getColumnType(place);
                        expect("the type of " + what + " in a result", type, RESULT_TYPES.get(declared));
                    }
                    ResultSet source = declared.equals("DATE") ? dates : row;
                    String value = text(source, place, declared);
                    expect("NULL by wasNull in " + what, source.wasNull(), isNull);
                    if (!isNull) {
                        expect(what, value, stored);
                    }
                }
            }
        }
        long read = count;
        each(timed, "SELECT count(*) FROM " + name, row -> expect("the rows of " + name, read, row.getLong(1)));
        return count;
    }

    static String text(ResultSet row, int place, String declared) throws SQLException {
        switch (declared) {
            case "BOOLEAN": return row.getBoolean(place) ? "1" : "0";
            case "INTEGER": return Long.toString(row.getLong(place));
            case "DATETIME": {
                java.sql.Timestamp time = row.getTimestamp(place);
                return time == null ? null : TIME.format(time);
            }
            case "DATE": {
                java.sql.Date date = row.getDate(place);
                return date == null ? null : date.toString();
            }
            default: return row.getString(place);
        }
    }

    static void expectFigures(Connection timed, String sql) throws SQLException {
        Set<String> counted = new TreeSet<>();
        each(timed, sql, row -> {
            expect(row.getString(1) + ", claimed and counted", row.getLong(2), row.getLong(3));
            counted.add(row.getString(1));
        });
        each(timed, "SELECT name FROM pragma_table_info('snapshot') WHERE name LIKE '%\\_count' ESCAPE '\\'", row ->
            expect("is counted: " + row.getString(1), counted.contains(row.getString(1)), true));
    }

    interface Look { void at(ResultSet row) throws SQLException; }

    static void each(Connection connection, String sql, Look look) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            each(statement.executeQuery(sql), look);
        }
    }

    static void each(ResultSet rows, Look look) throws SQLException {
        try (rows) {
            while (rows.next()) {
                look.at(rows);
            }
        }
    }

    static void expect(String what, Object found, Object wanted) {
        if (!found.equals(wanted)) {
            System.err.println(what + ": found " + found + ", wanted " + wanted);
            System.exit(1);
        }
    }
}
