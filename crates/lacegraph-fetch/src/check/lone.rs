//! Lists that show one person alone, who may be the key's owner: a run does not believe them.

use lacegraph_model::ApiModel;

use super::{FirstPage, Outlook};
use crate::own_list::Asker;
use crate::statements::Listed;
use crate::wire::{TeamMember, TeamUser, Text, each_row};

/// Who is in a list, where its first page is the only one.
pub(super) fn people(page: &FirstPage, model: ApiModel) -> Listed {
    let mut listed = Listed::Nobody;
    let Some(text) = page.text.as_deref().filter(|_| page.is_last) else { return Listed::Others };
    match model {
        ApiModel::TeamMembers => each_row::<TeamMember<'_>>(text, |_, row| {
            if let Ok(row) = row {
                listed.add(row.login());
            }
        }),
        ApiModel::TeamUsers => each_row::<TeamUser<'_>>(text, |_, row| {
            if let Ok(row) = row {
                listed.add([&row.email, &row.name].into_iter().find_map(Text::non_empty));
            }
        }),
    }
    listed
}

/// An account, who may ask for it, and what its list shows.
pub(super) struct Seen<'s> {
    pub(super) asker: Asker,
    pub(super) people: Listed,
    pub(super) outlook: &'s mut Outlook,
}

/// Marks the lists that a run would not believe. `of_organization` is the only person in the organization's list, where its
/// asker is not known; gives whether that list would not be believed either.
pub(super) fn doubt(seen: Vec<Seen<'_>>, of_organization: Option<&str>) -> bool {
    let mut unknown = Vec::new();
    for Seen { asker, people, outlook } in seen {
        let is_owner = matches!((&people, &asker), (Listed::One(one), Asker::NoAdmin(owner)) if one == owner);
        if is_owner {
            outlook.doubt();
        } else if asker == Asker::Unknown && people != Listed::Nobody {
            unknown.push((people, outlook));
        }
    }
    let mut logins =
        unknown.iter().map(|(people, _)| people.clone().one()).chain(of_organization.map(|one| Some(one.to_owned())));
    let first = logins.next().flatten();
    if first.is_none() || !logins.all(|login| login == first) {
        return false;
    }
    unknown.into_iter().for_each(|(_, outlook)| outlook.doubt());
    of_organization.is_some()
}
