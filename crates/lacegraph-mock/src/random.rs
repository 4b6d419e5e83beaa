/// The splitmix64 generator: small, fast, and the same on every machine.
///
/// Written out here because the bytes of a generated world must not change with a dependency.
#[derive(Debug, Clone)]
pub(crate) struct SplitMix64 {
    state: u64,
}

impl SplitMix64 {
    /// A generator for one thing, told apart from others by `parts` (seed, person, account).
    pub(crate) fn of(parts: &[u64]) -> Self {
        let state = parts.iter().fold(0, |state, part| scramble(state ^ scramble(*part)));
        Self { state }
    }

    /// The next 64 bits.
    pub(crate) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        finish(self.state)
    }

    /// A number below `bound`, or 0 where `bound` is 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    /// True in `permille` of 1,000 cases.
    pub(crate) fn one_in(&mut self, permille: u16) -> bool {
        self.below(1000) < u64::from(permille)
    }
}

/// 32 hexadecimal digits that look random and depend on `text` and `number` alone.
pub(crate) fn opaque(text: &str, number: u64) -> String {
    // FNV-1a folds the text into a number, splitmix64 spreads it.
    let folded = text
        .bytes()
        .fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3));
    let mut random = SplitMix64::of(&[folded, number]);
    format!("{:016x}{:016x}", random.next(), random.next())
}

fn scramble(value: u64) -> u64 {
    finish(value.wrapping_add(0x9E37_79B9_7F4A_7C15))
}

fn finish(mut value: u64) -> u64 {
    value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::SplitMix64;

    #[test]
    fn it_gives_the_published_sequence() {
        // The first outputs of the reference implementation for the seed 1234567.
        let mut random = SplitMix64 { state: 1_234_567 };
        assert_eq!(random.next(), 6_457_827_717_110_365_317);
        assert_eq!(random.next(), 3_203_168_211_198_807_973);
        assert_eq!(random.next(), 9_817_491_932_198_370_423);
    }

    #[test]
    fn below_stays_below() {
        let mut random = SplitMix64::of(&[1, 2, 3]);
        assert!((0..1000).all(|_| random.below(7) < 7));
        assert_eq!(random.below(0), 0);
        assert!(!random.one_in(0));
        assert!(random.one_in(1000));
    }
}
