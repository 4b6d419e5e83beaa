//! What the plan says of custom groups, which no call reveals.

use lacegraph_model::{ProblemReport, Severity};

use crate::error::FetchError;
use crate::plan::{GroupMeaning, Plan};
use crate::recorder::Recorder;

/// Hands what the plan says of custom groups to the snapshot, where groups are looked for once all members are known.
pub(crate) async fn state_meanings(plan: &Plan, recorder: &Recorder) -> Result<(), FetchError> {
    let (mut meanings, mut misplaced) = (Vec::new(), Vec::new());
    for meaning in &plan.groups {
        let wanted = meaning.organization.trim().to_lowercase();
        match plan.organizations.iter().find(|organization| organization.name.to_lowercase() == wanted) {
            // Known by now: this finds it.
            Some(organization) => meanings.push((organization.name.clone(), meaning.clone())),
            None => misplaced.push(meaning.clone()),
        }
    }
    recorder
        .ask(move |recording| {
            let builder = &mut recording.builder;
            for (organization, GroupMeaning { account, group, role, evidence, .. }) in meanings {
                let organization = builder.organization(&organization, "");
                builder.group_meaning(organization, &account, &group, &role, &evidence);
            }
            for GroupMeaning { organization, account, group, role, .. } in misplaced {
                let message = format!(
                    "the configuration says that the group \u{201c}{group}\u{201d} of {organization}/{account} confers {role}, \
                     which is not used: no organization of that name is read"
                );
                builder.problem(ProblemReport {
                    severity: Severity::Warning,
                    code: "group_meaning_unused",
                    organization: None,
                    account: None,
                    page: None,
                    row_number: None,
                    message: &message,
                    hint: Some("correct the entry, or take it out"),
                });
            }
        })
        .await
}
