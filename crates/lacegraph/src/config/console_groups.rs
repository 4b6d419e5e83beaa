//! The console's page of user groups, saved by hand as CSV: which roles each group confers.

use std::collections::BTreeSet;
use std::path::Path;

use csv::{ErrorKind, ReaderBuilder, StringRecord, Trim};
use lacegraph_export::manifest::sha256;
use lacegraph_fetch::{GroupMeaning, OrganizationPlan};

use super::groups::{Meanings, names, organization_named};
use super::{Configuration, document};
use crate::outcome::Failure;
use crate::summary::counted;

const HINT: &str = "save the console's page of user groups as CSV (UTF-8), with the columns name and roles, and organization \
                    and account unless --console-groups ORGANIZATION/ACCOUNT=FILE says both";

/// Adds what a file says to what the configuration does. `argument` is `FILE` or `ORGANIZATION/ACCOUNT=FILE`.
pub(super) fn read(argument: &str, configuration: &mut Configuration) -> Result<(), Failure> {
    let (place, path) = Place::split(argument);
    let text = document::read_with_mark(path, "the file of groups", HINT)?;
    let source = Source { path, organizations: &configuration.plan.organizations, place };
    let found = source.meanings(&text)?;
    let mut meanings = Meanings::default();
    for known in std::mem::take(&mut configuration.plan.groups) {
        // They have been compared with each other before.
        let _ = meanings.add(known);
    }
    for meaning in found.meanings {
        let (group, role, evidence) = (meaning.group.clone(), meaning.role.clone(), meaning.evidence.clone());
        meanings.add(meaning).map_err(|known| {
            let message = format!(
                "the group `{group}` confers {role} by the {evidence}, and {} by {}",
                known.role, known.evidence
            );
            Failure::usage(message, "look at the group in the console, and correct whichever is wrong")
        })?;
    }
    configuration.plan.groups = meanings.into_list();
    if found.without_roles > 0 {
        let rows = counted(found.without_roles, "row");
        configuration.notes.push(format!("{}: {rows} without a role passed over", path.display()));
    }
    Ok(())
}

/// The organization and the account of a whole file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Place<'a> {
    organization: Option<&'a str>,
    account: Option<&'a str>,
}

impl<'a> Place<'a> {
    /// Splits `ORGANIZATION/ACCOUNT=FILE`. What is the name of a file is one.
    fn split(argument: &'a str) -> (Self, &'a Path) {
        let whole = (Self::default(), Path::new(argument));
        if whole.1.exists() {
            return whole;
        }
        let Some((place, file)) = argument.split_once('=') else { return whole };
        match place.split_once('/') {
            Some((organization, account)) if !organization.is_empty() && !account.is_empty() => {
                (Self { organization: Some(organization), account: Some(account) }, Path::new(file))
            }
            _ => whole,
        }
    }
}

/// A file, and what is known without it.
struct Source<'a> {
    path: &'a Path,
    organizations: &'a [OrganizationPlan],
    place: Place<'a>,
}

struct Found {
    meanings: Vec<GroupMeaning>,
    without_roles: usize,
}

