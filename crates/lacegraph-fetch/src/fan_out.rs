//! Which accounts are asked for their own lists, and what that shows.

use std::collections::BTreeSet;

use futures::StreamExt as _;
use lacegraph_model::{AccountId, ApiModel, FetchStatus, Severity};

use crate::error::{CallError, FetchError};
use crate::observer::Event;
use crate::organization::{OrganizationList, Reading};
use crate::own_list::{
    Asker, COVERED, Cover, OWNER_ALONE, OwnList, Recorded, Target, empty_list, only_the_key_owner, read_own_list,
    record_own_list, record_page, write_failure,
};
use crate::problems::Trouble;
use crate::recorder::{Recording, Reply};
use crate::statements::Listed;

/// How many accounts of the organization's list are compared with their own.
pub(crate) const CROSS_CHECKED: usize = 3;

impl Reading<'_> {
    /// Asks accounts for their own lists: those that the organization's list does not cover, those with a key of their
    /// own, a few to cross-check, and where that shows a member missing, all. Gives whether the organization's list can be
    /// relied on, and where the organization's key reaches.
    pub(crate) async fn own_lists(
        &self,
        targets: &[Target],
        list: &OrganizationList,
        is_key_refused: bool,
    ) -> Result<(bool, Reach), FetchError> {
        let is_whole = matches!(list, OrganizationList::Whole);
        let id = self.id;
        let named =
            self.recorder.ask(move |recording| recording.builder.accounts_named_by_organization_list(id)).await?;
        let is_covered = |target: &Target| is_whole && named.contains(&target.id);
        let checked: BTreeSet<AccountId> =
            targets.iter().filter(|target| is_covered(target)).take(CROSS_CHECKED).map(|target| target.id).collect();
        let cover = |target: &Target| Cover {
            is_cross_check: is_covered(target) && target.session.is_none(),
            is_named: named.contains(&target.id),
            is_list_whole: is_whole,
        };
        let is_first = |target: &&Target| {
            !is_covered(target) || target.session.is_some() || target.obstacle.is_some() || checked.contains(&target.id)
        };
        let (first, rest): (Vec<&Target>, Vec<&Target>) = targets.iter().partition(is_first);
        let asked: Vec<_> = first.into_iter().map(|target| (target, cover(target))).collect();
        let results = self.ask(&asked, is_key_refused).await?;
        let compared: Vec<&Target> = asked
            .iter()
            .zip(&results)
            .filter(|(_, result)| is_whole && result.waived.is_none() && result.rows > 0)
            .map(|((target, _), _)| *target)
            .collect();
        let mut reach = Reach::default();
        reach.add(asked.iter().map(|(target, _)| *target).zip(&results));
        self.tell_missing_accounts(&asked, &results, is_whole).await?;
        let missing = self.missing(&compared).await?;
        // What a complete list of the organization says too needs no other witness.
        let mut lone: Vec<Lone> = asked
            .iter()
            .zip(&results)
            .filter(|((target, _), _)| missing.is_some() || !is_covered(target))
            .filter_map(|((target, _), result)| Lone::of(target, result))
            .collect();
        if let Some((account, count)) = missing {
            let message = format!(
                "the organization's list misses {count} of the members that the list of account {account} names; \
                 every account was asked on its own"
            );
            let hint = "nothing, if the accounts were read; else use the key of an organization admin";
            self.write(Trouble::new(Severity::Info, "organization_list_misses_members", message, hint)).await?;
            let all: Vec<_> = rest
                .into_iter()
                .map(|target| (target, Cover { is_cross_check: false, is_list_whole: false, ..cover(target) }))
                .collect();
            let further = self.ask(&all, is_key_refused).await?;
            reach.add(all.iter().map(|(target, _)| *target).zip(&further));
            lone.extend(all.iter().zip(&further).filter_map(|((target, _), result)| Lone::of(target, result)));
            for ((target, cover), result) in asked.iter().zip(results) {
                let is_doubted = result.status == FetchStatus::Complete && result.rows == 0 && !cover.is_named;
                if is_whole && is_doubted {
                    self.write(empty_list().of(Some(target.id))).await?;
                }
                if let Some(error) = result.waived {
                    let target = (*target).clone();
                    self.recorder.ask(move |recording| write_failure(recording, id, &target, &error, true)).await?;
                }
            }
            self.doubt_lone(lone, list).await?;
            return Ok((false, reach));
        }
        for ((target, _), result) in asked.iter().zip(&results) {
            // A refusal is no news where the organization's list was granted; a fault may be one of the account's.
            if let Some(error) = result.waived.as_ref().filter(|error| !error.is_refusal()) {
                let message = format!(
                    "the account's own list could not be read to compare it with the organization's, which covers it: {}",
                    error.for_report()
                );
                let trouble = Trouble::new(Severity::Info, "not_compared", message, error.hint());
                self.write(trouble.of(Some(target.id))).await?;
            }
        }
        self.doubt_lone(lone, list).await?;
        if compared.is_empty() && !checked.is_empty() {
            let message = "the organization's list could not be compared with the own lists of its accounts";
            let hint = "a member whom only an account's own list names would be missing; the key of an organization \
                        admin, or keys of the accounts' own, can tell";
            self.write(Trouble::new(Severity::Info, "not_cross_checked", message, hint)).await?;
        }
        let covered: Vec<AccountId> = rest.into_iter().map(|target| target.id).collect();
        self.recorder
            .ask(move |recording| {
                for account in covered {
                    recording.builder.set_status(account, FetchStatus::Complete, Some(COVERED));
                }
            })
            .await?;
        Ok((is_whole, reach))
    }

    /// Says that a complete list of the organization lacks accounts whose own lists have members.
    async fn tell_missing_accounts(
        &self,
        asked: &[(&Target, Cover)],
        results: &[Recorded],
        is_whole: bool,
    ) -> Result<(), FetchError> {
        let is_lacking = |((_, cover), result): &(&(&Target, Cover), &Recorded)| !cover.is_named && result.rows > 0;
        let lacking: Vec<&str> =
            asked.iter().zip(results).filter(is_lacking).map(|((target, _), _)| target.name.as_str()).collect();
        if !is_whole || lacking.is_empty() {
            return Ok(());
        }
        let (count, first) = (lacking.len(), lacking[0]);
        let accounts =
            if count == 1 { format!("account {first}") } else { format!("{count} accounts, {first} for example") };
        let message = format!(
            "the organization's list names no member of {accounts}, whose own list has some; what it leaves out was asked of \
             the accounts"
        );
        let hint = "nothing; what the accounts' own lists say is recorded";
        self.write(Trouble::new(Severity::Info, "organization_list_misses_accounts", message, hint)).await
    }

    /// Doubts the lists read with keys of unknown owners where all of them name one and the same person alone.
    async fn doubt_lone(&self, lists: Vec<Lone>, list: &OrganizationList) -> Result<(), FetchError> {
        let of_organization = if let OrganizationList::OnlyOne(login) = list { Some(login.as_str()) } else { None };
        let mut logins = lists.iter().map(|lone| lone.login.as_deref()).chain(of_organization.map(Some));
        let Some(Some(first)) = logins.next() else { return Ok(()) };
        if !logins.all(|login| login == Some(first)) {
            return Ok(());
        }
        let (id, is_of_organization) = (self.id, of_organization.is_some());
        let doubted: Vec<_> = lists.into_iter().map(|lone| (lone.account, lone.status)).collect();
        self.recorder
            .ask(move |recording| {
                let builder = &mut recording.builder;
                if is_of_organization {
                    only_the_key_owner(false).write(builder, id);
                }
                for (account, status) in doubted {
                    only_the_key_owner(false).of(Some(account)).write(builder, id);
                    if status == FetchStatus::Complete {
                        builder.set_status(account, FetchStatus::Incomplete, Some(OWNER_ALONE));
                    }
                }
            })
            .await
    }

    /// Asks accounts, several at a time, and records what they answer in their order.
    async fn ask(&self, asked: &[(&Target, Cover)], is_key_refused: bool) -> Result<Vec<Recorded>, FetchError> {
        let observer = self.session.observer();
        observer.notice(&Event::AskingAccounts { organization: &self.plan.name, accounts: asked.len() });
        let reads: Vec<_> = asked.iter().map(|(target, cover)| self.read((*target).clone(), *cover)).collect();
        let answers = futures::stream::iter(reads).buffered(self.concurrency);
        let submitted = answers.then(|answer| self.submit(answer, is_key_refused));
        // A second buffer, so that accounts go on being asked while the recorder is busy. Boxed, because of the bare type
        // the compiler cannot tell in the end that it may move to another thread.
        let mut replies = submitted.map(finished).buffered(self.concurrency).boxed();
        let mut results = Vec::with_capacity(asked.len());
        while let Some(reply) = replies.next().await {
            let (name, result) = reply?;
            observer.notice(&Event::AccountFinished {
                organization: &self.plan.name,
                account: &name,
                status: result.status,
            });
            results.push(result);
        }
        Ok(results)
    }

    /// Asks one account.
    async fn read(&self, target: Target, cover: Cover) -> Answered {
        let list = match &target.obstacle {
            Some(error) => Err(error.clone()),
            None => {
                let session = target.session.map_or(&self.session, |index| &self.own_sessions[index]);
                Ok(read_own_list(session, &target, self.api_model).await)
            }
        };
        Answered { target, cover, list }
    }

    /// Hands the answer of one account to the recorder.
    async fn submit(&self, answered: Answered, is_key_refused: bool) -> Submitted {
        let Answered { target, cover, mut list } = answered;
        let (id, name) = (self.id, target.name.clone());
        let mut rows = 0;
        if let Ok(list) = &mut list {
            rows = list.rows();
            let model = list.model.unwrap_or(ApiModel::TeamMembers);
            for page in std::mem::take(&mut list.pages) {
                let list = target.list_id(id);
                // What comes of it shows when the list is recorded, after its pages.
                self.recorder.submit(move |turn| record_page(turn, &list, model, &page)).await?;
            }
        }
        let job = move |recording: &mut Recording| match list {
            Ok(list) => record_own_list(recording, id, &target, list, rows, cover),
            // The organization's key is told about once; each of its accounts need not repeat it.
            Err(error)
                if is_key_refused
                    && error.is_about_key()
                    && !matches!(error, CallError::NoKey { .. } | CallError::NoKeyForBase { .. }) =>
            {
                let detail = error.for_report();
                recording.builder.set_status(target.id, FetchStatus::Failed, Some(&detail));
                Recorded::without_rows(FetchStatus::Failed, false)
            }
            Err(error) => {
                let status = write_failure(recording, id, &target, &error, cover.is_named);
                Recorded::without_rows(status, false)
            }
        };
        Ok((name, self.recorder.submit(move |turn| turn.take(job)).await?))
    }

    /// The first of the accounts whose own list names members that the organization's does not, and how many.
    async fn missing(&self, compared: &[&Target]) -> Result<Option<(String, usize)>, FetchError> {
        let compared: Vec<_> = compared.iter().map(|target| (target.id, target.name.clone())).collect();
        self.recorder
            .ask(move |recording| {
                compared.into_iter().find_map(|(id, name)| {
                    let missing = recording.builder.missing_from_organization_list(id).len();
                    (missing > 0).then_some((name, missing))
                })
            })
            .await
    }
}

