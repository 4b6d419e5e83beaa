//! What a reader may set about the meaning of a snapshot.

/// Thresholds and lists that [`Graph`](crate::Graph) applies: with a snapshot they determine every output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Whole days without a login after which a person is dormant: more than this many. 90 unless set.
    pub dormant_after_days: i64,
    /// The company's own e-mail domains, in any case. With none, domains are `unclassified`.
    pub internal_domains: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { dormant_after_days: 90, internal_domains: Vec::new() }
    }
}
