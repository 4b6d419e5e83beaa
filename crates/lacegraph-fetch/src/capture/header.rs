//! What a capture says of its run: everything that, with the answers, determines the result.
//!
//! The names of these fields, and of `ModelChoice`, `GroupMeaning`, `OptionalSources` and `TransportErrorKind`, are the form of
//! the file: whoever changes one raises `FORM`.

use lacegraph_model::{DataSource, Settings, UtcTime};
use serde::{Deserialize, Serialize};

use super::{CaptureError, FORM};
use crate::base::ApiBase;
use crate::credential::Credential;
use crate::filter::AccountFilter;
use crate::plan::{AccountPlan, GroupMeaning, ModelChoice, OptionalSources, OrganizationPlan, Plan};

/// The first entry of a capture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptureHeader {
    form: u64,
    /// The version of the tool that wrote it.
    pub tool_version: String,
    captured_at_utc: String,
    data_source: String,
    dormant_after_days: i64,
    internal_domains: Vec<String>,
    /// What was to be read.
    pub(super) plan: PlanRecord,
}

/// A plan without its secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PlanRecord {
    /// In the order in which they are read.
    organizations: Vec<OrganizationRecord>,
    api_model: ModelChoice,
    groups: Vec<GroupMeaning>,
    with: OptionalSources,
}

/// An organization of a plan, without the secret of its key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct OrganizationRecord {
    name: String,
    base: String,
    shown_host: Option<String>,
    key: Option<KeyRecord>,
    include: Vec<String>,
    exclude: Vec<String>,
    accounts: Vec<AccountRecord>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct AccountRecord {
    name: String,
    key: Option<KeyRecord>,
    base: Option<String>,
    owner: Option<String>,
    environment: Option<String>,
    audit_scope: Option<String>,
}

/// What is recorded of a key: enough to tell it from others, and to find it in the console.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeyRecord {
    /// The ends of its id.
    pub(crate) masked_id: String,
    /// The beginning of the SHA-256 of its id.
    pub(crate) fingerprint: String,
}

impl KeyRecord {
    fn of(credential: &Credential) -> Self {
        Self { masked_id: credential.masked_id(), fingerprint: credential.fingerprint() }
    }
}

impl CaptureHeader {
    /// The header of a run that begins now.
    pub fn new(plan: &Plan, settings: &Settings, captured_at: UtcTime) -> Self {
        Self {
            form: FORM,
            tool_version: plan.tool_version.clone(),
            captured_at_utc: captured_at.to_rfc3339(),
            data_source: plan.data_source.as_str().to_owned(),
            dormant_after_days: settings.dormant_after_days,
            internal_domains: settings.internal_domains.clone(),
            plan: PlanRecord::of(plan),
        }
    }

    /// When the run began.
    ///
    /// # Errors
    /// Where the file does not say so in the form this version writes.
    pub fn captured_at(&self) -> Result<UtcTime, CaptureError> {
        let time = self.captured_at_utc.parse().ok().and_then(UtcTime::from_timestamp);
        time.ok_or_else(|| CaptureError::Plan("captured_at_utc is no time".to_owned()))
    }

    /// What the snapshot was to mean.
    pub fn settings(&self) -> Settings {
        Settings { dormant_after_days: self.dormant_after_days, internal_domains: self.internal_domains.clone() }
    }

    /// The plan made again, with keys that are good for nothing but their place in it.
    ///
    /// # Errors
    /// Where it was written by a version that knew other things.
    pub fn to_plan(&self, tool_version: &str) -> Result<Plan, CaptureError> {
        let unknown = |what: String| CaptureError::Plan(what);
        let organizations = self.plan.organizations.iter().map(OrganizationRecord::to_plan).collect::<Result<_, _>>();
        let data_source = DataSource::parse(&self.data_source);
        let data_source = data_source.ok_or_else(|| unknown(format!("the data source {}", self.data_source)))?;
        let PlanRecord { api_model, groups, with, .. } = &self.plan;
        Ok(Plan {
            api_model: *api_model,
            groups: groups.clone(),
            with: *with,
            ..Plan::new(organizations.map_err(unknown)?, data_source, tool_version)
        })
    }
}

impl PlanRecord {
    fn of(plan: &Plan) -> Self {
        Self {
            organizations: plan.organizations.iter().map(OrganizationRecord::of).collect(),
            api_model: plan.api_model,
            groups: plan.groups.clone(),
            with: plan.with,
        }
    }

    /// What of the plan is another, in words; `None` where it is the same.
    pub(super) fn difference(&self, plan: &Plan) -> Option<String> {
        let other = Self::of(plan);
        let names = |plan: &Self| plan.organizations.iter().map(|one| one.name.clone()).collect::<Vec<_>>();
        if names(self) != names(&other) {
            return Some("list of organizations".to_owned());
        }
        for (ours, theirs) in self.organizations.iter().zip(&other.organizations) {
            let name = &ours.name;
            let keys = |one: &OrganizationRecord| {
                let of_accounts = one.accounts.iter().map(|account| account.key.clone());
                of_accounts.chain([one.key.clone()]).collect::<Vec<_>>()
            };
            if ours.base != theirs.base {
                return Some(format!("host of organization {name}"));
            }
            if keys(ours) != keys(theirs) {
                return Some(format!("key of organization {name} or one of its accounts"));
            }
            if (&ours.include, &ours.exclude) != (&theirs.include, &theirs.exclude) {
                return Some(format!("include or exclude of organization {name}"));
            }
            if ours != theirs {
                return Some(format!("configuration of the accounts of organization {name}"));
            }
        }
        if self.api_model != other.api_model {
            return Some("--api-model".to_owned());
        }
        if self.with != other.with {
            return Some("--with".to_owned());
        }
        (self != &other).then(|| "meaning of groups".to_owned())
    }
}

impl OrganizationRecord {
    fn of(plan: &OrganizationPlan) -> Self {
        let account = |account: &AccountPlan| AccountRecord {
            name: account.name.clone(),
            key: account.credential.as_ref().map(KeyRecord::of),
            base: account.base.as_ref().map(ToString::to_string),
            owner: account.owner.clone(),
            environment: account.environment.clone(),
            audit_scope: account.audit_scope.clone(),
        };
        let (include, exclude) = plan.filter.patterns();
        Self {
            name: plan.name.clone(),
            base: plan.base.to_string(),
            shown_host: plan.shown_host.clone(),
            key: plan.credential.as_ref().map(KeyRecord::of),
            include: include.to_vec(),
            exclude: exclude.to_vec(),
            accounts: plan.accounts.iter().map(account).collect(),
        }
    }

    fn to_plan(&self) -> Result<OrganizationPlan, String> {
        let base = |text: &str| ApiBase::parse(text).map_err(|error| error.to_string());
        let account = |account: &AccountRecord| {
            Ok(AccountPlan {
                name: account.name.clone(),
                credential: account.key.as_ref().map(Credential::recorded),
                base: account.base.as_deref().map(base).transpose()?,
                owner: account.owner.clone(),
                environment: account.environment.clone(),
                audit_scope: account.audit_scope.clone(),
            })
        };
        Ok(OrganizationPlan {
            name: self.name.clone(),
            base: base(&self.base)?,
            shown_host: self.shown_host.clone(),
            credential: self.key.as_ref().map(Credential::recorded),
            accounts: self.accounts.iter().map(account).collect::<Result<_, String>>()?,
            filter: AccountFilter::new(&self.include, &self.exclude).map_err(|error| error.to_string())?,
        })
    }
}
