//! One organization: its list, and where that is not enough, the lists of its accounts.

use std::collections::BTreeSet;

use lacegraph_model::{
    AccountId, AccountView, ApiModel, ExpectedFrom, FetchStatus, ORG_ADMIN, ORG_USER, OrganizationId, Severity,
};

use crate::check::KeyOwner;
use crate::directory::{Directory, read_directory};
use crate::error::{CallError, FetchError};
use crate::list::{CallRecord, PageWalk, Step};
use crate::observer::Event;
use crate::own_list::{Asker, COVERED, ListEnd, Target, fewer_rows, only_the_key_owner, page_failed};
use crate::plan::{AccountPlan, OrganizationPlan, Plan};
use crate::problems::{Trouble, write_calls, write_notes};
use crate::recorder::{Recorder, Turn};
use crate::session::{Context, Exchange, Session, own_sessions};
use crate::statements::{ListId, Listed, Notes, PageRows};
use crate::transport::{Endpoint, Scope};
use crate::wire::Profile;

/// Reads one organization into the recorder.
pub(crate) async fn read_organization(
    context: Context<'_>,
    recorder: &Recorder,
    plan: &OrganizationPlan,
    run: &Plan,
) -> Result<(), FetchError> {
    context.observer.notice(&Event::OrganizationStarted { organization: &plan.name });
    let (name, host) = (plan.name.clone(), plan.shown_host.clone().unwrap_or_else(|| plan.base.host()));
    let id = recorder.ask(move |recording| recording.builder.organization(&name, &host)).await?;
    let reading = Reading {
        recorder,
        plan,
        id,
        concurrency: run.concurrency.max(1),
        session: Session::new(context, &plan.name, &plan.base, plan.credential.as_ref(), None),
        own_sessions: own_sessions(context, plan),
    };
    reading.run().await?;
    reading.tell_what_was_taken_over().await?;
    context.observer.notice(&Event::OrganizationFinished { organization: &plan.name });
    Ok(())
}

/// What the organization's list turned out to be.
pub(crate) enum OrganizationList {
    /// Complete, with rows.
    Whole,
    /// Without any row, incomplete, or refused: each account must be asked.
    NotEnough,
    /// Complete, but it names one person alone, by name in lower case, who may be the key's owner: each account must be
    /// asked.
    OnlyOne(String),
}

/// One organization being read.
pub(crate) struct Reading<'a> {
    pub(crate) recorder: &'a Recorder,
    pub(crate) plan: &'a OrganizationPlan,
    pub(crate) id: OrganizationId,
    pub(crate) concurrency: usize,
    pub(crate) session: Session<'a>,
    pub(crate) own_sessions: Vec<Session<'a>>,
}

