//! What custom groups confer: entries of the configuration, and the console's page saved as CSV.

use insta::assert_snapshot;

use crate::mock::Mock;
use crate::place::Place;

/// The small fixture's configuration with these further lines, and what `check` says to it.
fn refused(lines: &str, arguments: &[&str]) -> String {
    let (mock, place) = (Mock::small(), Place::new());
    place.give("lacegraph.toml", format!("{}\n{lines}\n", mock.configuration("")));
    place.give("groups.csv", "name,roles\nSOC,ADMIN\n");
    let run = place.run_with(&mock.secrets(), &[&["check"], arguments].concat());
    assert_eq!(mock.calls(), []);
    run.refusal(2).to_owned()
}

#[test]
fn entries_that_do_not_do() {
    let fields = "role = \"ADMIN\"\nevidence = \"console\"";
    assert_snapshot!(refused(&format!("[groups.\"tiny/SOC\"]\n{fields}"), &[]), @r#"
    error: lacegraph.toml, line 8: the group `tiny/SOC` is not ORGANIZATION/ACCOUNT/GROUP
    hint: write [groups."ORGANIZATION/ACCOUNT/GROUP"] with the quotation marks, then role = "…" and evidence = "console, looked at by … on …"
    "#);
    assert_snapshot!(refused(&format!("[groups.\"tiny//SOC\"]\n{fields}"), &[]), @r#"
    error: lacegraph.toml, line 8: the group `tiny//SOC` is not ORGANIZATION/ACCOUNT/GROUP
    hint: write [groups."ORGANIZATION/ACCOUNT/GROUP"] with the quotation marks, then role = "…" and evidence = "console, looked at by … on …"
    "#);
    assert_snapshot!(refused(&format!("[groups.\"tinny/TINY-ONE/SOC\"]\n{fields}"), &[]), @r"
    error: lacegraph.toml, line 8: the group `tinny/TINY-ONE/SOC` is of the organization `tinny`, which is not configured
    hint: the organizations are tiny
    ");
    assert_snapshot!(refused(&format!("[groups.tiny.TINY-ONE.SOC]\n{fields}"), &[]), @r#"
    error: lacegraph.toml, line 8: a key that is not known; known here are `role`, `evidence`
    hint: write [groups."ORGANIZATION/ACCOUNT/GROUP"] with the quotation marks, then role = "…" and evidence = "console, looked at by … on …"
    "#);
    assert_snapshot!(refused("[groups.\"tiny/TINY-ONE/SOC\"]\nrole = \"ADMIN\"", &[]), @r#"
    error: lacegraph.toml, line 8: the group `tiny/TINY-ONE/SOC` has no evidence
    hint: write [groups."ORGANIZATION/ACCOUNT/GROUP"] with the quotation marks, then role = "…" and evidence = "console, looked at by … on …"
    "#);
    assert_snapshot!(refused("[groups.\"tiny/TINY-ONE/SOC\"]\nrole = \" \"\nevidence = \"console\"", &[]), @r#"
    error: lacegraph.toml, line 8: the group `tiny/TINY-ONE/SOC` has no role
    hint: write [groups."ORGANIZATION/ACCOUNT/GROUP"] with the quotation marks, then role = "…" and evidence = "console, looked at by … on …"
    "#);
    assert_snapshot!(refused("[groups.\"tiny/TINY-ONE/SOC\"]\nrole = \"A\\nB\"\nevidence = \"console\"", &[]), @r"
    error: lacegraph.toml, line 8: the role of the group `tiny/TINY-ONE/SOC` has more than one line
    hint: write it in one line
    ");
    assert_snapshot!(refused("[groups.\"tiny/TINY-ONE/SOC\"]\nroles = \"ADMIN\"\nevidence = \"console\"", &[]), @r#"
    error: lacegraph.toml, line 9: unknown key `roles`; did you mean `role`?
    hint: write [groups."ORGANIZATION/ACCOUNT/GROUP"] with the quotation marks, then role = "…" and evidence = "console, looked at by … on …"
    "#);
    let twice = format!(
        "[groups.\"tiny/TINY-ONE/SOC\"]\n{fields}\n[groups.\"tiny/tiny-one/soc\"]\nrole = \"USER\"\nevidence = \"x\""
    );
    assert_snapshot!(refused(&twice, &[]), @r"
    error: lacegraph.toml, line 11: the group `tiny/tiny-one/soc` is there twice, the other time with the role ADMIN
    hint: keep one of the two; upper and lower case count as the same
    ");
}

#[test]
fn files_that_do_not_do() {
    assert_snapshot!(refused("", &["--console-groups", "nowhere.csv"]), @r"
    error: the file of groups nowhere.csv does not exist
    hint: save the console's page of user groups as CSV (UTF-8), with the columns name and roles, and organization and account unless --console-groups ORGANIZATION/ACCOUNT=FILE says both
    ");
    assert_snapshot!(refused("", &["--console-groups", "groups.csv"]), @r"
    error: groups.csv lacks the column account
    hint: save the console's page of user groups as CSV (UTF-8), with the columns name and roles, and organization and account unless --console-groups ORGANIZATION/ACCOUNT=FILE says both
    ");
    let entry = "[groups.\"tiny/TINY-ONE/soc\"]\nrole = \"USER\"\nevidence = \"console, ann, 2026-07-01\"";
    assert_snapshot!(refused(entry, &["--console-groups", "tiny/TINY-ONE=groups.csv"]), @r"
    error: the group `SOC` confers ADMIN by the console export groups.csv, row 2 (SHA-256 9a7c7c155e47), and USER by console, ann, 2026-07-01
    hint: look at the group in the console, and correct whichever is wrong
    ");
    assert_snapshot!(refused("", &["--console-groups", "tinny/TINY-ONE=groups.csv"]), @r"
    error: groups.csv, row 2: the organization `tinny` is not configured
    hint: the organizations are tiny
    ");
}

#[test]
fn both_together_and_without_a_configuration() {
    let (mock, place) = (Mock::small(), Place::new());
    let entry = "[groups.\"tiny/TINY-ONE/auditors\"]\nrole = \"READ_ONLY\"\nevidence = \"console, ann, 2026-07-01\"";
    place.give("lacegraph.toml", format!("{}\n{entry}\n", mock.configuration("")));
    place.give("one.csv", "Name;Users;Roles\r\nSOC;ann@tiny.example;\"ADMIN,SOC analyst\"\r\nEmpty;;\r\n");
    place.give("two.csv", "account,name,roles\nTINY-TWO,SOC,READ_ONLY\n");
    let files = ["--console-groups", "tiny/TINY-ONE=one.csv", "--console-groups", "two.csv"];
    let run = place.run_with(&mock.secrets(), &[&["check"], &files[..]].concat());
    assert_eq!(run.code, 0, "{}", run.text());
    assert_snapshot!(run.err, @r"
    note: one.csv: 1 row without a role passed over
    note: the power of these roles of groups stays unknown, for it is known of ADMIN, POWER_USER, READ_ONLY and USER alone: ADMIN + SOC analyst
    ");
    let run = place.run_with(&mock.variables("tiny"), &[&["check", "--env"], &files[..]].concat());
    assert_eq!(run.code, 0, "{}", run.text());
}