/// Where the organization's key reaches, by the accounts that were asked with it.
#[derive(Debug, Default)]
pub(crate) struct Reach {
    /// Accounts that answered.
    pub(crate) read: Vec<String>,
    /// Accounts that refused it.
    pub(crate) refused: Vec<String>,
    /// Whether others failed, of which nothing is known.
    pub(crate) is_uncertain: bool,
}

impl Reach {
    fn add<'r>(&mut self, results: impl Iterator<Item = (&'r Target, &'r Recorded)>) {
        for (target, result) in results.filter(|(target, _)| target.session.is_none()) {
            if result.is_refused {
                self.refused.push(target.name.clone());
            } else if matches!(result.status, FetchStatus::Complete | FetchStatus::Incomplete)
                && result.waived.is_none()
            {
                self.read.push(target.name.clone());
            } else {
                self.is_uncertain = true;
            }
        }
    }
}

/// A list read with a key of an unknown owner.
struct Lone {
    account: AccountId,
    status: FetchStatus,
    /// The only person in it; `None` where there are more.
    login: Option<String>,
}

impl Lone {
    fn of(target: &Target, result: &Recorded) -> Option<Self> {
        let is_doubtful = target.asker == Asker::Unknown && result.people != Listed::Nobody;
        is_doubtful.then(|| Self { account: target.id, status: result.status, login: result.people.clone().one() })
    }
}

/// What one account answered; an error where it could not be asked.
struct Answered {
    target: Target,
    cover: Cover,
    list: Result<OwnList, CallError>,
}

/// The name of an account, and what the recorder will say of it.
type Submitted = Result<(String, Reply<Recorded>), FetchError>;

async fn finished(submitted: Submitted) -> Result<(String, Recorded), FetchError> {
    let (name, reply) = submitted?;
    Ok((name, reply.get().await?))
}
