//! One organization: its list, and where that is not enough, the lists of its accounts.

use std::collections::BTreeSet;

use lacegraph_model::{AccountId, ApiModel, ExpectedFrom, FetchStatus, OrganizationId, Severity};

use crate::check::KeyOwner;
use crate::directory::{Directory, read_directory};
use crate::error::{CallError, FetchError};
use crate::list::{CallRecord, PageWalk, Step};
use crate::observer::Event;
use crate::optional::Asked;
use crate::own_list::{Asker, ListEnd, Target, fewer_rows, only_the_key_owner, page_failed};
use crate::plan::{AccountPlan, ModelChoice, OrganizationPlan, Plan};
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
    asked: &Asked,
) -> Result<OrganizationId, FetchError> {
    context.observer.notice(&Event::OrganizationStarted { organization: &plan.name });
    let (name, host) = (plan.name.clone(), plan.shown_host.clone().unwrap_or_else(|| plan.base.host()));
    let id = recorder.ask(move |recording| recording.builder.organization(&name, &host)).await?;
    let reading = Reading {
        recorder,
        plan,
        id,
        concurrency: run.concurrency.max(1),
        api_model: run.api_model,
        session: Session::new(context, &plan.name, &plan.base, plan.credential.as_ref(), None),
        own_sessions: own_sessions(context, plan),
    };
    reading.run(asked).await?;
    reading.tell_what_was_taken_over().await?;
    reading.tell_what_the_capture_lacks().await?;
    context.observer.notice(&Event::OrganizationFinished { organization: &plan.name });
    Ok(id)
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
    pub(crate) api_model: ModelChoice,
    pub(crate) session: Session<'a>,
    pub(crate) own_sessions: Vec<Session<'a>>,
}

impl Reading<'_> {
    async fn run(&self, asked: &Asked) -> Result<(), FetchError> {
        let signed_in = self.session.sign_in().await;
        self.write_exchange(&self.session, None).await?;
        let (profile, list) = match &signed_in {
            Ok(()) => {
                // Alone and first: its answer tells whether the token is good, whatever the order of the answers after.
                let directory = read_directory(&self.session).await;
                let is_refused = directory.profile.as_ref().is_err_and(CallError::is_directory_refused);
                let profile = self.directory(directory).await?;
                let mut walk = PageWalk::new(&self.session, Endpoint::OrganizationMembers, None, Scope::Organization);
                // The newer access model has no list of the organization (vendor documentation).
                let has_list = self.api_model != ModelChoice::TeamUsers;
                let first = if has_list { walk.next().await } else { None };
                if let Some(profile) = &profile {
                    let (organization, owner) = (&*self.plan.name, &KeyOwner::of(profile));
                    self.session.observer().notice(&Event::KeyOwnerKnown { organization, owner });
                }
                let list = match first {
                    Some(_) => self.organization_list(walk, first, profile.as_ref(), is_refused).await?,
                    None => OrganizationList::NotEnough,
                };
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
        let (is_list_enough, reach) = self.own_lists(&targets, &list, signed_in.is_err()).await?;
        self.explain_reach(reach, profile.as_ref()).await?;
        for session in &self.own_sessions {
            let of = |target: &&Target| target.session.is_some_and(|i| std::ptr::eq(&self.own_sessions[i], session));
            if let Some(target) = targets.iter().find(of) {
                self.write_exchange(session, Some(target.id)).await?;
            }
        }
        self.optional_sources(&targets, asked).await?;
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
        is_directory_refused: bool,
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
            ListEnd::Refused(error) if error.is_refusal() => {
                self.explain_refused_list(error, profile, is_directory_refused).await?
            }
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
            let is_in_directory = profile.is_some_and(|profile| profile.lists(&target.name));
            Target { asker: asker(profile, Some(&target.name)), is_in_directory, ..target }
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
        Target { id, name, session, scope, obstacle, asker: Asker::Unknown, is_in_directory: false }
    }

    /// Says how much of the organization was read by an earlier run from which this one goes on.
    async fn tell_what_was_taken_over(&self) -> Result<(), FetchError> {
        let recorded = self.session.context.recorded;
        let count = recorded.map_or(0, |recorded| recorded.taken_over(&self.plan.name));
        if count == 0 {
            return Ok(());
        }
        let calls = if count == 1 { "1 answer was".to_owned() } else { format!("{count} answers were") };
        let message = format!("{calls} taken over from the capture of an earlier run; the rest was asked later");
        let hint = "nothing; what changed between the two runs may stand beside what had not changed yet";
        self.write(Trouble::new(Severity::Info, "resumed_run", message, hint)).await
    }

    /// Says that a run which is made again lacks answers: whatever they would have told may be missing, though what is there
    /// looks whole.
    async fn tell_what_the_capture_lacks(&self) -> Result<(), FetchError> {
        let recorded = self.session.context.recorded;
        let count = recorded.map_or(0, |recorded| recorded.missed(&self.plan.name));
        if count == 0 {
            return Ok(());
        }
        let calls = if count == 1 { "1 call".to_owned() } else { format!("{count} calls") };
        let message = format!("the capture ends early: it lacks the answers to {calls} of this organization");
        let hint = "the run that wrote it was interrupted; run the export again with --resume";
        self.write(Trouble::new(Severity::Error, "capture_incomplete", message, hint)).await
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
pub(crate) fn asker(profile: Option<&Profile>, account: Option<&str>) -> Asker {
    let Some(profile) = profile else { return Asker::Unknown };
    let is_admin = account.map_or(profile.org_admin, |name| profile.is_admin_of(name));
    match &profile.username {
        _ if is_admin => Asker::Admin,
        Some(name) => Asker::NoAdmin(name.trim().to_lowercase()),
        None => Asker::Unknown,
    }
}
