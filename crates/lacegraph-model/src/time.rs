//! Times as the product records them: whole seconds, UTC.

use std::fmt;
use std::num::NonZeroI64;

use jiff::Timestamp;

/// A point in time: whole seconds since 1970-01-01T00:00:00 UTC, never exactly zero.
///
/// Zero is excluded because the API writes `0` for "never"; that makes `Option<UtcTime>` eight bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UtcTime(NonZeroI64);

impl UtcTime {
    /// The time that is `seconds` after the epoch; `None` for zero, for what lies before the year 1,
    /// and for what lies after 9999-12-30T22:00:00, where jiff ends.
    pub fn from_seconds(seconds: i64) -> Option<Self> {
        const YEAR_1: i64 = -62_135_596_800;
        let last = Timestamp::MAX.as_second();
        NonZeroI64::new(seconds).filter(|_| (YEAR_1..=last).contains(&seconds)).map(Self)
    }

    /// The time cut to whole seconds; `None` for the epoch itself.
    pub fn from_timestamp(timestamp: Timestamp) -> Option<Self> {
        // Rounds towards the past, before the epoch too, so that order is kept.
        let seconds = timestamp.as_second() - i64::from(timestamp.subsec_nanosecond() < 0);
        Self::from_seconds(seconds)
    }

    /// Seconds since the epoch.
    pub fn as_seconds(self) -> i64 {
        self.0.get()
    }

    /// `YYYY-MM-DD HH:MM:SS`, the one form that ODBC, JDBC, SQLAlchemy and DuckDB all read as a date and time.
    pub fn to_sql(self) -> String {
        let mut text = String::with_capacity(19);
        self.push_sql(&mut text);
        text
    }

    /// Appends what [`to_sql`](Self::to_sql) gives, without a text of its own: several times are written for every
    /// membership.
    pub fn push_sql(self, text: &mut String) {
        self.push(*b"0000-00-00 00:00:00", [0, 2, 5, 8, 11, 14, 17], text);
    }

    /// Appends the day in UTC, `YYYY-MM-DD`.
    pub fn push_date(self, text: &mut String) {
        let start = text.len();
        self.push_sql(text);
        text.truncate(start + "0000-00-00".len());
    }

    /// `YYYY-MM-DDTHH:MM:SSZ` (RFC 3339).
    pub fn to_rfc3339(self) -> String {
        let mut text = String::with_capacity(20);
        self.push_rfc3339(&mut text);
        text
    }

    /// Appends what [`to_rfc3339`](Self::to_rfc3339) gives.
    pub fn push_rfc3339(self, text: &mut String) {
        self.push(*b"0000-00-00T00:00:00Z", [0, 2, 5, 8, 11, 14, 17], text);
    }

    /// `YYYYMMDDTHHMMSSZ`, safe in a file name on every system.
    pub fn to_compact(self) -> String {
        let mut text = String::with_capacity(16);
        self.push(*b"00000000T000000Z", [0, 2, 4, 6, 9, 11, 13], &mut text);
        text
    }

    /// Reads the form that [`to_sql`](Self::to_sql) writes.
    pub fn parse_sql(text: &str) -> Option<Self> {
        let civil: jiff::civil::DateTime = text.parse().ok()?;
        Self::from_timestamp(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    }

    /// Whole days from this time to `later`, rounded down; zero where `later` is earlier.
    pub fn whole_days_until(self, later: Self) -> i64 {
        (later.as_seconds() - self.as_seconds()).max(0) / 86_400
    }

    /// Appends `form` with the digits of century, year, month, day, hour, minute and second in their `places`.
    ///
    /// Counts days and writes digits by hand: five times are written twice for every membership, and with a calendar and a
    /// formatter made for everything they took a tenth of a whole export.
    fn push<const N: usize>(self, form: [u8; N], places: [usize; 7], text: &mut String) {
        let (days, second) = (self.as_seconds().div_euclid(86_400), self.as_seconds().rem_euclid(86_400));
        let (year, month, day) = date_of(days);
        let numbers = [year / 100, year % 100, month, day, second / 3600, second / 60 % 60, second % 60];
        let mut form = form;
        for (place, number) in places.into_iter().zip(numbers) {
            // Both digits are below ten: the numbers are below a hundred.
            form[place] = b'0' + (number / 10 % 10) as u8;
            form[place + 1] = b'0' + (number % 10) as u8;
        }
        text.push_str(str::from_utf8(&form).unwrap_or_default());
    }
}

/// Year, month and day of the Gregorian calendar, so many days after 1970-01-01.
///
/// Years are counted from March, so that the leap day is the last of its year, in eras of 400 years, which all have the same
/// number of days. After Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
fn date_of(days: i64) -> (i64, i64, i64) {
    // From 0000-03-01.
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

impl fmt::Display for UtcTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_rfc3339())
    }
}