impl Source<'_> {
    fn failure(&self, message: &str) -> Failure {
        Failure::usage(format!("{}{message}", self.path.display()), HINT)
    }

    fn meanings(&self, text: &str) -> Result<Found, Failure> {
        let hash = sha256(text.as_bytes());
        let hash = hash.get(..12).unwrap_or(&hash);
        let text = text.trim_start_matches('\u{feff}');
        let mut reader = ReaderBuilder::new().delimiter(delimiter(text)).trim(Trim::All).from_reader(text.as_bytes());
        let columns = self.columns(reader.headers().map_err(|error| self.broken(&error))?)?;
        let file = self.path.file_name().unwrap_or(self.path.as_os_str()).to_string_lossy().into_owned();
        let mut found = Found { meanings: Vec::new(), without_roles: 0 };
        for (index, record) in reader.records().enumerate() {
            let record = record.map_err(|error| self.broken(&error))?;
            // As a spreadsheet counts: the first row holds the names of the columns.
            let row = index + 2;
            let cell = |column: Option<usize>| column.and_then(|column| record.get(column)).unwrap_or_default();
            let group = cell(Some(columns.name));
            if group.is_empty() {
                return Err(self.failure(&format!(", row {row}: there is no name of a group")));
            }
            let organization = self.organization(cell(columns.organization), row)?;
            let account = self.account(cell(columns.account), row)?;
            let Some(role) = role(cell(Some(columns.roles))) else {
                found.without_roles += 1;
                continue;
            };
            if [group, account, &role].iter().any(|text| text.starts_with('"')) {
                return Err(self.failure(&format!(", row {row}: a cell has a space before its quotation mark")));
            }
            if [group, account, &role].iter().any(|text| text.contains(char::is_control)) {
                return Err(self.failure(&format!(", row {row}: a name has more than one line")));
            }
            found.meanings.push(GroupMeaning {
                organization: organization.to_owned(),
                account: account.to_owned(),
                group: group.to_owned(),
                role,
                evidence: format!("console export {file}, row {row} (SHA-256 {hash})"),
            });
        }
        Ok(found)
    }

    /// Finds the columns by their names, in any case and order.
    fn columns(&self, header: &StringRecord) -> Result<Columns, Failure> {
        let find = |names: &[&str]| -> Result<Option<usize>, Failure> {
            let is_named = |cell: &str| names.contains(&cell.to_lowercase().replace(['_', '-'], " ").as_str());
            let mut found = header.iter().enumerate().filter(|(_, cell)| is_named(cell)).map(|(index, _)| index);
            match (found.next(), found.next()) {
                (_, Some(_)) => {
                    Err(self.failure(&format!(" has two columns that may be `{}`", names.first().unwrap_or(&""))))
                }
                (first, None) => Ok(first),
            }
        };
        let (name, roles) = (find(&["name", "group", "group name"])?, find(&["roles", "role"])?);
        let (organization, account) = (find(&["organization"])?, find(&["account"])?);
        let mut missing = Vec::new();
        let has_one_organization = self.organizations.len() == 1;
        for (name, is_there) in [
            ("name", name.is_some()),
            ("roles", roles.is_some()),
            ("organization", organization.is_some() || self.place.organization.is_some() || has_one_organization),
            ("account", account.is_some() || self.place.account.is_some()),
        ] {
            if !is_there {
                missing.push(name);
            }
        }
        match (name, roles) {
            (Some(name), Some(roles)) if missing.is_empty() => Ok(Columns { name, roles, organization, account }),
            _ => {
                let columns = if missing.len() == 1 { "column" } else { "columns" };
                Err(self.failure(&format!(" lacks the {columns} {}", missing.join(", "))))
            }
        }
    }

    /// The organization of a row: of its cell, of the argument, or the only one.
    fn organization(&self, cell: &str, row: usize) -> Result<&str, Failure> {
        let only = match self.organizations {
            [only] => Some(only.name.as_str()),
            _ => None,
        };
        let written = self
            .one_of(cell, self.place.organization, row, "organization")?
            .or(only)
            .ok_or_else(|| self.failure(&format!(", row {row}: there is no organization")))?;
        organization_named(self.organizations, written).ok_or_else(|| {
            let message = format!("{}, row {row}: the organization `{written}` is not configured", self.path.display());
            Failure::usage(message, format!("the organizations are {}", names(self.organizations)))
        })
    }

    fn account<'b>(&'b self, cell: &'b str, row: usize) -> Result<&'b str, Failure> {
        let written = self.one_of(cell, self.place.account, row, "account")?;
        written.ok_or_else(|| self.failure(&format!(", row {row}: there is no account")))
    }

    /// What the cell or the argument says; both may, if it is the same.
    fn one_of<'b>(
        &self,
        cell: &'b str,
        argument: Option<&'b str>,
        row: usize,
        what: &str,
    ) -> Result<Option<&'b str>, Failure> {
        match (Some(cell).filter(|cell| !cell.is_empty()), argument) {
            (Some(cell), Some(argument)) if cell.to_lowercase() != argument.to_lowercase() => {
                Err(self
                    .failure(&format!(", row {row}: the {what} is `{cell}`, and --console-groups says `{argument}`")))
            }
            (cell, argument) => Ok(cell.or(argument)),
        }
    }

    /// What the parser says, in words.
    fn broken(&self, error: &csv::Error) -> Failure {
        match error.kind() {
            ErrorKind::UnequalLengths { pos, expected_len, len } => {
                let row = pos.as_ref().map(|pos| format!(", row {}", pos.record() + 1)).unwrap_or_default();
                self.failure(&format!("{row}: there are {len} cells under {expected_len} names of columns"))
            }
            _ => self.failure(" cannot be read as CSV"),
        }
    }
}

