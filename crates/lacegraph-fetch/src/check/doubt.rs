//! Lists that a run does not believe: what is wrong shows in their first page, or they show one person alone, who may be the
//! key's owner.

use lacegraph_model::ApiModel;

use super::{Doubt, FirstPage, Outlook};
use crate::own_list::Asker;
use crate::statements::Listed;
use crate::wire::{TeamMember, TeamUser, Text, each_row};

/// Who is in a list, where its first page is the only one, and how many of its rows are not understood.
pub(super) fn people(page: &FirstPage, model: ApiModel) -> (Listed, usize) {
    let (mut listed, mut faults) = (Listed::Nobody, 0);
    let text = page.text.as_deref().unwrap_or("[]");
    match model {
        ApiModel::TeamMembers => each_row::<TeamMember<'_>>(text, |_, row| match row {
            Ok(row) => listed.add(row.login()),
            Err(_) => faults += 1,
        }),
        ApiModel::TeamUsers => each_row::<TeamUser<'_>>(text, |_, row| match row {
            Ok(row) => listed.add([&row.email, &row.name].into_iter().find_map(Text::non_empty)),
            Err(_) => faults += 1,
        }),
    }
    (if page.is_last { listed } else { Listed::Others }, faults)
}

/// Why a run would not take the list for whole, whoever is in it.
pub(super) fn flaw(page: &FirstPage, faults: usize) -> Option<Doubt> {
    if let Some(error) = &page.paging {
        return Some(Doubt::Paging(error.clone()));
    }
    if faults > 0 {
        return Some(Doubt::Rows(faults));
    }
    let is_short = page.is_last && page.list.total.is_some_and(|total| total > page.list.rows);
    is_short.then_some(Doubt::Short(page.list))
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
