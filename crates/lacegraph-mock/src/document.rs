use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde_json::{Map, Value};

use crate::audit_window::AuditWindow;
use crate::generator::{Generated, Part};
use crate::listing::{ListHead, Listing, PagePlan};
use crate::resource::{Resource, Scope};

/// What one resource holds for one scope, before it is written into pages.
#[derive(Debug, Clone)]
pub(crate) enum Document {
    /// The raw body of a fixture: an object with `data`, or a bare array.
    Json(Value),
    /// A part of a generated organization.
    Generated(Arc<Generated>, Part),
}

impl Document {
    /// The pages it becomes; a list of no rows becomes none.
    fn write(&self, plan: &PagePlan, organization: &str, resource: Resource, scope: &Scope) -> Listing {
        let head = |fields, claimed_rows| ListHead { organization, resource, scope, part: "", fields, claimed_rows };
        match self {
            Self::Generated(generated, part) => {
                let rows = generated.rows(*part);
                plan.write(&head(Map::new(), rows), rows, |row, out| {
                    generated.write_row(*part, row, out);
                })
            }
            Self::Json(body) => {
                let Some(rows) = rows_of(body) else {
                    return Listing::single(body.to_string());
                };
                if rows.is_empty() {
                    return Listing::empty();
                }
                if plan.page_size.is_none() || !resource.is_list() {
                    return Listing::single(body.to_string());
                }
                let mut fields = body.as_object().cloned().unwrap_or_default();
                fields.remove("data");
                let claimed = fields.remove("paging").and_then(|paging| paging.get("totalRows")?.as_u64());
                let claimed = claimed.map_or(rows.len(), |claimed| claimed as usize);
                plan.write(&head(fields, claimed), rows.len(), |row, out| {
                    out.extend_from_slice(rows[row].to_string().as_bytes());
                })
            }
        }
    }

    /// The rows of a fixture, for an answer that depends on the query.
    pub(crate) fn json_rows(&self) -> &[Value] {
        match self {
            Self::Json(body) => rows_of(body).unwrap_or_default(),
            Self::Generated(..) => &[],
        }
    }
}

fn rows_of(body: &Value) -> Option<&[Value]> {
    body.as_array().or_else(|| body.get("data")?.as_array()).map(Vec::as_slice)
}

/// A document and the pages it becomes, written once.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) document: Document,
    listing: OnceLock<Arc<Listing>>,
    /// The parts of it that were asked for by time.
    windows: Mutex<Vec<(AuditWindow, Arc<Listing>)>>,
}

impl Slot {
    pub(crate) fn new(document: Document) -> Self {
        Self { document, listing: OnceLock::new(), windows: Mutex::default() }
    }

    /// The pages, written at the first call.
    pub(crate) fn listing(
        &self,
        plan: &PagePlan,
        organization: &str,
        resource: Resource,
        scope: &Scope,
    ) -> &Arc<Listing> {
        self.listing.get_or_init(|| self.document.write(plan, organization, resource, scope).into())
    }

    /// The pages of the rows inside a window of time, written at the first call for it.
    pub(crate) fn window_listing(
        &self,
        plan: &PagePlan,
        organization: &str,
        resource: Resource,
        scope: &Scope,
        window: &AuditWindow,
    ) -> Arc<Listing> {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, listing)) = windows.iter().find(|(known, _)| known == window) {
            return Arc::clone(listing);
        }
        let rows: Vec<&Value> = self.document.json_rows().iter().filter(|row| window.holds(row)).collect();
        let part = format!("{window:?}");
        let head =
            ListHead { organization, resource, scope, part: &part, fields: Map::new(), claimed_rows: rows.len() };
        let listing = Arc::new(plan.write(&head, rows.len(), |row, out| {
            out.extend_from_slice(rows[row].to_string().as_bytes());
        }));
        windows.push((window.clone(), Arc::clone(&listing)));
        listing
    }

    /// The window whose pages one of this name is among, and its number, counted from 1.
    pub(crate) fn window_page(&self, name: &str) -> Option<(Arc<Listing>, usize)> {
        let windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        windows.iter().find_map(|(_, listing)| Some((Arc::clone(listing), listing.number_of(Some(name))?)))
    }

    /// Whether the pages are written before the first call: everything but the own lists of a generated organization
    /// that has an organization-wide list, because there they are rarely asked for and as large again.
    pub(crate) fn is_written_early(&self) -> bool {
        match &self.document {
            Document::Json(_) => true,
            Document::Generated(generated, part) => generated.is_written_early(*part),
        }
    }
}
