//! The rows of a body: all of them at once, or one by one where one does not fit.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// The rows in `data`, or of a bare list, which occurs (vendor's documentation sample); `None` where neither is there.
#[derive(Debug)]
pub(crate) struct Rows<T> {
    pub(crate) rows: Option<Vec<T>>,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Rows<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RowsVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for RowsVisitor<T> {
            type Value = Rows<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with `data`, or a list")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut rows = None;
                while let Some(is_data) = map.next_key::<IsData>()? {
                    if is_data.0 {
                        if rows.is_some() {
                            return Err(A::Error::duplicate_field("data"));
                        }
                        rows = map.next_value::<super::List<T>>()?.0;
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(Rows { rows })
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
                let mut rows = Vec::new();
                while let Some(row) = entries.next_element()? {
                    rows.push(row);
                }
                Ok(Rows { rows: Some(rows) })
            }
        }
        deserializer.deserialize_any(RowsVisitor(PhantomData))
    }
}

struct IsData(bool);

impl<'de> Deserialize<'de> for IsData {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl Visitor<'_> for KeyVisitor {
            type Value = IsData;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a field name")
            }
            fn visit_str<E: Error>(self, key: &str) -> Result<IsData, E> {
                Ok(IsData(key == "data"))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}

/// Why a row is not understood. Repeats no value of the row: values are about people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RowFault {
    /// Where in the row, `props.lastLoginTime` for example; `.` for the row itself.
    pub(crate) path: String,
    /// What should stand there.
    pub(crate) expected: String,
}

impl RowFault {
    pub(crate) fn new(path: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { path: path.into(), expected: expected.into() }
    }

    fn of(error: &serde_path_to_error::Error<serde_json::Error>) -> Self {
        let text = error.inner().to_string();
        // `invalid type: string "value", expected a list at line 1 column 9`: only what was expected may be repeated.
        let expected = text.rsplit_once("expected ").map(|(_, expected)| expected);
        let expected = expected.and_then(|expected| expected.split(" at line ").next());
        let is_ours = |expected: &&str| !expected.is_empty() && !expected.contains('"');
        let what = match expected.filter(is_ours) {
            Some(expected) => format!("expected {expected}"),
            None => "no value of the form the API documents".to_owned(),
        };
        Self::new(error.path().to_string(), what)
    }
}

impl RowFault {
    /// The fault of row `number`, from 1, told by where it stands in the page.
    pub(crate) fn in_row(&self, number: u64) -> String {
        let dot = if self.path == "." { "" } else { "." };
        format!("`data[{}]{dot}{}`: {}", number.saturating_sub(1), self.path.trim_start_matches('.'), self.expected)
    }
}

/// The rows of a page, parsed: all of them, or row by row where one does not fit, so that it does not lose the others.
#[derive(Debug)]
pub(crate) enum ParsedRows<T> {
    Whole(Vec<T>),
    ByRow(Vec<Result<T, RowFault>>),
}

impl<'a, T: Deserialize<'a>> ParsedRows<T> {
    /// Parses `body`, which must have been found to be JSON with rows.
    pub(crate) fn of(body: &'a str) -> Self {
        if let Ok(Rows { rows: Some(rows) }) = serde_json::from_str::<Rows<T>>(body) {
            return Self::Whole(rows);
        }
        let Ok(page) = serde_json::from_str::<Rows<&RawValue>>(body) else {
            return Self::ByRow(vec![Err(RowFault::new(".", "a page that can be taken apart into rows"))]);
        };
        let parse = |row: &'a RawValue| {
            let mut deserializer = serde_json::Deserializer::from_str(row.get());
            serde_path_to_error::deserialize(&mut deserializer).map_err(|error| RowFault::of(&error))
        };
        Self::ByRow(page.rows.unwrap_or_default().into_iter().map(parse).collect())
    }
}

impl<T> ParsedRows<T> {
    /// Gives each row to `take` with its number, from 1.
    pub(crate) fn each(self, mut take: impl FnMut(u64, Result<T, RowFault>)) {
        match self {
            Self::Whole(rows) => (1..).zip(rows).for_each(|(number, row)| take(number, Ok(row))),
            Self::ByRow(rows) => (1..).zip(rows).for_each(|(number, row)| take(number, row)),
        }
    }
}

/// Parses the rows of `body` and gives each to `take` with its number, from 1.
pub(crate) fn each_row<'a, T: Deserialize<'a>>(body: &'a str, take: impl FnMut(u64, Result<T, RowFault>)) {
    ParsedRows::of(body).each(take);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::TeamMember;

    fn faults(body: &str) -> Vec<String> {
        let mut seen = Vec::new();
        each_row::<TeamMember<'_>>(body, |number, row| match row {
            Ok(row) => seen.push(format!("{number} {}", row.login().unwrap_or("-"))),
            Err(fault) => seen.push(fault.in_row(number)),
        });
        seen
    }

    #[test]
    fn one_bad_row_does_not_lose_its_page() {
        let body = r#"{"paging":{},"data":[
            {"userName":"a@x"},
            {"userName":"b@x","props":{"lastLoginTime":"b@x yesterday"}},
            {"userName":["b@x"]},
            "b@x",
            {"userName":"c@x","accounts":[{"accountName":"A"},{"admin":"b@x"}]},
            {"userName":"d@x","userName":"e@x"},
            {"username":"f@x"}]}"#;
        assert_eq!(
            faults(body),
            [
                "1 a@x",
                "`data[1].props.lastLoginTime`: expected a time: ISO-8601 text or epoch milliseconds",
                "`data[2].userName`: expected text",
                "`data[3]`: expected an object",
                "`data[4].accounts[1].admin`: expected a boolean, 1 or 0",
                "`data[5]`: no value of the form the API documents",
                "7 f@x",
            ]
        );
        assert_eq!(faults(r#"[{"email":"a@x"}]"#), ["1 a@x"]);
    }

    #[test]
    fn a_lone_surrogate_costs_its_row_alone() {
        assert_eq!(faults(r#"{"data":[{"email":"\ud800"},{"email":"a@x"}]}"#).len(), 2);
        assert_eq!(faults(r#"{"data":[{"email":"\ud800"},{"email":"a@x"}]}"#)[1], "2 a@x");
    }
}