/// Where the cells are that are read.
struct Columns {
    name: usize,
    roles: usize,
    organization: Option<usize>,
    account: Option<usize>,
}

/// The roles of a group as one: several, sorted, with ` + ` between; `None` where there is none.
fn role(cell: &str) -> Option<String> {
    let roles = cell.split([',', ';', '\n']).map(str::trim).filter(|role| !role.is_empty());
    let roles: BTreeSet<&str> = roles.collect();
    (!roles.is_empty()).then(|| roles.into_iter().collect::<Vec<_>>().join(" + "))
}

/// What separates cells: spreadsheets write semicolons where the comma is a decimal sign.
fn delimiter(text: &str) -> u8 {
    let header = text.trim_start().lines().next().unwrap_or_default();
    let count = |separator: char| header.matches(separator).count();
    if count(';') > count(',') { b';' } else { b',' }
}

#[cfg(test)]
mod tests {
    use lacegraph_fetch::{ApiBase, Credential};
    use lacegraph_model::Settings;

    use super::*;
    use crate::outcome::chain;

    fn configuration(organizations: &[&str]) -> Configuration {
        let plan =
            |name: &&str| OrganizationPlan::new(*name, ApiBase::parse("acme").unwrap(), Credential::new("K", "s"));
        Configuration::of(organizations.iter().map(plan).collect(), Settings::default(), String::new())
    }

