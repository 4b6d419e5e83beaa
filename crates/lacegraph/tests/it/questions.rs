//! `show`, `who` and `why`: answers to an exported run.

use insta::assert_snapshot;

use crate::mock::Mock;
use crate::place::Place;

/// A place with an export of the demo in `out`.
fn demo() -> Place {
    let place = Place::new();
    place.give_demo("out");
    place
}

impl Place {
    /// The answer to a question to the run in `out`.
    fn answer(&self, question: &[&str]) -> String {
        let run = self.run(&[question, &["--db", "out"]].concat());
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.text());
        run.out
    }

    /// What is said to a question that has no answer.
    fn no_answer(&self, question: &[&str]) -> String {
        self.run(&[question, &["--db", "out"]].concat()).refusal(2).to_owned()
    }
}

#[test]
fn show() {
    let place = demo();
    assert_snapshot!(place.answer(&["show", "Marcus.Oyelaran@acme.example"]), @"
    as of 2026-09-01 08:00:00 UTC PARTIAL, DEMO DATA, invented people
    marcus.oyelaran@acme.example (Marcus Oyelaran)
      ORG_ADMIN in acme, reaches 6 accounts, 6 as ADMIN, active: last login 1 day before
    ACCOUNT               ROLE   BY                 STATE      NOTE
    acme/acme-dev         ADMIN  org admin of acme  effective
    acme/acme-dev         USER   own role           weaker
    acme/acme-prod        ADMIN  org admin of acme  effective
    acme/acme-prod        ADMIN  own role           disabled
    acme/acme-sandbox     ADMIN  org admin of acme  effective  account excluded
    acme/acme-staging     ADMIN  org admin of acme  effective
    acme/acme-zurich-lab  ADMIN  org admin of acme  effective  account unlisted
    acme/shared-services  ADMIN  org admin of acme  effective
    ");
    assert_snapshot!(place.answer(&["show", "dana.whitfield@northwind-consulting.example"]), @r"
    as of 2026-09-01 08:00:00 UTC PARTIAL, DEMO DATA, invented people
    dana.whitfield@northwind-consulting.example (Dana Whitfield)
      reaches 4 accounts, 1 as ADMIN, active: last login 1 day before
    ACCOUNT             ROLE       BY                    STATE      NOTE
    acme/acme-dev       USER       own role              effective
    acme/acme-prod      ADMIN      own role              effective
    globex/globex-emea  READ_ONLY  group Read-only user  effective
    globex/globex-hq    USER       own role              effective  account incomplete
    ");
    assert_snapshot!(place.answer(&["show", "gerald.pike@acme.example"]), @"
    as of 2026-09-01 08:00:00 UTC PARTIAL, DEMO DATA, invented people
    gerald.pike@acme.example (Gerald Pike)
      ORG_ADMIN in acme (disabled), disabled, reaches 0 accounts, 0 as ADMIN, dormant: last login 318 days before
    ACCOUNT               ROLE   BY                 STATE     NOTE
    acme/acme-dev         ADMIN  org admin of acme  disabled
    acme/acme-prod        ADMIN  org admin of acme  disabled
    acme/acme-prod        ADMIN  own role           disabled
    acme/acme-sandbox     ADMIN  org admin of acme  disabled  account excluded
    acme/acme-staging     ADMIN  org admin of acme  disabled
    acme/acme-staging     ADMIN  own role           disabled
    acme/acme-zurich-lab  ADMIN  org admin of acme  disabled  account unlisted
    acme/shared-services  ADMIN  org admin of acme  disabled
    ");
    assert_snapshot!(place.answer(&["show", "noor.haddad@acme.example"]), @"
    as of 2026-09-01 08:00:00 UTC PARTIAL, DEMO DATA, invented people
    noor.haddad@acme.example (Noor Haddad)
      reaches 0 accounts, 0 as ADMIN, never logged in
    ACCOUNT        ROLE     BY        STATE      NOTE
    acme/acme-dev  NO_ROLE  own role  effective
    ");
    assert_snapshot!(place.answer(&["show", "service:globex/shared-services/ci-reader"]), @r"
    as of 2026-09-01 08:00:00 UTC PARTIAL, DEMO DATA, invented people
    service:globex/shared-services/ci-reader
      service user, reaches 1 account, 0 as ADMIN, does not log in
    ACCOUNT                 ROLE       BY                    STATE      NOTE
    globex/shared-services  READ_ONLY  group Read-only user  effective
    ");
    assert_snapshot!(place.answer(&["show", "local:acme/acme-prod/breakglass"]), @r"
    as of 2026-09-01 08:00:00 UTC PARTIAL, DEMO DATA, invented people
    local:acme/acme-prod/breakglass
      reaches 1 account, 1 as ADMIN, never logged in
    ACCOUNT         ROLE   BY        STATE      NOTE
    acme/acme-prod  ADMIN  own role  effective
    ");
}

#[test]
fn who() {
    let place = demo();
    assert_snapshot!(place.answer(&["who", "acme-staging"]), @r"
    as of 2026-09-01 08:00:00 UTC PARTIAL, DEMO DATA, invented people
    acme/acme-staging is complete
      warning: felix.brandt@acme.example holds an organization role in acme, is disabled in ACME-STAGING and enabled elsewhere; the organization role counts as enabled
    11 users can reach it now
    WHO                                 ROLE   BY                 STATE      LOGIN
    anna.schmidt@acme.example           ADMIN  own role           effective  active 90 d ago
    audit@acme.example                  ADMIN  org admin of acme  effective  active 1 d ago
    erik.sorensen@contractor.example    ADMIN  org admin of acme  disabled   dormant 238 d ago
    felix.brandt@acme.example           ADMIN  own role           disabled   active 2 d ago
    felix.brandt@acme.example           USER   org user of acme   effective  active 2 d ago
    gerald.pike@acme.example            ADMIN  org admin of acme  disabled   dormant 318 d ago
    ingrid.halvorsen@acme.example       ADMIN  org admin of acme  effective  no_membership
    lena.vogt@acme.example              ADMIN  org admin of acme  effective  active 0 d ago
    marcus.oyelaran@acme.example        ADMIN  org admin of acme  effective  active 1 d ago
    wei.lee@contractor.example          ADMIN  own role           effective  dormant 250 d ago
    yuki.tanaka@acme.example            ADMIN  own role           effective  active 0 d ago
    carlos.mendes@acme.example          USER   own role           effective  active 90 d ago
    local:acme/acme-staging/breakglass  USER   own role           effective  never
    sam.summers@acme.example            USER   own role           effective  active 27 d ago
    ");
    assert_snapshot!(place.answer(&["who", "Globex/Shared-Services"]), @r"
    as of 2026-09-01 08:00:00 UTC PARTIAL, DEMO DATA, invented people
    globex/shared-services is complete
    7 users can reach it now
    WHO                                       ROLE                               BY                       STATE      LOGIN
    helena.costa@globex.example               ADMIN                              org admin of globex      effective  active 0 d ago
    priya.raman@globex.example                ADMIN                              org admin of globex      effective  active 0 d ago
    kofi.mensah@globex.example                POWER_USER                         group Power user         effective  active 2 d ago
    milan.horvat@globex.example               Incident Response (unknown power)  group Incident Response  effective  active 10 d ago
    jonas.weber@globex.example                READ_ONLY                          org user of globex       effective  active 0 d ago
    liam.osullivan@globex.example             READ_ONLY                          org user of globex       effective  never
    service:globex/shared-services/ci-reader  READ_ONLY                          group Read-only user     effective  not_applicable
    ");
    // Failed, excluded and unlisted: who inherits access is known all the same, and that more may be missing is said.
    assert_snapshot!(place.answer(&["who", "GLOBEX-APAC"]), @"
    as of 2026-09-01 08:00:00 UTC PARTIAL, DEMO DATA, invented people
    globex/globex-apac is failed: TeamMembers page 1: status 500: Internal server error: unable to load team members, request id 4be1c7d2 (4 tries)
    at least 4 users can reach it now
    WHO                            ROLE   BY                   STATE      LOGIN
    helena.costa@globex.example    ADMIN  org admin of globex  effective  active 0 d ago
    priya.raman@globex.example     ADMIN  org admin of globex  effective  active 0 d ago
    jonas.weber@globex.example     USER   org user of globex   effective  active 0 d ago
    liam.osullivan@globex.example  USER   org user of globex   effective  never
    ");
    assert_snapshot!(place.answer(&["who", "acme-sandbox"]), @"
    as of 2026-09-01 08:00:00 UTC PARTIAL, DEMO DATA, invented people
    acme/acme-sandbox is excluded: left out by the configuration; records of the organization's list left out: 3
    at least 6 users can reach it now
    WHO                               ROLE   BY                 STATE      LOGIN
    audit@acme.example                ADMIN  org admin of acme  effective  active 1 d ago
    erik.sorensen@contractor.example  ADMIN  org admin of acme  disabled   dormant 238 d ago
    gerald.pike@acme.example          ADMIN  org admin of acme  disabled   dormant 318 d ago
    ingrid.halvorsen@acme.example     ADMIN  org admin of acme  effective  no_membership
    lena.vogt@acme.example            ADMIN  org admin of acme  effective  active 0 d ago
    marcus.oyelaran@acme.example      ADMIN  org admin of acme  effective  active 1 d ago
    felix.brandt@acme.example         USER   org user of acme   effective  active 2 d ago
    yuki.tanaka@acme.example          USER   org user of acme   effective  active 0 d ago
    ");
    assert_snapshot!(place.answer(&["who", "acme-zurich-lab"]), @"
    as of 2026-09-01 08:00:00 UTC PARTIAL, DEMO DATA, invented people
    acme/acme-zurich-lab is unlisted: named by members alone
      warning: members name this account, no directory and no configuration of organization acme does; it was not asked
    at least 7 users can reach it now
    WHO                               ROLE   BY                 STATE      LOGIN
    audit@acme.example                ADMIN  org admin of acme  effective  active 1 d ago
    erik.sorensen@contractor.example  ADMIN  org admin of acme  disabled   dormant 238 d ago
    gerald.pike@acme.example          ADMIN  org admin of acme  disabled   dormant 318 d ago
    ingrid.halvorsen@acme.example     ADMIN  org admin of acme  effective  no_membership
    lena.vogt@acme.example            ADMIN  org admin of acme  effective  active 0 d ago
    marcus.oyelaran@acme.example      ADMIN  org admin of acme  effective  active 1 d ago
    urs.gerber@acme.example           ADMIN  own role           effective  active 13 d ago
    felix.brandt@acme.example         USER   org user of acme   effective  active 2 d ago
    yuki.tanaka@acme.example          USER   org user of acme   effective  active 0 d ago
    ");
}

#[test]
fn why() {
    let place = demo();
    assert_snapshot!(place.answer(&["why", "marcus.oyelaran@acme.example", "acme-prod"]), @r"
    as of 2026-09-01 08:00:00 UTC PARTIAL, DEMO DATA, invented people
    marcus.oyelaran@acme.example reaches acme/acme-prod as ADMIN
    * marcus.oyelaran@acme.example -holds-> acme:ORG_ADMIN -implies-> ACME-PROD:ADMIN  [effective]
      marcus.oyelaran@acme.example -holds-> ACME-PROD:ADMIN  [disabled]
    ");
    assert_snapshot!(place.answer(&["why", "carla.rossi@globex.example", "globex-emea"]), @r"
    as of 2026-09-01 08:00:00 UTC PARTIAL, DEMO DATA, invented people
    carla.rossi@globex.example reaches globex/globex-emea as POWER_USER
    * carla.rossi@globex.example -in-> GLOBEX-EMEA:[Power user] -confers-> GLOBEX-EMEA:POWER_USER  [effective]
      carla.rossi@globex.example -in-> GLOBEX-EMEA:[Cloud Auditors] -confers-> GLOBEX-EMEA:Cloud Auditors  [weaker]
      a custom group is among the ways: the API does not tell what its roles allow
    ");
    assert_snapshot!(place.answer(&["why", "gerald.pike@acme.example", "acme-prod"]), @r"
    as of 2026-09-01 08:00:00 UTC PARTIAL, DEMO DATA, invented people
    gerald.pike@acme.example reaches acme/acme-prod by nothing that is in force
      gerald.pike@acme.example -holds-> acme:ORG_ADMIN -implies-> ACME-PROD:ADMIN  [disabled]
      gerald.pike@acme.example -holds-> ACME-PROD:ADMIN  [disabled]
    ");
    assert_snapshot!(place.answer(&["why", "noor.haddad@acme.example", "acme-dev"]), @r"
    as of 2026-09-01 08:00:00 UTC PARTIAL, DEMO DATA, invented people
    noor.haddad@acme.example is a member of acme/acme-dev without a role
    * noor.haddad@acme.example -holds-> ACME-DEV:NO_ROLE  [effective]
    ");
    assert_snapshot!(place.answer(&["why", "noor.haddad@acme.example", "acme-prod"]), @r"
    as of 2026-09-01 08:00:00 UTC PARTIAL, DEMO DATA, invented people
    noor.haddad@acme.example has no access to acme/acme-prod
    ");
    assert_snapshot!(place.answer(&["why", "noor.haddad@acme.example", "globex-apac"]), @r"
    as of 2026-09-01 08:00:00 UTC PARTIAL, DEMO DATA, invented people
    noor.haddad@acme.example has no access to globex/globex-apac
      but that account was not read whole (failed): there may be access that was not seen
    ");
}

#[test]
fn the_small_run() {
    let (mock, place) = (Mock::small(), Place::new());
    let run = place.run_with(&mock.variables("tiny"), &["export", "--env", "--out", "out"]);
    assert_eq!(run.code, 0, "{}", run.text());
    // The first line tells the time of the export.
    let answer = |question: &[&str]| {
        let answer = place.answer(question);
        let (title, answer) = answer.split_once('\n').unwrap();
        assert!(title.starts_with("as of 20") && !title.contains("PARTIAL") && !title.contains("DEMO"), "{title}");
        answer.to_owned()
    };
    assert_snapshot!(answer(&["show", "bob@tiny.example"]), @"
    bob@tiny.example
      ORG_USER in tiny, reaches 2 accounts, 1 as ADMIN, login unknown
    ACCOUNT        ROLE   BY                STATE      NOTE
    tiny/tiny-one  USER   org user of tiny  effective
    tiny/tiny-two  ADMIN  own role          effective
    tiny/tiny-two  USER   org user of tiny  weaker
    ");
    assert_snapshot!(answer(&["who", "tiny-two"]), @r"
    tiny/tiny-two is complete
    3 users can reach it now
    WHO                ROLE   BY                 STATE      LOGIN
    ann@tiny.example   ADMIN  org admin of tiny  effective  unknown
    bob@tiny.example   ADMIN  own role           effective  unknown
    cleo@tiny.example  USER   own role           effective  unknown
    eve@tiny.example   USER   own role           disabled   unknown
    ");
    assert_snapshot!(answer(&["why", "bob@tiny.example", "tiny-two"]), @r"
    bob@tiny.example reaches tiny/tiny-two as ADMIN
    * bob@tiny.example -holds-> TINY-TWO:ADMIN  [effective]
      bob@tiny.example -holds-> tiny:ORG_USER -implies-> TINY-TWO:USER  [weaker]
    ");
    assert_snapshot!(answer(&["why", "eve@tiny.example", "tiny-two"]), @r"
    eve@tiny.example reaches tiny/tiny-two by nothing that is in force
      eve@tiny.example -holds-> TINY-TWO:USER  [disabled]
    ");
}

#[test]
fn a_name_that_means_nobody_or_more_than_one() {
    let place = demo();
    assert_snapshot!(place.no_answer(&["show", "dana"]), @"
    error: nobody is known as `dana`, and not everything was read: acme/acme-sandbox (excluded), acme/acme-zurich-lab (unlisted), globex/globex-apac (failed), globex/globex-hq (incomplete)
    hint: did you mean dana.whitfield@northwind-consulting.example?
    ");
    assert_snapshot!(place.no_answer(&["show", "nobody@nowhere.example"]), @"
    error: nobody is known as `nobody@nowhere.example`, and not everything was read: acme/acme-sandbox (excluded), acme/acme-zurich-lab (unlisted), globex/globex-apac (failed), globex/globex-hq (incomplete)
    hint: identities are in the table `users`; e-mails count in any case
    ");
    assert_snapshot!(place.no_answer(&["show", ""]), @"
    error: nobody is known as ``, and not everything was read: acme/acme-sandbox (excluded), acme/acme-zurich-lab (unlisted), globex/globex-apac (failed), globex/globex-hq (incomplete)
    hint: identities are in the table `users`; e-mails count in any case
    ");
    assert_snapshot!(place.no_answer(&["why", "nobody@nowhere.example", "acme-prod"]), @"
    error: nobody is known as `nobody@nowhere.example`, and not everything was read: acme/acme-sandbox (excluded), acme/acme-zurich-lab (unlisted), globex/globex-apac (failed), globex/globex-hq (incomplete)
    hint: identities are in the table `users`; e-mails count in any case
    ");
    assert_snapshot!(place.no_answer(&["who", "shared-services"]), @r"
    error: 2 accounts are named `shared-services`: acme/shared-services, globex/shared-services
    hint: name one of them as ORGANIZATION/NAME
    ");
    assert_snapshot!(place.no_answer(&["why", "yuki.tanaka@acme.example", "SHARED-SERVICES"]), @r"
    error: 2 accounts are named `SHARED-SERVICES`: acme/shared-services, globex/shared-services
    hint: name one of them as ORGANIZATION/NAME
    ");
    assert_snapshot!(place.no_answer(&["who", "acme-prd"]), @"
    error: there is no account `acme-prd`
    hint: the accounts are acme/acme-dev, acme/acme-prod, acme/acme-sandbox, acme/acme-staging, acme/acme-zurich-lab, acme/shared-services, globex/globex-apac, globex/globex-emea, globex/globex-hq, globex/shared-services
    ");
    assert_snapshot!(place.no_answer(&["who", "globex/acme-prod"]), @"
    error: there is no account `globex/acme-prod`
    hint: the accounts are acme/acme-dev, acme/acme-prod, acme/acme-sandbox, acme/acme-staging, acme/acme-zurich-lab, acme/shared-services, globex/globex-apac, globex/globex-emea, globex/globex-hq, globex/shared-services
    ");
}

#[test]
fn answers_as_json() {
    let place = demo();
    let json = |question: &[&str]| place.run(&[question, &["--db", "out", "--json"]].concat()).json();
    let show = json(&["show", "yuki.tanaka@acme.example"]);
    assert_eq!((&show["run"]["data_source"], &show["run"]["snapshot_status"]), (&"demo".into(), &"partial".into()));
    assert_eq!(show["user"]["identity"], "yuki.tanaka@acme.example");
    // As fixtures/demo/README.md has it: six inherited rows, one direct in ACME-STAGING and one in ACME-PROD.
    assert_eq!(show["access"].as_array().unwrap().len(), 8);

    let who = json(&["who", "globex-apac"]);
    assert_eq!(who["account"]["fetch_status"], "failed");
    assert_eq!(who["problems"].as_array().unwrap().len(), 1);
    assert_eq!(who["access"].as_array().unwrap().len(), 4);

    let why = json(&["why", "yuki.tanaka@acme.example", "acme-staging"]);
    let ways = why["ways"].as_array().unwrap();
    assert_eq!(ways.len(), 2);
    assert_eq!(ways[0]["path"], "yuki.tanaka@acme.example -holds-> ACME-STAGING:ADMIN");
    assert_eq!((&ways[0]["is_effective"], &ways[1]["is_effective"]), (&true.into(), &false.into()));
    assert_eq!(ways[1]["grant_origin"], "org_user");

    let run = place.run(&["who", "nowhere", "--db", "out", "--json"]);
    assert!(run.refusal(2).contains("there is no account `nowhere`"), "{}", run.err);
}
