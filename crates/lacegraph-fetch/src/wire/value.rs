//! Values in all the spellings in which the API sends them.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use jiff::{Timestamp, civil, tz::TimeZone};
use lacegraph_model::{Login, UtcTime};
use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};

/// Text, `null` or missing; borrowed where it has no escapes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Text<'a>(Option<Cow<'a, str>>);

impl Text<'_> {
    /// The text, trimmed, where it is more than blanks.
    pub(crate) fn non_empty(&self) -> Option<&str> {
        let text = self.0.as_deref()?;
        if let [first, .., last] = text.as_bytes()
            && first.is_ascii_graphic()
            && last.is_ascii_graphic()
        {
            // As nearly all are: nothing to trim.
            return Some(text);
        }
        Some(text.trim()).filter(|text| !text.is_empty())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.non_empty().is_none()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }
            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Some(Cow::Borrowed(text))))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Some(Cow::Owned(text.to_owned()))))
            }
            fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
                Ok(Text(None))
            }
        }
        deserializer.deserialize_any(TextVisitor)
    }
}

/// `true`/`false`, `1`/`0`, the same as text, `null` or missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flag(pub(crate) Option<bool>);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FlagVisitor;
        impl FlagVisitor {
            fn number<E: Error>(is_one: bool, is_zero: bool) -> Result<Flag, E> {
                if is_one || is_zero { Ok(Flag(Some(is_one))) } else { Err(E::custom("expected a boolean, 1 or 0")) }
            }
        }
        impl Visitor<'_> for FlagVisitor {
            type Value = Flag;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a boolean, 1 or 0")
            }
            fn visit_bool<E: Error>(self, value: bool) -> Result<Flag, E> {
                Ok(Flag(Some(value)))
            }
            fn visit_u64<E: Error>(self, value: u64) -> Result<Flag, E> {
                Self::number(value == 1, value == 0)
            }
            fn visit_i64<E: Error>(self, value: i64) -> Result<Flag, E> {
                Self::number(value == 1, value == 0)
            }
            fn visit_f64<E: Error>(self, value: f64) -> Result<Flag, E> {
                Self::number(value == 1.0, value == 0.0)
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Flag, E> {
                let text = text.trim();
                if text.is_empty() {
                    return Ok(Flag(None));
                }
                let is = |word: &str| text.eq_ignore_ascii_case(word);
                Self::number(is("1") || is("true"), is("0") || is("false"))
            }
            fn visit_unit<E: Error>(self) -> Result<Flag, E> {
                Ok(Flag(None))
            }
        }
        deserializer.deserialize_any(FlagVisitor)
    }
}

/// A point in time: ISO-8601 text, epoch milliseconds as integer, float or text, `0` for never, `null` or missing for unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Moment {
    /// `null`, empty text or missing.
    #[default]
    Unknown,
    /// `0`.
    Never,
    /// A time.
    At(UtcTime),
}

impl Moment {
    /// The time, where one is known.
    pub(crate) fn time(self) -> Option<UtcTime> {
        match self {
            Self::At(time) => Some(time),
            Self::Unknown | Self::Never => None,
        }
    }

    /// What it says where it is about a login.
    pub(crate) fn login(self) -> Login {
        match self {
            Self::At(time) => Login::at(time),
            Self::Never => Login::NEVER,
            Self::Unknown => Login::UNKNOWN,
        }
    }

    fn of_milliseconds(milliseconds: f64) -> Option<Self> {
        // Before 1970 there was nothing to log in to; beyond the year 9999 no format goes.
        if !(0.0..253_402_300_800_000.0).contains(&milliseconds) {
            return None;
        }
        Some(UtcTime::from_seconds((milliseconds / 1000.0).floor() as i64).map_or(Self::Never, Self::At))
    }

    fn of_text(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() {
            return Some(Self::Unknown);
        }
        if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
            return Self::of_milliseconds(text.parse().ok()?);
        }
        let without_zone = || -> Option<Timestamp> {
            let civil: civil::DateTime = text.parse().ok()?;
            Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
        };
        let timestamp = text.parse().ok().or_else(without_zone)?;
        match UtcTime::from_timestamp(timestamp) {
            Some(time) if time.as_seconds() < 0 => None,
            Some(time) => Some(Self::At(time)),
            None => Some(Self::Never),
        }
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const EXPECTED: &str = "expected a time: ISO-8601 text or epoch milliseconds";
        struct MomentVisitor;
        impl Visitor<'_> for MomentVisitor {
            type Value = Moment;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(EXPECTED.trim_start_matches("expected "))
            }
            fn visit_u64<E: Error>(self, value: u64) -> Result<Moment, E> {
                self.visit_f64(value as f64)
            }
            fn visit_i64<E: Error>(self, value: i64) -> Result<Moment, E> {
                self.visit_f64(value as f64)
            }
            fn visit_f64<E: Error>(self, value: f64) -> Result<Moment, E> {
                Moment::of_milliseconds(value).ok_or_else(|| E::custom(EXPECTED))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Moment, E> {
                Moment::of_text(text).ok_or_else(|| E::custom(EXPECTED))
            }
            fn visit_unit<E: Error>(self) -> Result<Moment, E> {
                Ok(Moment::Unknown)
            }
        }
        deserializer.deserialize_any(MomentVisitor)
    }
}

