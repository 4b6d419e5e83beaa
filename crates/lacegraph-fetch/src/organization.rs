//! One organization: its list, and where that is not enough, the lists of its accounts.

use std::collections::BTreeSet;

use lacegraph_model::{AccountId, ExpectedFrom, FetchStatus, ORG_ADMIN, ORG_USER, OrganizationId, Severity};

use crate::directory::{Directory, read_directory};
use crate::error::{CallError, FetchError};
use crate::list::{CallRecord, PageWalk};
use crate::observer::Event;
use crate::own_list::{ListEnd, Target, fewer_rows, page_failed};
use crate::plan::{AccountPlan, OrganizationPlan};
use crate::problems::{Trouble, write_calls, write_notes};
use crate::recorder::{Recorder, Recording};
use crate::session::{Context, Exchange, Session, own_sessions};
use crate::statements::{ListId, Notes, record_members};
use crate::transport::{Endpoint, Scope};
use crate::wire::Profile;

/// Reads one organization into the recorder.
pub(crate) async fn read_organization(
    context: Context<'_>,
    recorder: &Recorder,
    plan: &OrganizationPlan,
    concurrency: usize,
) -> Result<(), FetchError> {
    context.observer.notice(&Event::OrganizationStarted { organization: &plan.name });
    let (name, host) = (plan.name.clone(), plan.shown_host.clone().unwrap_or_else(|| plan.base.host()));
    let id = recorder.ask(move |recording| recording.builder.organization(&name, &host)).await?;
    let reading = Reading {
        recorder,
        plan,
        id,
        concurrency: concurrency.max(1),
        session: Session::new(context, &plan.name, &plan.base, &plan.credential),
        own_sessions: own_sessions(context, plan),
    };
    reading.run().await?;
    context.observer.notice(&Event::OrganizationFinished { organization: &plan.name });
    Ok(())
}