    /// Reads a file of this content, with `place` before its name.
    fn read_into(configuration: &mut Configuration, place: &str, content: &[u8]) -> Result<(), String> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("groups.csv");
        fs_err::write(&path, content).unwrap();
        let result = read(&format!("{place}{}", path.display()), configuration);
        result.map_err(|failure| chain(failure.error.as_ref()).replace(&format!("{}/", directory.path().display()), ""))
    }

    /// Organization, account, group and role of each meaning.
    fn meanings(configuration: &Configuration) -> Vec<[&str; 4]> {
        configuration
            .plan
            .groups
            .iter()
            .map(|meaning| {
                [&meaning.organization, &meaning.account, &meaning.group, &meaning.role].map(|text| text.as_str())
            })
            .collect()
    }

    fn refused(place: &str, content: &str) -> String {
        read_into(&mut configuration(&["acme", "globex"]), place, content.as_bytes()).unwrap_err()
    }

    #[test]
    fn columns_are_found_by_name() {
        for content in [
            "name,roles,organization,account\nSOC,POWER_USER,acme,ACME-DEV\n",
            "\u{feff}Account;Users;Role;Organization;Group_Name\r\nACME-DEV;\"a; b\";POWER_USER;ACME;SOC\r\n",
            " ROLES , Group , ORGANIZATION , account \n\n\" POWER_USER \", SOC, acme, ACME-DEV \n",
        ] {
            let mut configuration = configuration(&["acme", "globex"]);
            read_into(&mut configuration, "", content.as_bytes()).unwrap();
            assert_eq!(meanings(&configuration), [["acme", "ACME-DEV", "SOC", "POWER_USER"]], "{content}");
            let hash = &sha256(content.as_bytes())[..12];
            let evidence = format!("console export groups.csv, row 2 (SHA-256 {hash})");
            assert_eq!(configuration.plan.groups[0].evidence, evidence);
        }
    }

    #[test]
    fn several_roles_become_one() {
        let mut configuration = configuration(&["acme"]);
        let rows = "name,roles,account\nA,\"Viewer, ADMIN;Viewer\",DEV\n\"a/b, c\",\"X\nW\",DEV\nnone,,DEV\n";
        read_into(&mut configuration, "", rows.as_bytes()).unwrap();
        let expected = [["acme", "DEV", "A", "ADMIN + Viewer"], ["acme", "DEV", "a/b, c", "W + X"]];
        assert_eq!(meanings(&configuration), expected);
        let [note] = &configuration.notes[..] else { panic!("one note") };
        assert!(note.ends_with("groups.csv: 1 row without a role passed over"), "{note}");
    }

    #[test]
    fn the_argument_says_what_the_file_does_not() {
        let mut configuration = configuration(&["acme", "globex"]);
        read_into(&mut configuration, "Globex/HQ=", b"name,role\nA,ADMIN\n").unwrap();
        read_into(&mut configuration, "acme/DEV=", b"name,role,account\nA,ADMIN,dev\nB,ADMIN,\n").unwrap();
        let expected = [["globex", "HQ", "A", "ADMIN"], ["acme", "dev", "A", "ADMIN"], ["acme", "DEV", "B", "ADMIN"]];
        assert_eq!(meanings(&configuration), expected);
        let said = refused("acme/DEV=", "name,role,account\nA,ADMIN,PROD\n");
        assert_eq!(said, "groups.csv, row 2: the account is `PROD`, and --console-groups says `DEV`");
        assert_eq!(
            refused("acmee/DEV=", "name,role\nA,ADMIN\n"),
            "groups.csv, row 2: the organization `acmee` is not configured"
        );
    }

    #[test]
    fn a_file_whose_name_looks_like_a_place_is_a_file() {
        let directory = tempfile::tempdir().unwrap();
        let argument = format!("{}/DEV=groups.csv", directory.path().display());
        fs_err::write(&argument, "").unwrap();
        assert_eq!(Place::split(&argument), (Place::default(), Path::new(&argument)));
        let place = Place { organization: Some("acme"), account: Some("DEV") };
        assert_eq!(Place::split("acme/DEV=a=b.csv"), (place, Path::new("a=b.csv")));
        assert_eq!(Place::split("a=b.csv"), (Place::default(), Path::new("a=b.csv")));
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(refused("", "group,users\n"), "groups.csv lacks the columns roles, organization, account");
        assert_eq!(refused("acme/DEV=", "users\troles\n"), "groups.csv lacks the columns name, roles");
        assert_eq!(refused("acme/DEV=", ""), "groups.csv lacks the columns name, roles");
        assert_eq!(refused("acme/DEV=", "name,group,roles\n"), "groups.csv has two columns that may be `name`");
        let whole = "name,roles,organization,account\n";
        assert_eq!(refused("", &format!("{whole},ADMIN,acme,DEV\n")), "groups.csv, row 2: there is no name of a group");
        assert_eq!(refused("", &format!("{whole}A,ADMIN,,DEV\n")), "groups.csv, row 2: there is no organization");
        assert_eq!(refused("", &format!("{whole}A,ADMIN,acme,\n")), "groups.csv, row 2: there is no account");
        let said = refused("", &format!("{whole}A,ADMIN,acme,DEV\nA, B,ADMIN,acme,DEV\n"));
        assert_eq!(said, "groups.csv, row 3: there are 5 cells under 4 names of columns");
        assert_eq!(
            refused("acme/DEV=", "name,roles\n\"a\nb\",ADMIN\n"),
            "groups.csv, row 2: a name has more than one line"
        );
        assert_eq!(
            refused("acme/DEV=", "name,roles\nA, \"ADMIN\"\n"),
            "groups.csv, row 2: a cell has a space before its quotation mark"
        );
        let mut configuration = configuration(&["acme"]);
        let said = read_into(&mut configuration, "", b"name,roles\n\xff,ADMIN\n").unwrap_err();
        assert_eq!(said, "the file of groups groups.csv is not a text file");
    }

    #[test]
    fn what_contradicts_is_refused() {
        let mut configuration = configuration(&["acme"]);
        configuration.plan.groups = vec![GroupMeaning {
            organization: "acme".to_owned(),
            account: "acme-dev".to_owned(),
            group: "soc".to_owned(),
            role: "ADMIN".to_owned(),
            evidence: "console, looked at by ann".to_owned(),
        }];
        read_into(&mut configuration, "acme/ACME-DEV=", b"name,role\nSOC,admin\n").unwrap();
        assert_eq!(meanings(&configuration), [["acme", "acme-dev", "soc", "ADMIN"]]);
        let said = read_into(&mut configuration, "acme/ACME-DEV=", b"name,role\nSOC,USER\n").unwrap_err();
        let hash = &sha256(b"name,role\nSOC,USER\n")[..12];
        assert_eq!(
            said,
            format!(
                "the group `SOC` confers USER by the console export groups.csv, row 2 (SHA-256 {hash}), and ADMIN by console, looked at by ann"
            )
        );
    }
}
