//! Which run a question is put to, and what happens when it is none.

use insta::assert_snapshot;
use rusqlite::Connection;

use crate::place::Place;

const QUESTION: [&str; 3] = ["why", "carla.rossi@globex.example", "globex-emea"];

impl Place {
    fn ask(&self, db: &str) -> crate::place::Run {
        self.run(&[&QUESTION[..], &["--db", db]].concat())
    }
}

#[test]
fn the_directory_and_the_file_give_the_same_answer() {
    let place = Place::new();
    place.give_demo("run");
    let by_directory = place.ask("run");
    let by_file = place.ask("run/lacegraph.db");
    assert_eq!((by_directory.code, by_file.code), (0, 0), "{}", by_file.err);
    assert!(by_directory.out.contains("Power user"), "{}", by_directory.out);
    assert_eq!(by_directory.out, by_file.out);
}

#[test]
fn without_a_name_the_newest_run_here_is_asked() {
    let place = Place::new();
    assert_snapshot!(place.run(&QUESTION).refusal(2), @r"
    error: there is no export in this directory
    hint: name one with --db RUN, or make one: lacegraph export
    ");
    // Whatever they are called, and whenever they are of: what counts is when they were written.
    let runs = ["lacegraph-20250101T000000Z", "lacegraph-20240101T000000Z", "audit", "out"];
    for (age, name) in runs.iter().enumerate().map(|(index, name)| (3600 * (4 - index as u64), name)) {
        place.give_demo(name);
        let database = std::fs::File::options().write(true).open(place.path(name).join("lacegraph.db")).unwrap();
        let written = std::time::SystemTime::now() - std::time::Duration::from_secs(age);
        database.set_modified(written).unwrap();
        let run = place.run(&QUESTION);
        assert_eq!((run.code, run.err.as_str()), (0, format!("asking {name}\n").as_str()), "{}", run.text());
    }
    fs_err::create_dir(place.path("empty")).unwrap();
    assert_eq!(place.run(&QUESTION).err, "asking out\n");
}

#[test]
fn nothing_there() {
    let place = Place::new();
    fs_err::create_dir(place.path("empty")).unwrap();
    assert_snapshot!(place.ask("nowhere").refusal(2), @r"
    error: there is no lacegraph.db at nowhere
    hint: name the directory of an export with --db RUN
    ");
    assert_snapshot!(place.ask("empty").refusal(2), @r"
    error: there is no lacegraph.db at empty
    hint: name the directory of an export with --db RUN
    ");
    assert_eq!(place.names(), ["empty"]);
    assert_eq!(crate::place::names(&place.path("empty")), [""; 0]);
}

#[test]
fn something_else_or_broken() {
    let place = Place::new();
    place.give_demo("run");
    let database = fs_err::read(place.path("run/lacegraph.db")).unwrap();

    fs_err::write(place.path("text.db"), "not a database, but long enough to have a header of one hundred bytes")
        .unwrap();
    assert_snapshot!(place.ask("text.db").text(), @r"
    exit 1
    --- stdout
    --- stderr
    error: text.db is not a lacegraph database
    hint: name the directory of an export, or the lacegraph.db in it
    ");
    fs_err::write(place.path("empty.db"), "").unwrap();
    assert_snapshot!(place.ask("empty.db").text(), @r"
    exit 1
    --- stdout
    --- stderr
    error: empty.db is not a lacegraph database
    hint: name the directory of an export, or the lacegraph.db in it
    ");
    fs_err::write(place.path("cut.db"), &database[..database.len() / 2]).unwrap();
    assert_snapshot!(place.ask("cut.db").text(), @r"
    exit 1
    --- stdout
    --- stderr
    error: cut.db is damaged: database disk image is malformed
    hint: export again; the file was changed or cut after it was written
    ");
    fs_err::write(place.path("stub.db"), &database[..1000]).unwrap();
    assert_snapshot!(place.ask("stub.db").text(), @r"
    exit 1
    --- stdout
    --- stderr
    error: stub.db is damaged: database disk image is malformed
    hint: export again; the file was changed or cut after it was written
    ");

    Connection::open(place.path("other.db")).unwrap().execute_batch("CREATE TABLE users (name TEXT)").unwrap();
    assert_snapshot!(place.ask("other.db").text(), @r"
    exit 1
    --- stdout
    --- stderr
    error: other.db is not a lacegraph database
    hint: name the directory of an export, or the lacegraph.db in it
    ");
    fs_err::write(place.path("future.db"), &database).unwrap();
    Connection::open(place.path("future.db")).unwrap().execute_batch("PRAGMA user_version = 99").unwrap();
    assert_snapshot!(place.ask("future.db").text(), @r"
    exit 1
    --- stdout
    --- stderr
    error: future.db has tables of version 99, this lacegraph reads versions 1 to 3
    hint: a newer lacegraph wrote it: update this one to read it
    ");
    // Looking changes nothing and leaves nothing beside.
    assert_eq!(place.names(), ["cut.db", "empty.db", "future.db", "other.db", "run", "stub.db", "text.db"]);
    assert_eq!(fs_err::read(place.path("empty.db")).unwrap(), [0; 0]);
    assert!(fs_err::read(place.path("run/lacegraph.db")).unwrap() == database);
}