impl Reading<'_> {
    async fn run(&self) -> Result<(), FetchError> {
        let signed_in = self.session.sign_in().await;
        self.write_exchange(&self.session, None).await?;
        let (profile, list) = match &signed_in {
            Ok(()) => {
                // Neither call needs the other's answer; what they say is recorded one after the other.
                let mut walk = PageWalk::new(&self.session, Endpoint::OrganizationMembers, None, Scope::Organization);
                let (directory, first) = tokio::join!(read_directory(&self.session), walk.next());
                let profile = self.directory(directory).await?;
                if let Some(profile) = &profile {
                    let (organization, owner) = (&*self.plan.name, &KeyOwner::of(profile));
                    self.session.observer().notice(&Event::KeyOwnerKnown { organization, owner });
                }
                let list = self.organization_list(walk, first, profile.as_ref()).await?;
                (profile, list)
            }
            Err(CallError::NoKey { .. }) => {
                let message = "the organization has no key of its own: organization admins and users are known only as far as the accounts' own lists name them";
                let hint = "nothing, if that is meant; else give the organization the key of an organization admin";
                self.write(Trouble::new(Severity::Info, "no_organization_key", message, hint)).await?;
                (None, OrganizationList::NotEnough)
            }
            Err(error) => {
                let message = error.for_report();
                self.write(Trouble::new(Severity::Error, "organization_failed", message, error.hint())).await?;
                (None, OrganizationList::NotEnough)
            }
        };
        let targets = self.targets(profile.as_ref(), signed_in.as_ref().err()).await?;
        self.session.observer().notice(&Event::DirectoryKnown {
            organization: &self.plan.name,
            accounts: targets.len(),
            from_directory: profile.as_ref().is_some_and(|profile| !profile.accounts.is_empty()),
        });
        let is_list_enough = self.own_lists(&targets, &list, signed_in.is_err()).await?;
        for session in &self.own_sessions {
            let of = |target: &&Target| target.session.is_some_and(|i| std::ptr::eq(&self.own_sessions[i], session));
            if let Some(target) = targets.iter().find(of) {
                self.write_exchange(session, Some(target.id)).await?;
            }
        }
        if let Some(profile) = &profile {
            self.settle_nameless(profile, is_list_enough).await?;
        }
        self.settle_scope(profile.is_some() || !self.plan.accounts.is_empty()).await?;
        match profile {
            Some(profile) => self.check_key_owner(profile).await,
            None => Ok(()),
        }
    }

    /// Records the accounts that the directory lists. `None` where it does not answer.
    async fn directory(&self, directory: Directory) -> Result<Option<Profile>, FetchError> {
        let Directory { profile, call } = directory;
        let id = self.id;
        self.recorder
            .ask(move |recording| {
                write_calls(&mut recording.builder, id, None, call.as_slice());
                let profile = match profile {
                    Ok(profile) => profile,
                    Err(error) => {
                        let message =
                            format!("the API's own list of accounts is not to be had: {}", error.for_report());
                        let hint = "with the key of an organization admin the API lists the accounts to expect; \
                                    without, name them in the configuration";
                        let severity = if error.is_directory_refused() { Severity::Info } else { Severity::Error };
                        let hint = if severity == Severity::Info { hint } else { error.hint() };
                        Trouble::new(severity, "directory_not_available", message, hint)
                            .write(&mut recording.builder, id);
                        return None;
                    }
                };
                for entry in &profile.accounts {
                    let account = recording.builder.account(id, &entry.name);
                    if let Some(guid) = &entry.cust_guid {
                        recording.learn(id, guid, account, &entry.name);
                    }
                }
                if profile.unusable > 0 {
                    let message = match profile.unusable {
                        1 => "1 entry or value of the directory is not understood".to_owned(),
                        more => format!("{more} entries or values of the directory are not understood"),
                    };
                    let hint = "name the accounts in the configuration if any is missing from the result";
                    Trouble::new(Severity::Error, "directory_entry_not_understood", message, hint)
                        .write(&mut recording.builder, id);
                }
                Some(profile)
            })
            .await
    }

    /// Reads the organization's list, of which the first page is there, page by page while the pages before are being
    /// recorded.
    async fn organization_list(
        &self,
        mut walk: PageWalk<'_, '_>,
        first: Option<Step>,
        profile: Option<&Profile>,
    ) -> Result<OrganizationList, FetchError> {
        let (mut replies, mut rows, mut pages) = (Vec::new(), 0, 0);
        let mut end = ListEnd::Whole;
        let mut next = first;
        while let Some(step) = next {
            let id = self.id;
            let calls: Vec<CallRecord> = step.call.into_iter().collect();
            let page = match step.outcome {
                Ok(page) => Some(page),
                Err(error) => {
                    end = if pages == 0 { ListEnd::Refused(error) } else { ListEnd::Broken { page: pages + 1, error } };
                    None
                }
            };
            rows += page.as_ref().map_or(0, |page| page.rows);
            pages += u32::from(page.is_some());
            let record = move |turn: Turn| {
                let page = page.and_then(|page| Some((page.number, page.text?)));
                let rows = page.as_ref().map(|(_, text)| PageRows::parse(ApiModel::TeamMembers, text));
                turn.take(|recording| {
                    write_calls(&mut recording.builder, id, None, &calls);
                    let mut notes = Notes::default();
                    if let (Some((number, _)), Some(rows)) = (&page, rows) {
                        let list = ListId { organization: id, account: None, is_primary: false };
                        rows.record(recording, &list, *number, &mut notes);
                    }
                    write_notes(&mut recording.builder, id, None, &notes);
                    (notes.faults.len(), notes.people)
                })
            };
            replies.push(self.recorder.submit(record).await?);
            next = walk.next().await;
        }
        let (mut faults, mut people) = (0, Listed::Nobody);
        for reply in replies {
            let (more, others) = reply.get().await?;
            faults += more;
            people = people.and(others);
        }
        if let (ListEnd::Whole, Some((rows, total))) = (&end, walk.shortfall()) {
            end = ListEnd::Short { rows, total };
        }
        let trouble = match &end {
            ListEnd::Whole if rows > 0 && faults == 0 => match (people.one(), asker(profile, None)) {
                (Some(one), Asker::NoAdmin(owner)) if one == owner => only_the_key_owner(true),
                (Some(one), Asker::Unknown) => return Ok(OrganizationList::OnlyOne(one)),
                _ => return Ok(OrganizationList::Whole),
            },
            ListEnd::Whole if rows > 0 => return Ok(OrganizationList::NotEnough),
            ListEnd::Whole => Trouble::new(
                Severity::Info,
                "organization_list_empty",
                "the organization's list is empty; every account was asked on its own",
                "nothing, if the accounts were read; else use the key of an organization admin",
            ),
            ListEnd::Short { rows, total } => fewer_rows(*rows, *total),
            ListEnd::Broken { page, error } => page_failed(error, *page),
            ListEnd::Refused(error) if error.is_refusal() => Trouble::new(
                Severity::Info,
                "organization_list_refused",
                format!(
                    "the organization's list is not to be had, every account was asked on its own: {}",
                    error.for_report()
                ),
                "nothing, if the accounts were read; else use the key of an organization admin",
            ),
            // Organization admins without an account of their own are in no other list.
            ListEnd::Refused(error) => Trouble::new(
                Severity::Error,
                "organization_list_failed",
                format!(
                    "the organization's list could not be read, every account was asked on its own: {}",
                    error.for_report()
                ),
                error.hint(),
            ),
        };
        self.write(trouble).await?;
        Ok(OrganizationList::NotEnough)
    }

    /// The accounts to read, sorted by name: those of the directory and the configuration, else the host's.
    async fn targets(&self, profile: Option<&Profile>, key: Option<&CallError>) -> Result<Vec<Target>, FetchError> {
        let listed: Vec<String> =
            profile.iter().flat_map(|profile| &profile.accounts).map(|entry| entry.name.clone()).collect();
        let nameless: Vec<String> = profile.map(|profile| profile.nameless.clone()).unwrap_or_default();
        let configured = self.plan.accounts.clone();
        let fallback = self.plan.primary_account().to_owned();
        let (id, filter) = (self.id, self.plan.filter.clone());
        let (expected, has_names) = self
            .recorder
            .ask(move |recording| {
                // An account that the directory lists by its key alone may have got its name by the organization's list.
                let identified: Vec<_> = nameless.iter().filter_map(|guid| recording.known(id, guid)).collect();
                let unidentified = nameless.len() - identified.len();
                let mut expected: BTreeSet<AccountId> = identified.into_iter().map(|known| known.id).collect();
                let builder = &mut recording.builder;
                expected.extend(listed.iter().map(|name| builder.account(id, name)));
                let in_directory = expected.len() + unidentified;
                for AccountPlan { name, owner, environment, audit_scope, .. } in &configured {
                    let account = builder.account(id, name);
                    builder.set_facts(account, owner.as_deref(), environment.as_deref(), audit_scope.as_deref());
                    expected.insert(account);
                }
                let all = expected.len() + unidentified;
                let has_names = !expected.is_empty();
                if !has_names {
                    expected.insert(builder.account(id, &fallback));
                }
                builder.set_expected_from(
                    id,
                    match in_directory {
                        0 => ExpectedFrom::Configuration,
                        listed if listed == all => ExpectedFrom::Directory,
                        _ => ExpectedFrom::Both,
                    },
                );
                let mut admitted = Vec::new();
                for view in builder.accounts(id) {
                    if !expected.contains(&view.id) {
                        continue;
                    }
                    if filter.admits(&view.name) {
                        builder.set_status(view.id, FetchStatus::NotAttempted, None);
                        admitted.push((view.id, view.name));
                    } else {
                        builder.set_status(view.id, FetchStatus::Excluded, Some("left out by the configuration"));
                    }
                }
                (admitted, has_names)
            })
            .await?;
        let target = |(account, name)| {
            let target = self.target(account, name, has_names, key);
            // Whose key of its own an account has is not asked.
            let profile = profile.filter(|_| target.session.is_none());
            Target { asker: asker(profile, Some(&target.name)), ..target }
        };
        Ok(expected.into_iter().map(target).collect())
    }

    fn target(&self, id: AccountId, name: String, has_names: bool, key: Option<&CallError>) -> Target {
        let (session, obstacle) = match self.plan.session_of(&name, &self.own_sessions) {
            Ok(Some(index)) => (Some(index), None),
            Ok(None) => (None, key.cloned()),
            Err(error) => (None, Some(error)),
        };
        // Where nothing names an account, the host is asked for its primary one, whose name is not certain.
        let scope = if has_names { Scope::Account(name.clone()) } else { Scope::Primary };
        Target { id, name, session, scope, obstacle, asker: Asker::Unknown }
    }

    /// Says what became of the accounts that the directory lists without a name: they cannot be asked for.
    async fn settle_nameless(&self, profile: &Profile, is_list_enough: bool) -> Result<(), FetchError> {
        let (id, filter, nameless) = (self.id, self.plan.filter.clone(), profile.nameless.clone());
        self.recorder
            .ask(move |recording| {
                for guid in nameless {
                    let known = recording.known(id, &guid).map(|known| (known.id, Some(known.name.clone())));
                    let builder = &mut recording.builder;
                    let (account, name) = known.unwrap_or_else(|| {
                        let account = builder.account(id, &guid);
                        builder.learn_cust_guid(id, &guid, account);
                        (account, None)
                    });
                    let is_settled = |view: &AccountView| view.id == account && view.status != FetchStatus::Unlisted;
                    let is_left_out = name.is_some_and(|name| !filter.admits(&name));
                    if is_left_out || builder.accounts(id).iter().any(is_settled) {
                        continue;
                    }
                    let is_named = builder.accounts_named_by_organization_list(id).contains(&account);
                    if is_named && is_list_enough {
                        builder.set_status(account, FetchStatus::Complete, Some(COVERED));
                        continue;
                    }
                    let status = if is_named { FetchStatus::Incomplete } else { FetchStatus::Failed };
                    let message =
                        "the directory lists this account by its key alone; without a name it cannot be asked";
                    let hint = "find the account's name in the console and name it in the configuration";
                    Trouble::new(Severity::Error, "account_without_name", message, hint)
                        .of(Some(account))
                        .write(builder, id);
                    builder.set_status(account, status, Some(message));
                }
            })
            .await
    }

    /// Warns of accounts that only members name, and of patterns that are likely a mistake; marks those accounts as excluded
    /// that the configuration leaves out.
    async fn settle_scope(&self, is_listed: bool) -> Result<(), FetchError> {
        let (id, filter) = (self.id, self.plan.filter.clone());
        self.recorder
            .ask(move |recording| {
                for view in recording.builder.accounts(id) {
                    if view.status != FetchStatus::Unlisted {
                        continue;
                    }
                    // Patterns are on names: an account known by its key alone matches none, and may be any.
                    let is_named = recording.builder.find_account(id, &view.name) == Some(view.id);
                    if is_named && !filter.admits(&view.name) {
                        let detail = Some("left out by the configuration");
                        recording.builder.set_status(view.id, FetchStatus::Excluded, detail);
                        continue;
                    }
                    let message = "members name this account, no directory and no configuration does; it was not asked";
                    let hint = "find out whose account it is; if it is yours, name it in the configuration";
                    let trouble = Trouble::new(Severity::Warning, "unlisted_account", message, hint);
                    trouble.of(Some(view.id)).write(&mut recording.builder, id);
                    recording.builder.set_status(view.id, FetchStatus::Unlisted, Some("named by members alone"));
                }
                if !is_listed {
                    // Nothing told which accounts there are: that no pattern matches means nothing.
                    return;
                }
                let accounts = recording.builder.accounts(id);
                let names: Vec<String> = accounts.iter().map(|view| view.name.clone()).collect();
                for pattern in filter.idle_patterns(&names) {
                    let message = format!("the pattern `{pattern}` of include or exclude matches no account");
                    let hint = "correct it or take it out; as it is, accounts may be read or left out that were not meant to be";
                    Trouble::new(Severity::Warning, "idle_pattern", message, hint).write(&mut recording.builder, id);
                }
                if !accounts.is_empty() && accounts.iter().all(|view| view.status == FetchStatus::Excluded) {
                    let message = "include and exclude leave out every account of this organization: nothing of it was read";
                    let hint = "correct the patterns, or take the organization out of the configuration";
                    Trouble::new(Severity::Warning, "nothing_in_scope", message, hint).write(&mut recording.builder, id);
                }
            })
            .await
    }

    /// Warns where the key's own user, or that user's organization role, is not in what was read: then others may be
    /// missing too. Whether the newer lists show every organization admin is not established.
    async fn check_key_owner(&self, profile: Profile) -> Result<(), FetchError> {
        let id = self.id;
        // A name without `@` differs from account to account and cannot be looked up.
        let Some(owner) = profile.username.filter(|owner| owner.contains('@')) else { return Ok(()) };
        self.recorder
            .ask(move |recording| {
                let builder = &mut recording.builder;
                let lacks = |is_held: bool, role| is_held && !builder.holds_organization_role(id, &owner, role);
                let message = if !builder.knows_login(id, &owner) {
                    format!("the key's own user {owner} is in no list that was read")
                } else if lacks(profile.org_admin, ORG_ADMIN) {
                    format!("the key's own user {owner} is an organization admin, which no list that was read says")
                } else if lacks(profile.org_user, ORG_USER) {
                    format!("the key's own user {owner} is an organization user, which no list that was read says")
                } else {
                    return;
                };
                let message = format!("{message}; organization members may be missing");
                let hint = "compare the organization's admins and users in the console with the result";
                Trouble::new(Severity::Warning, "key_owner_not_listed", message, hint).write(builder, id);
            })
            .await
    }

    /// Says how much of the organization was read by an earlier run from which this one goes on.
    async fn tell_what_was_taken_over(&self) -> Result<(), FetchError> {
        let recorded = self.session.context.recorded;
        let count = recorded.map_or(0, |recorded| recorded.taken_over(&self.plan.name));
        if count == 0 {
            return Ok(());
        }
        let calls = if count == 1 { "1 answer was".to_owned() } else { format!("{count} answers were") };
        let message =
            format!("{calls} taken over from the capture of a run that was interrupted; the rest was asked later");
        let hint = "nothing; what changed between the two runs may stand beside what had not changed yet";
        self.write(Trouble::new(Severity::Info, "resumed_run", message, hint)).await
    }

    /// Records how a key's first request for a token ended. Renewals depend on timing, and would make outputs differ.
    async fn write_exchange(&self, session: &Session<'_>, account: Option<AccountId>) -> Result<(), FetchError> {
        let Some(Exchange { status, attempts }) = session.first_exchange() else { return Ok(()) };
        let id = self.id;
        let call =
            CallRecord { endpoint: Endpoint::AccessTokens, page: 1, status, attempts, rows: 0, body_sha256: None };
        self.recorder.ask(move |recording| write_calls(&mut recording.builder, id, account, &[call])).await
    }

    pub(crate) async fn write(&self, trouble: Trouble) -> Result<(), FetchError> {
        let id = self.id;
        self.recorder.ask(move |recording| trouble.write(&mut recording.builder, id)).await
    }
}

/// What a directory tells of the user whose key asks: about an account, or about the organization.
fn asker(profile: Option<&Profile>, account: Option<&str>) -> Asker {
    let Some(profile) = profile else { return Asker::Unknown };
    let is_admin = account.map_or(profile.org_admin, |name| profile.is_admin_of(name));
    match &profile.username {
        _ if is_admin => Asker::Admin,
        Some(name) => Asker::NoAdmin(name.trim().to_lowercase()),
        None => Asker::Unknown,
    }
}
