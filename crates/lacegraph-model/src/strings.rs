//! Every text of a snapshot, once.

use std::hash::BuildHasher;
use std::num::NonZeroU32;

use hashbrown::{DefaultHashBuilder, HashTable};

/// A text of one snapshot, as a number; [`Strings::get`] gives the text back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sym(NonZeroU32);

impl Sym {
    fn from_index(index: usize) -> Self {
        let number = u32::try_from(index + 1).expect("fewer than four thousand million different texts");
        Self(NonZeroU32::new(number).expect("an index plus one is never zero"))
    }

    pub(crate) fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// All texts of a snapshot, one after the other in one buffer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Strings {
    bytes: String,
    ends: Vec<usize>,
}

impl Strings {
    /// The text of `sym`. A `sym` of another snapshot gives an unrelated text, or an empty one.
    pub fn get(&self, sym: Sym) -> &str {
        self.at(sym.index())
    }

    /// How many different texts there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no text at all.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// All texts, one after the other.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.as_bytes()
    }

    /// Where each text ends in [`bytes`](Self::bytes).
    pub(crate) fn ends(&self) -> &[usize] {
        &self.ends
    }

    fn at(&self, index: usize) -> &str {
        let start = if index == 0 { 0 } else { self.ends.get(index - 1).copied().unwrap_or(0) };
        let end = self.ends.get(index).copied().unwrap_or(start);
        self.bytes.get(start..end).unwrap_or_default()
    }

    fn push(&mut self, text: &str) -> usize {
        self.bytes.push_str(text);
        self.ends.push(self.bytes.len());
        self.ends.len() - 1
    }
}

/// [`Strings`] in the making: finds a text that is there already.
#[derive(Debug, Default)]
pub struct Interner {
    strings: Strings,
    // Holds indices, and half of each hash so that a growing table need not read the texts, which stand in `strings`.
    table: HashTable<Entry>,
    hasher: DefaultHashBuilder,
}

#[derive(Debug)]
struct Entry {
    index: u32,
    hash: u32,
}

impl Interner {
    /// The number of `text`, new or known.
    pub fn intern(&mut self, text: &str) -> Sym {
        let hash = self.hash(text);
        if let Some(known) = self.find_hashed(hash, text) {
            return known;
        }
        let sym = self.append(text);
        self.enter(sym, hash);
        sym
    }

    /// A number of its own for `text`, known or not: for texts that are nearly all different, users' guids, which would
    /// only make the table large and slow.
    ///
    /// Such a number says nothing of whether two texts are the same; a field has to get all of its texts this way, or none.
    pub fn append(&mut self, text: &str) -> Sym {
        Sym::from_index(self.strings.push(text))
    }

    /// The number that [`intern`](Self::intern) gives for the text of `sym`, which may come from [`append`](Self::append).
    pub(crate) fn intern_again(&mut self, sym: Sym) -> Sym {
        let hash = self.hash(self.get(sym));
        if let Some(known) = self.find_hashed(hash, self.get(sym)) {
            return known;
        }
        self.enter(sym, hash);
        sym
    }

    /// Makes the text of `sym` one that is found.
    fn enter(&mut self, sym: Sym, hash: u32) {
        let entry = Entry { index: sym.0.get() - 1, hash };
        self.table.insert_unique(spread(hash), entry, |entry| spread(entry.hash));
    }

    /// The number of `text`, if it is known.
    pub fn find(&self, text: &str) -> Option<Sym> {
        self.find_hashed(self.hash(text), text)
    }

    fn hash(&self, text: &str) -> u32 {
        // The half that is kept is all of it.
        (self.hasher.hash_one(text) >> 32) as u32
    }

    fn find_hashed(&self, hash: u32, text: &str) -> Option<Sym> {
        let is_same = |entry: &Entry| entry.hash == hash && self.strings.at(entry.index as usize) == text;
        let entry = self.table.find(spread(hash), is_same)?;
        Some(Sym::from_index(entry.index as usize))
    }

    /// The text of `sym`.
    pub fn get(&self, sym: Sym) -> &str {
        self.strings.get(sym)
    }
}

/// The text that was asked for last: asked for again, it need not be looked for.
#[derive(Debug, Default)]
pub(crate) struct LastText(Option<Sym>);

impl LastText {
    /// As [`Interner::intern`].
    pub(crate) fn intern(&mut self, interner: &mut Interner, text: &str) -> Sym {
        if let Some(last) = self.0
            && interner.get(last) == text
        {
            return last;
        }
        *self.0.insert(interner.intern(text))
    }
}

/// The table takes both the lowest and the highest bits of a hash: 32 of them become 64 that all depend on them.
fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// Numbers the texts anew in the order in which they are asked for, and leaves out those that never are.
///
/// Two snapshots that say the same thus hold the same numbers, whatever the order they were put together in.
pub(crate) struct Renumbering {
    old: Strings,
    new: Strings,
    numbers: Vec<Option<Sym>>,
}

impl Renumbering {
    pub(crate) fn new(interner: Interner) -> Self {
        let old = interner.strings;
        let numbers = vec![None; old.len()];
        let new = Strings { bytes: String::with_capacity(old.bytes.len()), ends: Vec::with_capacity(old.ends.len()) };
        Self { old, new, numbers }
    }

    pub(crate) fn renumber(&mut self, sym: &mut Sym) {
        let slot = &mut self.numbers[sym.index()];
        let new = &mut self.new;
        *sym = *slot.get_or_insert_with(|| Sym::from_index(new.push(self.old.get(*sym))));
    }

    pub(crate) fn renumber_opt(&mut self, sym: &mut Option<Sym>) {
        if let Some(sym) = sym {
            self.renumber(sym);
        }
    }

    pub(crate) fn finish(self) -> Strings {
        self.new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_text_has_the_same_number() {
        let mut interner = Interner::default();
        let a = interner.intern("a");
        let empty = interner.intern("");
        let b = interner.intern("béta");
        assert_eq!(interner.intern("a"), a);
        assert_eq!(interner.intern(""), empty);
        assert_ne!(a, b);
        assert_eq!([interner.get(a), interner.get(empty), interner.get(b)], ["a", "", "béta"]);
    }

    #[test]
    fn renumbering_follows_use_and_drops_the_unused() {
        let mut interner = Interner::default();
        let (mut a, _unused, mut c) = (interner.intern("a"), interner.intern("unused"), interner.intern("c"));
        let mut renumbering = Renumbering::new(interner);
        renumbering.renumber(&mut c);
        renumbering.renumber(&mut a);
        let strings = renumbering.finish();
        assert!(c < a);
        assert_eq!((strings.get(c), strings.get(a), strings.len()), ("c", "a", 2));
    }
}