/// A number of rows; anything that is none counts as not said, for nothing depends on it alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count(pub(crate) Option<u64>);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&serde_json::value::RawValue>::deserialize(deserializer)?;
        Ok(Self(raw.get().trim_matches('"').parse().ok()))
    }
}

/// A list, `null` or missing; the last two are no list, which is not the same as an empty one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct List<T>(pub(crate) Option<Vec<T>>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> List<T> {
    /// The entries; none where there is no list.
    pub(crate) fn entries(&self) -> &[T] {
        self.0.as_deref().unwrap_or_default()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ListVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
            type Value = List<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
                let mut list = Vec::new();
                while let Some(entry) = entries.next_element()? {
                    list.push(entry);
                }
                Ok(List(Some(list)))
            }
            fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
                Ok(List(None))
            }
        }
        deserializer.deserialize_any(ListVisitor(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<'a, T: Deserialize<'a>>(json: &'a str) -> Option<T> {
        serde_json::from_str(json).ok()
    }

    #[test]
    fn booleans_in_every_spelling() {
        for yes in ["true", "1", "\"1\"", "\"true\"", "\"TRUE\"", "1.0"] {
            assert_eq!(read(yes), Some(Flag(Some(true))), "{yes}");
        }
        for no in ["false", "0", "\"0\"", "\"false\"", "0.0"] {
            assert_eq!(read(no), Some(Flag(Some(false))), "{no}");
        }
        for unknown in ["null", "\"\""] {
            assert_eq!(read(unknown), Some(Flag(None)), "{unknown}");
        }
        for nonsense in ["2", "-1", "\"yes\"", "[]", "{}"] {
            assert_eq!(read::<Flag>(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn times_in_every_spelling() {
        let time = |seconds| Some(Moment::At(UtcTime::from_seconds(seconds).unwrap()));
        for same in [
            "1714554000123",
            "1714554000123.0",
            "1.714554000123e12",
            "\"1714554000123\"",
            "\"1714554000123.5\"",
            "\"2024-05-01T09:00:00Z\"",
            "\"2024-05-01T09:00:00.999Z\"",
            "\"2024-05-01T11:00:00+02:00\"",
            "\"2024-05-01T09:00:00\"",
            "\" 2024-05-01 09:00:00 \"",
        ] {
            assert_eq!(read(same), time(1_714_554_000), "{same}");
        }
        for never in ["0", "0.0", "\"0\"", "\"1970-01-01T00:00:00Z\""] {
            assert_eq!(read(never), Some(Moment::Never), "{never}");
        }
        for unknown in ["null", "\"\""] {
            assert_eq!(read(unknown), Some(Moment::Unknown), "{unknown}");
        }
        for nonsense in ["-5", "1e300", "\"yesterday\"", "\"1960-01-01T00:00:00Z\"", "true", "[]", "\"1.2.3\""] {
            assert_eq!(read::<Moment>(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn texts_are_borrowed_unless_escaped() {
        assert!(matches!(read::<Text<'_>>("\"a\"").unwrap().0, Some(Cow::Borrowed("a"))));
        assert!(matches!(read::<Text<'_>>(r#""a\n""#).unwrap().0, Some(Cow::Owned(_))));
        assert_eq!(read::<Text<'_>>("null"), Some(Text(None)));
        assert_eq!(read::<Text<'_>>("7"), None);
        assert!(read::<Text<'_>>("\"  \"").unwrap().is_empty());
    }

    #[test]
    fn no_list_is_not_an_empty_list() {
        assert_eq!(read::<List<u8>>("null"), Some(List(None)));
        assert_eq!(read::<List<u8>>("[]"), Some(List(Some(Vec::new()))));
        assert_eq!(read::<List<u8>>("[1]").unwrap().entries(), [1]);
        assert_eq!(read::<List<u8>>("{}"), None);
    }

    #[test]
    fn counts_are_lenient() {
        assert_eq!(read("12"), Some(Count(Some(12))));
        assert_eq!(read("\"12\""), Some(Count(Some(12))));
        assert_eq!(read("null"), Some(Count(None)));
        assert_eq!(read("{}"), Some(Count(None)));
    }
}
