//! Which accounts are read.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

/// Include and exclude patterns on account names, in any case.
///
/// An account is read where an include pattern matches it, or there is none, and no exclude pattern does.
#[derive(Clone, Debug)]
pub struct AccountFilter {
    include: Option<GlobSet>,
    exclude: GlobSet,
    /// All patterns as configured: those that include, then those that exclude.
    patterns: Vec<String>,
}

/// A pattern that is no glob.
#[derive(Clone, Debug, thiserror::Error)]
#[error("read the account pattern `{pattern}`: {reason}")]
pub struct PatternError {
    /// The pattern as configured.
    pub pattern: String,
    /// What is wrong with it.
    pub reason: String,
}

impl PatternError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        "patterns know `*`, `?`, `[abc]` and `{one,two}`; put a backslash before a character that is meant literally"
    }
}

impl AccountFilter {
    /// The filter of these patterns. With both lists empty every account passes.
    ///
    /// # Errors
    /// Where a pattern is no glob.
    pub fn new(include: &[String], exclude: &[String]) -> Result<Self, PatternError> {
        let include_patterns = include;
        let include = if include.is_empty() { None } else { Some(globs(include)?) };
        Ok(Self { include, exclude: globs(exclude)?, patterns: [include_patterns, exclude].concat() })
    }

    /// The patterns that match none of these names: misspelt, perhaps, and then accounts are read or left out that were
    /// not meant to be.
    pub fn idle_patterns(&self, names: &[String]) -> Vec<&str> {
        let included = self.include.as_ref().map_or(0, GlobSet::len);
        let is_matched = |index: usize| {
            names.iter().any(|name| match index.checked_sub(included) {
                Some(index) => self.exclude.matches(name).contains(&index),
                None => self.include.as_ref().is_some_and(|set| set.matches(name).contains(&index)),
            })
        };
        let patterns = self.patterns.iter().enumerate();
        patterns.filter(|&(index, _)| !is_matched(index)).map(|(_, pattern)| pattern.as_str()).collect()
    }

    /// The patterns as configured: those that include, those that exclude.
    pub fn patterns(&self) -> (&[String], &[String]) {
        self.patterns.split_at(self.include.as_ref().map_or(0, GlobSet::len))
    }

    /// Whether the account of this name is read.
    pub fn admits(&self, name: &str) -> bool {
        self.include.as_ref().is_none_or(|set| set.is_match(name)) && !self.exclude.is_match(name)
    }
}

impl Default for AccountFilter {
    fn default() -> Self {
        Self { include: None, exclude: GlobSet::empty(), patterns: Vec::new() }
    }
}

fn globs(patterns: &[String]) -> Result<GlobSet, PatternError> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let glob = GlobBuilder::new(pattern)
            .case_insensitive(true)
            .build()
            .map_err(|error| PatternError { pattern: pattern.clone(), reason: error.kind().to_string() })?;
        set.add(glob);
    }
    set.build().map_err(|error| PatternError { pattern: patterns.join(", "), reason: error.kind().to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(include: &[&str], exclude: &[&str]) -> AccountFilter {
        let owned = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
        AccountFilter::new(&owned(include), &owned(exclude)).unwrap()
    }

    #[test]
    fn exclude_beats_include_in_any_case() {
        let filter = filter(&["acme-*"], &["*-SANDBOX"]);
        assert!(filter.admits("ACME-PROD"));
        assert!(!filter.admits("acme-sandbox"));
        assert!(!filter.admits("OTHER"));
    }

    #[test]
    fn no_patterns_admit_everything() {
        assert!(AccountFilter::default().admits("X"));
        assert!(filter(&[], &[]).admits("X"));
    }

    #[test]
    fn patterns_that_match_nothing_are_told() {
        let names = ["ACME-PROD".to_owned(), "ACME-SANDBOX".to_owned()];
        let of = |include: &[&str], exclude: &[&str]| {
            filter(include, exclude).idle_patterns(&names).into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(of(&["acme-*", "globex-*"], &["*-SANDBOX", "*-SANDBOCKS"]), ["globex-*", "*-SANDBOCKS"]);
        assert_eq!(of(&[], &["*"]), [""; 0]);
    }

    #[test]
    fn a_broken_pattern_is_named() {
        let error = AccountFilter::new(&[], &["[".to_owned()]).unwrap_err();
        assert_eq!(error.pattern, "[");
        assert!(error.to_string().starts_with("read the account pattern `[`: "), "{error}");
    }
}
