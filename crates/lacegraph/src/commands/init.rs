//! `init`: a starting configuration, with the accounts that the key at hand finds.

use std::io::Write as _;
use std::path::Path;

use lacegraph_fetch::{HttpTransport, OrganizationCheck, Outlook, check};

use super::check::finds_anybody;
use super::print;
use crate::cli::ConnectionArguments;
use crate::config::{self, KeyReference, Starter};
use crate::outcome::{Code, Failure};
use crate::summary::counted;
use crate::system::System;

/// Asks what the key can see, and writes `target`, which must not be there.
pub(super) async fn run(target: &Path, connection: &ConnectionArguments, system: &System) -> Result<Code, Failure> {
    if connection.config.is_some() || !connection.console_groups.is_empty() {
        let message =
            "init begins a configuration and reads none: --config and --console-groups are for other commands";
        return Err(Failure::usage(message, "name the file to write with --out FILE"));
    }
    // Before the first call: nobody wants to hear afterwards that the file exists.
    refuse_existing(target)?;
    let starter = match config::key_reference(connection, system)? {
        Some(key) => discovered(key, connection, system).await?,
        None => {
            system.say("there is no key here yet: what is written is a form to fill in");
            Starter::placeholder()
        }
    };
    write(target, &starter.to_toml())?;
    let shown = target.display();
    print(&format!("{shown}\n"))?;
    let secret = match &starter.key {
        KeyReference::Profile(_) => String::new(),
        KeyReference::Variable { variable, .. } => format!(" (with the secret in {variable})"),
    };
    system.say(&format!("next: read {shown}, fill in what you need, and see what an export would read{secret}:"));
    system.say(&format!("  lacegraph check --config {shown}"));
    Ok(Code::Complete)
}

/// What the API tells with this key.
async fn discovered(key: KeyReference, connection: &ConnectionArguments, system: &System) -> Result<Starter, Failure> {
    // The key that was found, and not the lacegraph.toml that may be here too.
    let connection = ConnectionArguments { env: connection.profile.is_none(), ..connection.clone() };
    let configuration = config::load(&connection, system)?;
    for note in &configuration.notes {
        system.say(&format!("note: {note}"));
    }
    let plan = &configuration.plan;
    let transport = HttpTransport::for_plan(plan)?;
    let checks = check(plan, &transport, system, &()).await;
    let (Some(organization), Some(check)) = (plan.organizations.first(), checks.first()) else {
        return Err(Failure::usage("no organization was found", "name a --profile, or set the LW_* variables"));
    };
    refuse_useless(check, &configuration.origin)?;
    let readable = |outlook: &Outlook| !matches!(outlook, Outlook::Fails(_));
    let accounts: Vec<_> =
        check.accounts.iter().map(|account| (account.name.clone(), readable(&account.outlook))).collect();
    let unreadable = accounts.iter().filter(|(_, is_readable)| !is_readable).count();
    let but = if unreadable == 0 { String::new() } else { format!("; {unreadable} of them cannot be read with it") };
    let found = counted(accounts.len(), "account");
    system.say(&format!("{} knows {found} of this key's organization{but}", organization.base.host()));
    let base = &organization.base;
    let account = if base.is_vendor_host() { base.host() } else { base.to_string() };
    Ok(Starter { name: organization.name.clone(), account, key, accounts })
}

/// Ends where the key gives nothing: a configuration with it would be none to start from.
fn refuse_useless(check: &OrganizationCheck, origin: &str) -> Result<(), Failure> {
    if let Err(error) = &check.token {
        let message = format!("the key of {origin} does not work: {}", error.for_report());
        return Err(Failure::no_access(message, Some(error.hint().to_owned())));
    }
    if finds_anybody(check) {
        return Ok(());
    }
    let error = check.accounts.iter().find_map(|account| match &account.outlook {
        Outlook::Fails(error) => Some(error),
        _ => None,
    });
    let (why, hint) = match error {
        Some(error) => (error.for_report(), error.hint()),
        None => (
            "every list that answers is empty".to_owned(),
            "a key sees what its owner sees: use the key of an organization admin",
        ),
    };
    Err(Failure::no_access(format!("the key of {origin} reads no account: {why}"), Some(hint.to_owned())))
}

fn refuse_existing(target: &Path) -> Result<(), Failure> {
    if fs_err::symlink_metadata(target).is_ok() {
        let hint = "choose another name with --out FILE; a configuration is never overwritten";
        return Err(Failure::usage(format!("{} exists already", target.display()), hint));
    }
    let parent = parent(target);
    if target.file_name().is_none() || !parent.is_dir() {
        let message = format!("{} cannot be written: {} is no directory", target.display(), parent.display());
        return Err(Failure::usage(message, "make that directory, or choose another place with --out FILE"));
    }
    Ok(())
}

fn parent(target: &Path) -> &Path {
    target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes the file whole, for its owner alone, and only if there is none.
fn write(target: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        let message = format!("failed to write {}", target.display());
        Failure::failed(anyhow::Error::new(error).context(message), "check that you may write there")
    };
    // Temporary files are readable by their owner alone, and stay so when they are renamed.
    let mut file = tempfile::Builder::new()
        .prefix(".lacegraph-unfinished-")
        .tempfile_in(parent(target))
        .map_err(|error| failed(std::io::Error::from(error.kind())))?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.persist_noclobber(target).map_err(|error| failed(error.error))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_nowhere_is_there_too() {
        let place = tempfile::tempdir().unwrap();
        let link = place.path().join("link.toml");
        std::os::unix::fs::symlink("nowhere", &link).unwrap();
        assert!(refuse_existing(&link).is_err());
        assert!(write(&link, "").is_err());
        assert!(!place.path().join("nowhere").exists());
    }

    #[test]
    fn what_appears_meanwhile_is_not_overwritten() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("lacegraph.toml");
        fs_err::write(&path, "mine").unwrap();
        assert!(write(&path, "ours").is_err());
        assert_eq!(fs_err::read_to_string(&path).unwrap(), "mine");
        assert_eq!(fs_err::read_dir(place.path()).unwrap().count(), 1);
    }
}
