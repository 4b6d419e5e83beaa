//! How things look. Shape and line tell everything; colours (Okabe and Ito's, safe for the colour-blind) repeat it.

use lacegraph_model::{AccessLevel, ApiModel, FetchStatus, Role, RoleScope, UserType};

use super::sheet::Attributes;
use super::text::Text;

const VERMILLION: &str = "#D55E00";
const BLUE: &str = "#0072B2";
const ORANGE: &str = "#B87F00";
const GREY: &str = "#767676";
const DARK_GREY: &str = "#595959";

/// What a role is worth, as drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Worth {
    Privileged,
    Unknown,
    Read,
    Nothing,
}

impl Worth {
    pub(super) const ALL: [Self; 4] = [Self::Privileged, Self::Unknown, Self::Read, Self::Nothing];

    pub(super) fn of(level: AccessLevel) -> Self {
        match (level.is_privileged(), level) {
            (None, _) => Self::Unknown,
            (Some(true), _) => Self::Privileged,
            (Some(false), AccessLevel::None) => Self::Nothing,
            (Some(false), _) => Self::Read,
        }
    }

    /// In words, for the legend.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Privileged => "privileged role",
            Self::Unknown => "(?): privilege unknown",
            Self::Read => "role that only views",
            Self::Nothing => "member without a role",
        }
    }

    fn color(self) -> &'static str {
        match self {
            Self::Privileged => VERMILLION,
            Self::Unknown => ORANGE,
            Self::Read => BLUE,
            Self::Nothing => GREY,
        }
    }
}

/// A role's shape. Roles of an organization have a double line.
pub(super) fn role_shape(worth: Worth, scope: RoleScope) -> Attributes {
    let attributes: Attributes = match worth {
        Worth::Privileged => [("shape", "octagon"), ("style", "filled,bold"), ("fillcolor", "#FBE6D9")],
        Worth::Unknown => [("shape", "hexagon"), ("style", "filled,dashed"), ("fillcolor", "#FDF3DC")],
        Worth::Read => [("shape", "box"), ("style", "filled"), ("fillcolor", "#E3F0F8")],
        Worth::Nothing => [("shape", "box"), ("style", "filled,dotted"), ("fillcolor", "#F4F4F4")],
    }
    .into();
    let attributes = attributes.with("color", worth.color());
    if scope == RoleScope::Organization { attributes.with("peripheries", "2") } else { attributes }
}

/// A role's name; brackets tell a custom group from a role of the same name.
pub(super) fn role_name(role: &Role) -> Text {
    match role.scope {
        RoleScope::Group => Text::from("[").and_cut(&role.name).and("]"),
        RoleScope::Account | RoleScope::Organization => Text::cut(&role.name),
    }
}

/// What a person's node says about the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Who {
    Person,
    OrganizationAdmin,
    Service,
    Several,
    Off,
}

impl Who {
    /// Off where nothing is in force; an organization admin where that role is.
    pub(super) fn of(user_type: UserType, is_enabled: bool, is_organization_admin: bool) -> Self {
        match user_type {
            _ if !is_enabled => Self::Off,
            UserType::Service => Self::Service,
            UserType::Person if is_organization_admin => Self::OrganizationAdmin,
            UserType::Person => Self::Person,
        }
    }

    /// In words, for the legend.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::OrganizationAdmin => "organization admin",
            Self::Service => "service user",
            Self::Several => "people with the very same access",
            Self::Off => "without access, or disabled",
        }
    }

    pub(super) fn shape(self) -> Attributes {
        match self {
            Self::Person => [("shape", "box"), ("style", "rounded"), ("color", "#000000")].into(),
            Self::OrganizationAdmin => {
                let pairs = [("shape", "box"), ("style", "rounded,bold"), ("color", VERMILLION), ("peripheries", "2")];
                pairs.into()
            }
            Self::Service => [("shape", "component"), ("style", "solid"), ("color", "#000000")].into(),
            Self::Several => [("shape", "folder"), ("style", "solid"), ("color", "#000000")].into(),
            Self::Off => [
                ("shape", "box"),
                ("style", "rounded,filled,dashed"),
                ("color", GREY),
                ("fillcolor", "#F0F0F0"),
                ("fontcolor", DARK_GREY),
            ]
            .into(),
        }
    }
}

/// How access comes about, as drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Line {
    /// Person to a role of an account, held by itself.
    Direct,
    /// Person to a role of an account, through a group.
    Group,
    /// Person to a role of an organization.
    Holds,
    /// Organization's role to a role of an account.
    Implies,
    /// What a person would have, were it not disabled.
    Off,
}

impl Line {
    pub(super) const ALL: [Self; 5] = [Self::Direct, Self::Group, Self::Holds, Self::Implies, Self::Off];

    /// In words, for the legend.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Group => "through a group",
            Self::Holds => "holds",
            Self::Implies => "implies",
            Self::Off => "disabled",
        }
    }

    /// The line to a role of that worth.
    pub(super) fn shape(self, worth: Worth) -> Attributes {
        let style = match self {
            Self::Direct => "solid",
            Self::Group => "dotted",
            Self::Holds | Self::Implies | Self::Off => "dashed",
        };
        let color = if self == Self::Off { "#A0A0A0" } else { worth.color() };
        let width = match self {
            Self::Off => "0.7",
            Self::Group if worth == Worth::Privileged => "2.4",
            Self::Group => "1.6",
            _ if worth == Worth::Privileged => "1.6",
            _ => "0.9",
        };
        [("class", self.class()), ("style", style), ("color", color), ("penwidth", width)].into()
    }

    fn class(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Group => "group",
            Self::Holds => "holds",
            Self::Implies => "implies",
            Self::Off => "disabled",
        }
    }
}

/// The frame of an account: dashed where it was not read, dotted where no list has it.
pub(super) fn account_frame(status: FetchStatus) -> Attributes {
    let (style, color, background) = match status {
        FetchStatus::Complete => ("solid", "#000000", "#FFFFFF"),
        FetchStatus::Incomplete => ("dashed", VERMILLION, "#FFFFFF"),
        FetchStatus::Failed | FetchStatus::NotAttempted => ("dashed,bold", VERMILLION, "#FAFAFA"),
        FetchStatus::Excluded => ("dashed", GREY, "#FAFAFA"),
        FetchStatus::Unlisted => ("dotted,bold", ORANGE, "#FAFAFA"),
    };
    [("style", style), ("color", color), ("bgcolor", background), ("fontsize", "9"), ("margin", "6")].into()
}

/// How far an account was read, in words that need no legend.
pub(super) fn status_words(status: FetchStatus) -> &'static str {
    match status {
        FetchStatus::Complete => "complete",
        FetchStatus::Incomplete => "INCOMPLETE: members may be missing",
        FetchStatus::Failed => "FAILED: its members were not read",
        FetchStatus::Excluded => "EXCLUDED by configuration, not read",
        FetchStatus::Unlisted => "UNLISTED: named by a member, in no list",
        FetchStatus::NotAttempted => "NOT ATTEMPTED: its members were not read",
    }
}

/// The access model by the name of the list that answered.
pub(super) fn model_words(model: Option<ApiModel>) -> &'static str {
    match model {
        Some(ApiModel::TeamMembers) => "TeamMembers",
        Some(ApiModel::TeamUsers) => "TeamUsers",
        None => "own list not read",
    }
}
