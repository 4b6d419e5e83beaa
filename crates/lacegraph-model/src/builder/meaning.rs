//! What the configuration says of custom groups: no call reveals which roles they confer.

use std::collections::BTreeSet;

use super::SnapshotBuilder;
use crate::draft::Draft;
use crate::record::{AccountId, FetchStatus, OrganizationId, Problem, Severity};
use crate::role::{built_in_group_role, spelled};

/// What somebody found out about a group.
#[derive(Debug)]
pub(super) struct Meaning {
    organization: OrganizationId,
    account: String,
    group: String,
    role: String,
    evidence: String,
}

/// Why a meaning is not used.
struct Unused {
    severity: Severity,
    account: Option<AccountId>,
    reason: String,
}

impl Unused {
    fn warning(account: AccountId, reason: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, account: Some(account), reason: reason.into() }
    }
}

impl SnapshotBuilder {
    /// Says which role a custom group of an account confers, and how that is known: `group` is its guid or name, in any case.
    ///
    /// It is stated by whoever configured it, not by the API, and becomes the group's
    /// [`confers_evidence`](crate::UserGroup::confers_evidence). One that fits no custom group is a problem.
    pub fn group_meaning(
        &mut self,
        organization: OrganizationId,
        account: &str,
        group: &str,
        role: &str,
        evidence: &str,
    ) {
        let text = |text: &str| text.trim().to_owned();
        let (account, group, role, evidence) = (text(account), text(group), text(role), text(evidence));
        self.meanings.push(Meaning { organization, account, group, role, evidence });
    }
}

/// Gives the groups of a draft the roles that the meanings state; those that fit none become problems.
pub(super) fn apply(draft: &mut Draft, meanings: &[Meaning], organizations: &[OrganizationId]) {
    for meaning in meanings {
        let organization = organizations[meaning.organization.index()];
        if let Err(unused) = apply_one(draft, meaning, organization) {
            report(draft, meaning, organization, unused);
        }
    }
}

fn apply_one(draft: &mut Draft, meaning: &Meaning, organization: OrganizationId) -> Result<(), Unused> {
    let organization_name = draft.interner.get(draft.organizations[organization.index()].name);
    let account_id = format!("{organization_name}/{}", meaning.account).to_lowercase();
    let place = draft.accounts.iter().position(|account| draft.interner.get(account.account_id) == account_id);
    let account = place.map(AccountId::from_index).ok_or_else(|| Unused {
        severity: Severity::Warning,
        account: None,
        reason: "no account of that name is known".to_owned(),
    })?;
    if meaning.role.is_empty() || meaning.group.is_empty() {
        return Err(Unused::warning(account, "it names no role or no group"));
    }
    let groups = find(draft, account, &meaning.group)?;
    let role = draft.interner.intern(spelled(&meaning.role));
    let evidence = draft.interner.intern(&meaning.evidence);
    for index in groups {
        let group = &mut draft.user_groups[index];
        (group.confers, group.confers_evidence) = (Some(role), Some(evidence));
    }
    Ok(())
}

/// The places of the one group that is meant, under each of its names: by guid, else by a name that no other group has.
fn find(draft: &Draft, account: AccountId, wanted: &str) -> Result<Vec<usize>, Unused> {
    let text = |sym| draft.interner.get(sym);
    let wanted = wanted.to_lowercase();
    let of_account = || (0..).zip(&draft.user_groups).filter(|(_, group)| group.account == account);
    let mut found: Vec<_> = of_account().filter(|(_, group)| text(group.guid).to_lowercase() == wanted).collect();
    if found.is_empty() {
        found = of_account().filter(|(_, group)| text(group.name).to_lowercase() == wanted).collect();
    }
    let guids: BTreeSet<&str> = found.iter().map(|(_, group)| text(group.guid)).collect();
    if guids.len() > 1 {
        let reason = format!("{} groups of the account have that name; say which by its guid", guids.len());
        return Err(Unused::warning(account, reason));
    }
    let Some((_, first)) = found.first() else { return Err(not_seen(draft, account)) };
    if let Some(role) = built_in_group_role(text(first.guid)) {
        return Err(Unused::warning(account, format!("it is a built-in group, which confers {role}")));
    }
    if let Some(role) = first.confers {
        let reason = format!("an entry before says of the same group that it confers {}", text(role));
        return Err(Unused::warning(account, reason));
    }
    Ok(found.into_iter().map(|(index, _)| index).collect())
}

/// Groups are known by their members alone: whether there is such a group, only an account that was read can tell.
fn not_seen(draft: &Draft, account: AccountId) -> Unused {
    let (severity, reason) = match draft.accounts[account.index()].fetch_status {
        FetchStatus::Complete => (Severity::Warning, "no member of the account is in a group of that name or guid"),
        FetchStatus::Incomplete => (Severity::Info, "no such group was seen, but the account was not read whole"),
        FetchStatus::Failed | FetchStatus::Excluded | FetchStatus::Unlisted | FetchStatus::NotAttempted => {
            (Severity::Info, "the account was not read")
        }
    };
    Unused { severity, account: Some(account), reason: reason.to_owned() }
}

fn report(draft: &mut Draft, meaning: &Meaning, organization: OrganizationId, unused: Unused) {
    let Meaning { account, group, role, .. } = meaning;
    let message = format!(
        "the configuration says that the group \u{201c}{group}\u{201d} of {account} confers {role}, which is not used: {}",
        unused.reason
    );
    let hint = match unused.severity {
        Severity::Info => "nothing, until the account is read",
        Severity::Warning | Severity::Error => "correct the entry, or take it out",
    };
    let interner = &mut draft.interner;
    draft.problems.push(Problem {
        severity: unused.severity,
        code: interner.intern("group_meaning_unused"),
        organization: Some(organization),
        account: unused.account,
        page: None,
        row_number: None,
        message: interner.intern(&message),
        hint: Some(interner.intern(hint)),
    });
}
