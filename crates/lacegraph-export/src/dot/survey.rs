//! A first look at all users, so that the picture can say how many there are before it draws any.

use std::collections::{BTreeMap, BTreeSet};

use lacegraph_model::{GrantOrigin, Graph, UserId, UserType};

use super::style::{Line, Who};
use super::tie::{Tie, collect_ties, granted_role_node};

/// People up to which each one is drawn; beyond, people with the very same access share a node.
pub(super) const PEOPLE_LIMIT: usize = 200;
/// Nodes of people drawn when they share nodes, the most privileged first.
pub(super) const CLASS_LIMIT: usize = 150;
/// Identities named for a class.
const NAMED: usize = 8;

/// What the whole picture is about, in numbers.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// By place among the graph's role nodes.
    pub(super) roles: Vec<RoleTally>,
    /// By account.
    pub(super) accounts: Vec<Tally>,
    /// By account: whether it has any member, in force or not.
    pub(super) has_members: Vec<bool>,
    /// All users.
    pub(super) users: Tally,
    /// Grants, effective or not.
    pub(super) grants: usize,
    /// Users and accounts with an effective grant.
    pub(super) pairs: usize,
    /// Kinds of people and lines that occur, for the legend.
    pub(super) kinds: BTreeSet<Who>,
    pub(super) lines: BTreeSet<Line>,
    /// The classes to draw in place of single people; `None` where each is drawn.
    pub(super) classes: Option<Classes>,
}

/// People and service users.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) people: usize,
    pub(super) services: usize,
}

impl Tally {
    pub(super) fn total(self) -> usize {
        self.people + self.services
    }

    fn add(&mut self, user_type: UserType) {
        match user_type {
            UserType::Person => self.people += 1,
            UserType::Service => self.services += 1,
        }
    }
}

/// Who has a role.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RoleTally {
    /// Those who effectively have it.
    pub(super) users: Tally,
    /// How many of them by an organization's role.
    pub(super) inherited: usize,
    /// Lines of those who have nothing in force.
    pub(super) disabled: usize,
}

impl RoleTally {
    /// Whether the role stands in the picture.
    pub(super) fn is_drawn(self) -> bool {
        self.users.total() + self.disabled > 0
    }
}

/// People with the very same lines.
#[derive(Debug)]
pub(super) struct Class {
    /// The lines, as those of the first of them.
    pub(super) ties: Vec<Tie>,
    /// Person or service user.
    pub(super) user_type: UserType,
    /// How many.
    pub(super) count: usize,
    /// The first of them by identity, [`NAMED`] at most.
    pub(super) first: Vec<UserId>,
}

/// The classes of people.
#[derive(Debug)]
pub(super) struct Classes {
    /// Those to draw, by the first identity.
    pub(super) drawn: Vec<Class>,
    /// How many there are.
    pub(super) total: usize,
}

type ClassKey = (UserType, Vec<(usize, Line)>);

impl Survey {
    pub(super) fn of(graph: &Graph) -> Self {
        let snapshot = graph.snapshot();
        let mut survey = Self {
            roles: vec![RoleTally::default(); graph.role_nodes().len()],
            accounts: vec![Tally::default(); snapshot.accounts().len()],
            has_members: vec![false; snapshot.accounts().len()],
            ..Self::default()
        };
        for membership in snapshot.memberships() {
            survey.has_members[membership.account.index()] = true;
        }
        let mut classes: Option<BTreeMap<ClassKey, Class>> =
            (snapshot.users().len() > PEOPLE_LIMIT).then(BTreeMap::new);
        let (mut grants, mut ties) = (Vec::new(), Vec::new());
        for user in snapshot.user_ids() {
            graph.collect_grants(user, &mut grants);
            collect_ties(graph, user, &grants, &mut ties);
            let user_type = snapshot.user(user).user_type;
            survey.users.add(user_type);
            survey.grants += grants.len();
            for grant in grants.iter().filter(|grant| grant.is_effective) {
                survey.pairs += 1;
                survey.accounts[grant.account.index()].add(user_type);
                let Some(tally) = granted_role_node(graph, grant).map(|role| &mut survey.roles[role]) else { continue };
                tally.users.add(user_type);
                let origin = graph.source(grant.source).origin;
                tally.inherited += usize::from(matches!(origin, GrantOrigin::OrgAdmin | GrantOrigin::OrgUser));
            }
            for tie in &ties {
                survey.lines.insert(tie.line);
                match tie.line {
                    Line::Holds => survey.roles[tie.role].users.add(user_type),
                    Line::Off => survey.roles[tie.role].disabled += 1,
                    _ => {}
                }
            }
            if let Some(classes) = &mut classes {
                let key = (user_type, ties.iter().map(|tie| (tie.role, tie.line)).collect());
                let new = || Class { ties: ties.clone(), user_type, count: 0, first: Vec::new() };
                let class = classes.entry(key).or_insert_with(new);
                class.count += 1;
                if class.first.len() < NAMED {
                    class.first.push(user);
                }
            } else {
                survey.kinds.insert(who(graph, user_type, &ties));
            }
        }
        if survey.roles.iter().any(|tally| tally.inherited > 0) {
            survey.lines.insert(Line::Implies);
        }
        survey.classes = classes.map(|classes| choose(graph, classes.into_values().collect()));
        for class in survey.classes.iter().flat_map(|classes| &classes.drawn) {
            survey.kinds.insert(if class.count == 1 { who(graph, class.user_type, &class.ties) } else { Who::Several });
        }
        survey
    }

    /// How many nodes stand for people.
    pub(super) fn people_nodes(&self) -> usize {
        self.classes.as_ref().map_or(self.users.total(), |classes| classes.drawn.len())
    }
}

/// Keeps the most privileged classes: by their strongest role, then by the number of privileged roles, then by size; and puts them into the order of their first identity.
fn choose(graph: &Graph, mut classes: Vec<Class>) -> Classes {
    let total = classes.len();
    let rank = |class: &Class| {
        let in_force = class.ties.iter().filter(|tie| tie.line != Line::Off);
        let levels = in_force.map(|tie| graph.role(graph.role_nodes()[tie.role].role).level);
        let privileged = levels.clone().filter(|level| level.is_privileged() == Some(true)).count();
        (levels.map(|level| level.privilege_rank()).max(), privileged)
    };
    let by_first = |class: &Class| class.first.first().copied();
    classes.sort_by_cached_key(|class| (std::cmp::Reverse((rank(class), class.count)), by_first(class)));
    classes.truncate(CLASS_LIMIT);
    classes.sort_by_key(by_first);
    Classes { drawn: classes, total }
}

/// As what a user with these lines is drawn.
pub(super) fn who(graph: &Graph, user_type: UserType, ties: &[Tie]) -> Who {
    let is_enabled = ties.iter().any(|tie| tie.line != Line::Off);
    let is_admin = |tie: &Tie| {
        let role = graph.role(graph.role_nodes()[tie.role].role);
        tie.line == Line::Holds && role.level == lacegraph_model::AccessLevel::OrgAdmin
    };
    Who::of(user_type, is_enabled, ties.iter().any(is_admin))
}
