use crate::random::SplitMix64;

/// 2026-09-01T08:00:00Z, the time at which a generated organization is observed, in seconds.
pub(crate) const CLOCK: i64 = 1_788_249_600;

const FIRST_NAMES: [&str; 24] = [
    "Ada", "Amir", "Bea", "Carlos", "Chloe", "Dmitri", "Elena", "Farid", "Grace", "Hana", "Ivan", "Joana", "Kenji",
    "Lena", "Malik", "Nina", "Omar", "Priya", "Quinn", "Rosa", "Sven", "Tara", "Umar", "Wei",
];
const LAST_NAMES: [&str; 24] = [
    "Abebe", "Berg", "Castro", "Diaz", "Eriksen", "Fischer", "Garcia", "Haddad", "Ito", "Jansen", "Kumar", "Lopez",
    "Moreau", "Novak", "Okafor", "Patel", "Rossi", "Sato", "Tanaka", "Ueda", "Vargas", "Weber", "Yilmaz", "Zhang",
];

/// A person as every list shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) first_name: &'static str,
    pub(crate) last_name: &'static str,
    pub(crate) email: String,
    pub(crate) enabled: bool,
    pub(crate) org_admin: bool,
    pub(crate) org_user: bool,
    pub(crate) created: i64,
}

/// What one person is in one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Membership {
    pub(crate) guid_digits: String,
    pub(crate) role: Role,
    pub(crate) updated: i64,
    pub(crate) login: Login,
    pub(crate) jit_created: bool,
}

/// A role, told finer than the legacy model can: there, whoever is no admin is a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Admin,
    PowerUser,
    ReadOnly,
    Custom,
}

/// The last login, in the ways the API tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Login {
    /// `null`.
    Unknown,
    /// `0`.
    Never,
    /// Epoch milliseconds.
    At(i64),
}

const DAY: u64 = 86_400;

impl Person {
    pub(crate) fn of(seed: u64, index: usize, org_admin_permille: u16, org_user_permille: u16) -> Self {
        let mut random = SplitMix64::of(&[seed, 1, index as u64]);
        let first_name = pick(&FIRST_NAMES, &mut random);
        let last_name = pick(&LAST_NAMES, &mut random);
        let owns_the_key = index == 0;
        Self {
            first_name,
            last_name,
            email: format!("{}{index:07}.{}@corp.example", first_name.to_lowercase(), last_name.to_lowercase()),
            enabled: random.below(100) >= 3 || owns_the_key,
            org_admin: random.one_in(org_admin_permille) || owns_the_key,
            org_user: random.one_in(org_user_permille),
            created: CLOCK - (30 * DAY + random.below(1400 * DAY)) as i64,
        }
    }
}

impl Membership {
    pub(crate) fn of(seed: u64, person_index: usize, person: &Person, account_index: usize) -> Self {
        let mut random = SplitMix64::of(&[seed, 2, person_index as u64, account_index as u64]);
        let known_for = (CLOCK - person.created).max(0) as u64;
        Self {
            guid_digits: hex_digits(&mut random),
            role: match random.below(100) {
                0..15 => Role::Admin,
                15..30 => Role::PowerUser,
                30..90 => Role::ReadOnly,
                _ => Role::Custom,
            },
            updated: person.created + random.below(known_for) as i64,
            login: match random.below(100) {
                0..3 => Login::Never,
                3..5 => Login::Unknown,
                // Long ago, which makes people dormant.
                5..20 => Login::At((CLOCK - random.below(known_for) as i64) * 1000),
                _ => Login::At(CLOCK * 1000 - random.below(30 * DAY * 1000) as i64),
            },
            jit_created: random.below(5) == 0,
        }
    }
}

/// `count` different numbers below `bound`, sorted (Floyd's algorithm).
pub(crate) fn distinct(random: &mut SplitMix64, count: usize, bound: usize) -> Vec<usize> {
    let mut chosen = Vec::with_capacity(count);
    for last in bound.saturating_sub(count)..bound {
        let candidate = random.below(last as u64 + 1) as usize;
        chosen.push(if chosen.contains(&candidate) { last } else { candidate });
    }
    chosen.sort_unstable();
    chosen
}

/// 48 upper-case hexadecimal digits, as after the prefix of a guid.
pub(crate) fn hex_digits(random: &mut SplitMix64) -> String {
    format!("{:016X}{:016X}{:016X}", random.next(), random.next(), random.next())
}

fn pick(names: &[&'static str], random: &mut SplitMix64) -> &'static str {
    names.get(random.below(names.len() as u64) as usize).copied().unwrap_or("Kim")
}

#[cfg(test)]
mod tests {
    use super::{CLOCK, distinct};
    use crate::random::SplitMix64;

    #[test]
    fn the_clock_is_what_it_says() {
        let clock = jiff::Timestamp::from_second(CLOCK).unwrap();
        assert_eq!(clock.to_string(), "2026-09-01T08:00:00Z");
    }

    #[test]
    fn distinct_numbers_are_distinct() {
        for seed in 0..200 {
            let mut chosen = distinct(&mut SplitMix64::of(&[seed]), 8, 10);
            chosen.dedup();
            assert_eq!(chosen.len(), 8);
            assert!(chosen.iter().all(|number| *number < 10));
        }
        assert_eq!(distinct(&mut SplitMix64::of(&[1]), 3, 3), [0, 1, 2]);
    }
}