/// What a record says about a login: a time, "never", or nothing.
///
/// The API writes `0` for never and leaves the field out, or `null`, for unknown; the two are kept apart.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Login(i64);

impl Login {
    /// The record says that the person never logged in.
    pub const NEVER: Self = Self(0);
    /// The record says nothing.
    pub const UNKNOWN: Self = Self(i64::MIN);

    /// The person logged in at `time`.
    pub fn at(time: UtcTime) -> Self {
        Self(time.as_seconds())
    }

    /// The time, where one is known.
    pub fn time(self) -> Option<UtcTime> {
        if self == Self::UNKNOWN { None } else { UtcTime::from_seconds(self.0) }
    }

    /// Whether a time or "never" was recorded.
    pub fn is_known(self) -> bool {
        self != Self::UNKNOWN
    }

    /// The more telling of two records: the later time, else "never", else unknown.
    #[must_use]
    pub fn or_later(self, other: Self) -> Self {
        // UNKNOWN is the smallest value and no login lies before 1970, so the order of the numbers is the order wanted.
        Self(self.0.max(other.0))
    }

    /// `time`, `never` or `unknown`, as the tables spell it.
    pub fn kind(self) -> &'static str {
        match self {
            Self::UNKNOWN => "unknown",
            Self::NEVER => "never",
            _ => "time",
        }
    }
}

impl Default for Login {
    fn default() -> Self {
        Self::UNKNOWN
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.time() {
            Some(time) => write!(f, "Login({time})"),
            None => write!(f, "Login({})", self.kind()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sql_form_reads_back() {
        let time = UtcTime::from_seconds(1_788_249_600).unwrap();
        assert_eq!(time.to_sql(), "2026-09-01 08:00:00");
        assert_eq!(UtcTime::parse_sql("2026-09-01 08:00:00"), Some(time));
        assert_eq!(time.to_rfc3339(), "2026-09-01T08:00:00Z");
        assert_eq!(time.to_compact(), "20260901T080000Z");
    }

    #[test]
    fn every_day_is_the_one_that_jiff_says() {
        let (first, last): (i64, i64) = (-62_135_596_800 / 86_400, 253_402_207_200 / 86_400);
        for day in (first..=last).step_by(11) {
            // Any second of the day, another one each day.
            let second = (day * 7_919).rem_euclid(86_400);
            let Some(time) = UtcTime::from_seconds((day * 86_400 + second).min(253_402_207_200)) else { continue };
            let theirs = Timestamp::from_second(time.as_seconds()).unwrap().to_string();
            assert_eq!(time.to_rfc3339(), theirs);
        }
    }

    #[test]
    fn every_year_has_four_digits() {
        let first = UtcTime::from_seconds(-62_135_596_800).unwrap();
        let last = UtcTime::from_seconds(253_402_207_200).unwrap();
        assert_eq!((first.to_sql().as_str(), last.to_sql().as_str()), ("0001-01-01 00:00:00", "9999-12-30 22:00:00"));
        assert_eq!((UtcTime::from_seconds(-62_135_596_801), UtcTime::from_seconds(253_402_207_201)), (None, None));
        assert_eq!(UtcTime::parse_sql("0001-01-01 00:00:00"), Some(first));
        assert_eq!(UtcTime::from_seconds(0), None);
    }

    #[test]
    fn fractions_are_cut_towards_the_past() {
        let cut = |text: &str| UtcTime::from_timestamp(text.parse().unwrap()).unwrap().to_rfc3339();
        assert_eq!(cut("2026-01-01T00:00:00.999Z"), "2026-01-01T00:00:00Z");
        assert_eq!(cut("1969-12-31T23:59:58.5Z"), "1969-12-31T23:59:58Z");
    }

    #[test]
    fn the_later_login_wins_and_never_beats_unknown() {
        let early = Login::at(UtcTime::from_seconds(1_000).unwrap());
        let late = Login::at(UtcTime::from_seconds(2_000).unwrap());
        assert_eq!(early.or_later(late), late);
        assert_eq!(Login::NEVER.or_later(early), early);
        assert_eq!(Login::UNKNOWN.or_later(Login::NEVER), Login::NEVER);
        assert_eq!(Login::NEVER.time(), None);
        assert_eq!(Login::UNKNOWN.time(), None);
    }

    #[test]
    fn whole_days_are_rounded_down() {
        let day = |seconds| UtcTime::from_seconds(seconds).unwrap();
        assert_eq!(day(1).whole_days_until(day(86_400)), 0);
        assert_eq!(day(1).whole_days_until(day(86_401)), 1);
        assert_eq!(day(86_401).whole_days_until(day(1)), 0);
    }
}
