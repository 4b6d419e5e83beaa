//! What the command says of itself.

use insta::assert_snapshot;

use crate::place::Place;

#[test]
fn the_help() {
    let place = Place::new();
    let run = place.run(&["--help"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    assert_snapshot!(run.out, @"
    Who can reach which Lacework / FortiCNAPP account, in what role, and why.

    Reads the members of every account of your organizations through the vendor's API, works out who has
    access by which way, and writes it as a SQLite database, CSV and GraphViz pictures. It only ever
    reads.

    Usage: lacegraph [OPTIONS] <COMMAND>

    Commands:
      demo    Export invented organizations: no credentials needed, everything else is real
      export  Read every configured account and write who has access
      init    Begin a configuration, with the accounts that the key at hand finds
      check   Tell what an export would read, with which key, and what stands in the way
      show    Show everything that one person or service user can reach
      who     Show everybody who can reach an account
      why     Show every way in which somebody has access to an account
      verify  Check an exported run offline: hashes, and every figure, table and picture derived again
      tables  Print what every table, view and column means
      mock    Serve a mock of the API on this machine, for trying things out
      help    Print this message or the help of the given subcommand(s)

    Options:
      -v, --verbose...
              Tell on stderr what is asked: -v each wait and what is special, -vv each call. RUST_LOG
              says it in more detail

      -h, --help
              Print help (see a summary with '-h')

      -V, --version
              Print version

    Exit codes: 0 complete, 1 failed (of verify: not consistent), 2 wrong usage or configuration,
    3 written but parts are missing, 5 no account could be read, 130 interrupted.
    With 1, 2, 5 and 130 an export leaves nothing behind, but the capture that it was told to write.
    ");
}

#[test]
fn the_help_of_export() {
    let place = Place::new();
    let run = place.run(&["export", "--help"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    // Its empty lines have spaces at their ends.
    let lines: Vec<_> = run.out.lines().map(str::trim_end).collect();
    assert_snapshot!(lines.join("\n"), @"
    Read every configured account and write who has access

    Usage: lacegraph export [OPTIONS]

    Options:
          --config <FILE>
              The configuration with your organizations [default: lacegraph.toml, if it is here]

      -v, --verbose...
              Tell on stderr what is asked: -v each wait and what is special, -vv each call. RUST_LOG
              says it in more detail

          --profile <NAME>
              One organization, by its profile in ~/.lacework.toml

          --env
              One organization, by the LW_* variables, even if there is a lacegraph.toml

          --console-groups <FILE>
              What custom groups confer: the console's page of user groups as CSV; may be given several
              times

              Columns: name, roles; organization and account, unless ORGANIZATION/ACCOUNT=FILE says
              both.

          --api-model <API_MODEL>
              The access model to ask by; by itself each account is asked which one it has

              Possible values:
              - auto:         TeamMembers, else TeamUsers
              - team-members: The older one alone
              - team-users:   The newer one alone, which has no list of the organization

              [default: auto]

          --concurrency <N>
              Accounts asked at a time

              [default: 8]

          --timeout <TIME>
              How long one try of a call may take: seconds, or 30s, 5m, 1h

              [default: 10m]

          --max-wait <TIME>
              How long the run may wait in all, for the rate limit or before it tries again

              [default: 15m]

          --ca-cert <FILE>
              Trust the certificate authorities in this PEM file too, a proxy's for example

          --proxy <URL>
              The proxy to go through [default: the system's; HTTPS_PROXY and NO_PROXY tell]

          --from <CAPTURE>
              Ask nobody: make the export of this capture again

          --resume <CAPTURE>
              Go on from the capture of a run that was interrupted: what it read to its end is not asked
              again

          --resume-max-age <TIME>
              How old that capture may be

              [default: 4h]

          --with <LIST>
              Ask for more than members: audit-log or audit-log=DAYS (90 unless said), api-keys

          --out <DIR>
              The directory to write; it appears whole or not at all [default: lacegraph-TIME, in UTC]

          --replace
              Replace DIR if it is empty or holds an earlier export

          --format <LIST>
              What to write

              Possible values:
              - sqlite: lacegraph.db
              - csv:    One file a table, access.csv and effective_access.csv
              - dot:    GraphViz pictures
              - xlsx:   access.xlsx, up to 20,000 grants

              [default: sqlite,csv,dot,xlsx]

          --csv-raw
              Leave cells of CSV as they are that a spreadsheet would run as a formula

          --previous <RUN>
              The run before this one: the hash of its manifest goes into the manifest

          --sign <KEY>
              Sign the manifest with this SSH key (Ed25519, without a passphrase)

          --capture
              Take down every answer of the API in DIR.capture, without secrets: the export can be made
              again from it

          --view <VIEW>
              Draw this picture too, whatever its size

              Possible values:
              - full: Every node and edge; drawn by itself up to 200 people

          --json
              Print the summary as JSON

          --timings
              Tell how long each stage took, after the summary or in its JSON

      -h, --help
              Print help (see a summary with '-h')

      -V, --version
              Print version
    ");
}

#[test]
fn the_version() {
    let place = Place::new();
    let run = place.run(&["--version"]);
    assert_eq!((run.code, run.out), (0, format!("lacegraph {}\n", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn without_a_command_it_explains_itself() {
    let place = Place::new();
    let run = place.run(&[]);
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert!(run.err.contains("Usage: lacegraph [OPTIONS] <COMMAND>") && run.err.contains("demo"), "{}", run.err);
}
