//! Whatever the names: the pictures can be read, and say what the graph says.

use lacegraph_model::{ApiModel, DataSource, FetchStatus, Graph};
use proptest::prelude::*;

use super::check::{check_accounts, check_full};
use super::world::{Row, World};
use super::{accounts_text, full_text};
use crate::dot_reader::{read, shown};

#[derive(Clone, Debug)]
struct AnyRow {
    organization: usize,
    account: usize,
    login: usize,
    role: usize,
    group: usize,
    organization_role: usize,
    is_disabled: bool,
    is_service: bool,
}

fn any_row() -> impl Strategy<Value = AnyRow> {
    let numbers = (0_usize..2, 0_usize..6, 0_usize..8, 0_usize..7, 0_usize..5, 0_usize..6);
    (numbers, any::<bool>(), prop::bool::weighted(0.15)).prop_map(|(numbers, is_disabled, is_service)| {
        let (organization, account, login, role, group, organization_role) = numbers;
        AnyRow { organization, account, login, role, group, organization_role, is_disabled, is_service }
    })
}

/// Names of everything that a tenant may write, with the characters that DOT, Graphviz and SVG give a meaning.
fn any_name() -> impl Strategy<Value = String> {
    let nasty =
        prop::sample::select(vec!['\\', '"', '&', ';', '\n', '\0', 'N', 'l', '<', '>', '{', '\u{202E}', '#', '/']);
    let characters = prop_oneof![3 => nasty, 2 => any::<char>(), 2 => prop::char::range('a', 'z')];
    prop::collection::vec(characters, 1..90).prop_map(|characters| characters.into_iter().collect())
}

fn any_graph() -> impl Strategy<Value = Graph> {
    let names = prop::collection::vec(any_name(), 22);
    (names, prop::collection::vec(any_row(), 0..30)).prop_map(|(names, rows)| {
        let mut world = World::new(DataSource::Live);
        let organizations: Vec<_> = (0..2)
            .map(|index| world.builder.organization(&format!("{}{index}", names[index]), "x.lacework.net"))
            .collect();
        let accounts: Vec<String> = (0..5).map(|index| format!("{}{index}", names[2 + index])).collect();
        world.account(organizations[0], &accounts[0], FetchStatus::Complete, ApiModel::TeamUsers);
        world.account(organizations[0], &accounts[1], FetchStatus::Excluded, ApiModel::TeamUsers);
        world.account(organizations[1], &accounts[2], FetchStatus::Failed, ApiModel::TeamMembers);
        let roles = ["ADMIN", "USER", "READ_ONLY", "POWER_USER", names[7].as_str(), names[8].as_str()];
        let groups = [
            ("LACEWORK_USER_GROUP_ADMIN", names[9].as_str()),
            ("LACEWORK_USER_GROUP_READ_ONLY_USER", names[10].as_str()),
            ("G", names[11].as_str()),
            ("", names[12].as_str()),
        ];
        let organization_roles = ["ORG_ADMIN", "ORG_USER", names[13].as_str()];
        for row in rows {
            let login = format!("{}@x.example", names[14 + row.login]);
            world.row(
                organizations[row.organization],
                &Row {
                    login: if row.login == 7 { &names[21] } else { &login },
                    name: Some(&names[row.login + 3]),
                    // One past the end: a row that names no account.
                    account: accounts.get(row.account).map_or("", String::as_str),
                    roles: roles.get(row.role..=row.role).unwrap_or_default(),
                    groups: groups.get(row.group..=row.group).unwrap_or_default(),
                    organization_roles: organization_roles
                        .get(row.organization_role..=row.organization_role)
                        .unwrap_or_default(),
                    is_disabled: row.is_disabled,
                    is_service: row.is_service,
                },
            );
        }
        world.finish()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_names_the_pictures_say_what_the_graph_says(graph in any_graph()) {
        let (accounts, full) = (accounts_text(&graph), full_text(&graph));
        check_accounts(&graph, &read(&accounts).unwrap());
        check_full(&graph, &read(&full).unwrap());
        // No name gets into a comment or onto a line of its own.
        for text in [&accounts, &full] {
            let comments = read(text).unwrap().comments;
            prop_assert!(comments.iter().skip(1).all(|line| line.chars().all(|c| c.is_ascii_alphanumeric() || "_: ".contains(c))));
            prop_assert!(!text.chars().any(|c| c.is_control() && c != '\n'));
        }
        prop_assert_eq!(&accounts, &accounts_text(&graph));
        prop_assert_eq!(&full, &full_text(&graph));
    }

    #[test]
    fn a_plain_name_comes_back_as_it_was(name in "[ -~à-öÀ-Ö]{0,30}[!-~]") {
        let mut world = World::new(DataSource::Live);
        let acme = world.builder.organization("acme", "acme.lacework.net");
        let name = format!("N{name}");
        world.row(acme, &Row { login: "a@x.example", name: Some(&name), account: "PROD", ..Row::default() });
        let document = read(&accounts_text(&world.finish())).unwrap();
        let label = shown(&document.nodes["u1"].attributes["label"]).unwrap();
        prop_assert_eq!(label, format!("{name}  a@x.example"));
    }
}