/// What the organization's list turned out to be.
enum OrganizationList {
    /// Complete, with rows.
    Whole,
    /// Without any row, incomplete, or refused: each account must be asked.
    NotEnough,
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
                let profile = self.directory().await?;
                (profile, self.organization_list().await?)
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
        self.own_lists(&targets, matches!(list, OrganizationList::Whole), signed_in.is_err()).await?;
        for session in &self.own_sessions {
            let of = |target: &&Target| target.session.is_some_and(|i| std::ptr::eq(&self.own_sessions[i], session));
            if let Some(target) = targets.iter().find(of) {
                self.write_exchange(session, Some(target.id)).await?;
            }
        }
        self.settle_unlisted().await?;
        match profile {
            Some(profile) => self.check_key_owner(profile).await,
            None => Ok(()),
        }
    }

    /// Asks for the directory and records the accounts it lists. `None` where it does not answer.
    async fn directory(&self) -> Result<Option<Profile>, FetchError> {
        let Directory { profile, call, .. } = read_directory(&self.session).await;
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
                        Trouble::new(Severity::Info, "directory_not_available", message, hint)
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
                    let message = format!("{} entries of the directory name no account", profile.unusable);
                    let hint = "name the accounts in the configuration if any is missing from the result";
                    Trouble::new(Severity::Warning, "directory_entry_not_understood", message, hint)
                        .write(&mut recording.builder, id);
                }
                Some(profile)
            })
            .await
    }

    /// Reads the organization's list, page by page, while the pages before are being recorded.
    async fn organization_list(&self) -> Result<OrganizationList, FetchError> {
        let mut walk = PageWalk::new(&self.session, Endpoint::OrganizationMembers, None, Scope::Organization);
        let (mut replies, mut rows, mut pages) = (Vec::new(), 0, 0);
        let mut end = ListEnd::Whole;
        while let Some(step) = walk.next().await {
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
            let record = move |recording: &mut Recording| {
                write_calls(&mut recording.builder, id, None, &calls);
                let mut notes = Notes::default();
                if let Some((number, text)) = page.and_then(|page| Some((page.number, page.text?))) {
                    let list = ListId { organization: id, account: None };
                    record_members(recording, &list, number, &text, &mut notes);
                }
                write_notes(&mut recording.builder, id, None, &notes);
                notes.faults.len()
            };
            replies.push(self.recorder.submit(record).await?);
        }
        let mut faults = 0;
        for reply in replies {
            faults += reply.get().await?;
        }
        if let (ListEnd::Whole, Some((rows, total))) = (&end, walk.shortfall()) {
            end = ListEnd::Short { rows, total };
        }
        let trouble = match &end {
            ListEnd::Whole if rows > 0 && faults == 0 => return Ok(OrganizationList::Whole),
            ListEnd::Whole if rows > 0 => return Ok(OrganizationList::NotEnough),
            ListEnd::Whole => Trouble::new(
                Severity::Info,
                "organization_list_empty",
                "the organization's list is empty; every account was asked on its own",
                "nothing, if the accounts were read; else use the key of an organization admin",
            ),
            ListEnd::Short { rows, total } => fewer_rows(*rows, *total),
            ListEnd::Broken { page, error } => page_failed(error, *page),
            ListEnd::Refused(error) if error.is_list_not_available() || error.status() == Some(401) => Trouble::new(
                Severity::Info,
                "organization_list_refused",
                format!(
                    "the organization's list is not to be had, every account was asked on its own: {}",
                    error.for_report()
                ),
                "nothing, if the accounts were read; else use the key of an organization admin",
            ),
            ListEnd::Refused(error) => Trouble::new(
                Severity::Warning,
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
        let configured = self.plan.accounts.clone();
        let fallback = (listed.is_empty() && configured.is_empty()).then(|| self.plan.base.account_name().to_owned());
        let (id, filter) = (self.id, self.plan.filter.clone());
        let expected = self
            .recorder
            .ask(move |recording| {
                let builder = &mut recording.builder;
                let mut expected: BTreeSet<AccountId> = listed.iter().map(|name| builder.account(id, name)).collect();
                let in_directory = expected.len();
                for AccountPlan { name, owner, environment, audit_scope, .. } in &configured {
                    let account = builder.account(id, name);
                    builder.set_facts(account, owner.as_deref(), environment.as_deref(), audit_scope.as_deref());
                    expected.insert(account);
                }
                expected.extend(fallback.map(|name| builder.account(id, &name)));
                builder.set_expected_from(
                    id,
                    match in_directory {
                        0 => ExpectedFrom::Configuration,
                        all if all == expected.len() => ExpectedFrom::Directory,
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
                admitted
            })
            .await?;
        let has_names = profile.is_some_and(|profile| !profile.accounts.is_empty()) || !self.plan.accounts.is_empty();
        Ok(expected.into_iter().map(|(id, name)| self.target(id, name, has_names, key)).collect())
    }

    fn target(&self, id: AccountId, name: String, has_names: bool, key: Option<&CallError>) -> Target {
        let (session, obstacle) = match self.plan.session_of(&name, &self.own_sessions) {
            Ok(Some(index)) => (Some(index), None),
            Ok(None) => (None, key.cloned()),
            Err(error) => (None, Some(error)),
        };
        // Where nothing names an account, the host is asked for its primary one, whose name is not certain.
        let scope = if has_names { Scope::Account(name.clone()) } else { Scope::Primary };
        Target { id, name, session, scope, obstacle }
    }

    /// Warns of accounts that only members name; marks those as excluded that the configuration leaves out.
    async fn settle_unlisted(&self) -> Result<(), FetchError> {
        let (id, filter) = (self.id, self.plan.filter.clone());
        self.recorder
            .ask(move |recording| {
                for view in recording.builder.accounts(id) {
                    if view.status != FetchStatus::Unlisted {
                        continue;
                    }
                    if !filter.admits(&view.name) {
                        let detail = Some("left out by the configuration");
                        recording.builder.set_status(view.id, FetchStatus::Excluded, detail);
                        continue;
                    }
                    let message = "members name this account, no directory and no configuration does; it was not asked";
                    let hint = "find out whose account it is; if it is yours, name it in the configuration";
                    let trouble = Trouble::new(Severity::Warning, "unlisted_account", message, hint);
                    trouble.of(Some(view.id)).write(&mut recording.builder, id);
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
