//! Graphs to draw, made row by row.

use lacegraph_model::{
    AccountRef, ApiModel, DataSource, FetchStatus, Graph, Header, Login, OrganizationId, RecordSource, Settings,
    SnapshotBuilder, StatedGroup, StatedMembership, Statement, UserType, UtcTime,
};

/// What one row says.
#[derive(Clone, Debug, Default)]
pub(super) struct Row<'a> {
    pub(super) login: &'a str,
    pub(super) name: Option<&'a str>,
    /// Empty for a row that names no account.
    pub(super) account: &'a str,
    pub(super) roles: &'a [&'a str],
    /// Guid and name.
    pub(super) groups: &'a [(&'a str, &'a str)],
    pub(super) organization_roles: &'a [&'a str],
    pub(super) is_disabled: bool,
    pub(super) is_service: bool,
}

pub(super) struct World {
    pub(super) builder: SnapshotBuilder,
}

impl World {
    pub(super) fn new(data_source: DataSource) -> Self {
        let captured_at = UtcTime::from_seconds(1_788_249_600).unwrap();
        let header = Header { captured_at, completed_at: captured_at, tool_version: "0.1.0".to_owned(), data_source };
        Self { builder: SnapshotBuilder::new(header) }
    }

    pub(super) fn account(&mut self, organization: OrganizationId, name: &str, status: FetchStatus, model: ApiModel) {
        let account = self.builder.account(organization, name);
        self.builder.set_status(account, status, None);
        if status == FetchStatus::Complete {
            self.builder.set_api_model(account, model);
        }
    }

    pub(super) fn row(&mut self, organization: OrganizationId, row: &Row<'_>) {
        let groups: Vec<_> = row.groups.iter().map(|&(guid, name)| StatedGroup { guid, name }).collect();
        let membership = StatedMembership {
            roles: Some(row.roles),
            groups: &groups,
            enabled: Some(!row.is_disabled),
            last_login: Login::NEVER,
            ..StatedMembership::of(AccountRef::Named(row.account))
        };
        self.builder.record(&Statement {
            organization,
            source: RecordSource::AccountList,
            user_type: if row.is_service { UserType::Service } else { UserType::Person },
            login: Some(row.login),
            full_name: row.name,
            company: None,
            organization_roles: row.organization_roles,
            user_guid: None,
            enabled: Some(!row.is_disabled),
            memberships: if row.account.is_empty() { &[] } else { std::slice::from_ref(&membership) },
        });
    }

    pub(super) fn finish(self) -> Graph {
        let graph = Graph::new(self.builder.finish(), Settings::default());
        graph.verify().unwrap();
        graph
    }
}
