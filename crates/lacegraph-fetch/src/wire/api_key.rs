//! A row of `ApiKeys`.

use serde::Deserialize;

use super::value::{Flag, Text};

/// A key of an account, as third parties describe it: the vendor's reference does not. Whatever else a row carries is not read.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, expecting = "an object")]
pub(crate) struct ApiKeyEntry<'a> {
    #[serde(borrow)]
    pub(crate) key_id: Text<'a>,
    pub(crate) enabled: Flag,
    #[serde(borrow)]
    pub(crate) props: Option<ApiKeyProps<'a>>,
}

/// What a key keeps in `props`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, expecting = "an object")]
pub(crate) struct ApiKeyProps<'a> {
    #[serde(borrow)]
    pub(crate) description: Text<'a>,
}
