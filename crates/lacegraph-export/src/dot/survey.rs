//! A first look at all users, so that the picture can say how many there are before it draws any.

use std::collections::{BTreeSet, HashMap};

use lacegraph_model::{GrantOrigin, Graph, UserId, UserType};
use sha2::{Digest as _, Sha256};

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
        let mut classes = (snapshot.users().len() > PEOPLE_LIMIT).then(Sorting::default);
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
                classes.add(graph, user, user_type, &ties);
            } else {
                survey.kinds.insert(who(graph, user_type, &ties));
            }
        }
        if survey.roles.iter().any(|tally| tally.inherited > 0) {
            survey.lines.insert(Line::Implies);
        }
        survey.classes = classes.map(|classes| classes.choose(graph));
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

/// Users being sorted into classes. Of a class only what decides whether it is drawn is kept: there may be nearly as many
/// classes as users.
#[derive(Default)]
struct Sorting {
    /// The class of each set of lines, by the first half of its SHA-256.
    known: HashMap<[u8; 16], usize>,
    tallies: Vec<ClassTally>,
    /// By user.
    class_of: Vec<usize>,
}

#[derive(Clone, Copy)]
struct ClassTally {
    /// The rank of the strongest role in force, and how many privileged ones there are.
    rank: (Option<u8>, usize),
    count: usize,
    first: UserId,
}

impl Sorting {
    /// Puts the next user, who has these lines, into a class.
    fn add(&mut self, graph: &Graph, user: UserId, user_type: UserType, ties: &[Tie]) {
        let mut hasher = Sha256::new_with_prefix([user_type as u8]);
        for tie in ties {
            hasher.update((tie.role as u64).to_be_bytes());
            hasher.update([tie.line as u8]);
        }
        let mut key = [0; 16];
        key.copy_from_slice(&hasher.finalize()[..16]);
        let class = *self.known.entry(key).or_insert_with(|| {
            self.tallies.push(ClassTally { rank: rank(graph, ties), count: 0, first: user });
            self.tallies.len() - 1
        });
        self.tallies[class].count += 1;
        self.class_of.push(class);
    }

    /// Keeps the most privileged classes: by their strongest role, then by the number of privileged roles, then by size;
    /// and puts them into the order of their first identity.
    fn choose(self, graph: &Graph) -> Classes {
        let Self { tallies, class_of, .. } = self;
        let mut drawn: Vec<usize> = (0..tallies.len()).collect();
        drawn.sort_unstable_by_key(|&class| {
            let ClassTally { rank, count, first } = tallies[class];
            (std::cmp::Reverse((rank, count)), first)
        });
        drawn.truncate(CLASS_LIMIT);
        drawn.sort_unstable_by_key(|&class| tallies[class].first);
        let drawn = drawn.into_iter().map(|class| {
            let ClassTally { count, first, .. } = tallies[class];
            let mut ties = Vec::new();
            collect_ties(graph, first, &graph.grants_of(first), &mut ties);
            let members = class_of.iter().enumerate().skip(first.index()).filter(|&(_, &own)| own == class);
            Class {
                ties,
                user_type: graph.snapshot().user(first).user_type,
                count,
                first: members.take(NAMED.min(count)).map(|(user, _)| UserId::from_index(user)).collect(),
            }
        });
        Classes { drawn: drawn.collect(), total: tallies.len() }
    }
}

fn rank(graph: &Graph, ties: &[Tie]) -> (Option<u8>, usize) {
    let in_force = ties.iter().filter(|tie| tie.line != Line::Off);
    let levels = in_force.map(|tie| graph.role(graph.role_nodes()[tie.role].role).level);
    let privileged = levels.clone().filter(|level| level.is_privileged() == Some(true)).count();
    (levels.map(|level| level.privilege_rank()).max(), privileged)
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
