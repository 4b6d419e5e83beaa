//! Text inside a DOT file: the only way from data to an attribute.

use std::borrow::Cow;

/// The longest piece of data in a label, in characters as shown.
pub(super) const LABEL_LIMIT: usize = 60;

/// An attribute's value, escaped: whatever a name holds, it is shown and never obeyed.
///
/// Graphviz reads labels and tooltips as escape strings (`\N` would become the node's id, `\l` a line break) in which
/// it also resolves HTML entities, so backslashes and ampersands are doubled and spelled out.
/// Source: <https://graphviz.org/docs/attr-types/escString/> and <https://graphviz.org/doc/info/lang.html>.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Text(String);

impl Text {
    /// A piece of data, cut to [`LABEL_LIMIT`] characters.
    pub(super) fn cut(text: &str) -> Self {
        Self::default().and_cut(text)
    }

    /// A piece of data in its whole length, for tooltips.
    pub(super) fn whole(text: &str) -> Self {
        Self::default().and(text)
    }

    /// Appends a piece of data, cut to [`LABEL_LIMIT`] characters.
    pub(super) fn and_cut(self, text: &str) -> Self {
        self.and(&shorten(&visible(text)))
    }

    /// Appends a piece of text in its whole length.
    pub(super) fn and(mut self, text: &str) -> Self {
        for c in visible(text).chars() {
            match c {
                '"' => self.0.push_str("\\\""),
                '\\' => self.0.push_str("\\\\"),
                '&' => self.0.push_str("&amp;"),
                c => self.0.push(c),
            }
        }
        self
    }

    /// Appends another value.
    pub(super) fn join(mut self, other: Self) -> Self {
        self.0.push_str(&other.0);
        self
    }

    /// Ends a centered line.
    pub(super) fn line(mut self) -> Self {
        self.0.push_str("\\n");
        self
    }

    /// Ends a line that is flush left.
    pub(super) fn left(mut self) -> Self {
        self.0.push_str("\\l");
        self
    }

    /// As it stands between the quotation marks.
    pub(super) fn as_escaped(&self) -> &str {
        &self.0
    }
}

impl From<&'static str> for Text {
    fn from(text: &'static str) -> Self {
        Self::whole(text)
    }
}

/// The text with everything a reader could not see made visible: white space becomes a space, what cannot be shown
/// U+FFFD, and what is invisible or turns the direction of writing its number, `<U+202E>`.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if is_plain(c) => shown.push(c),
            '\t' | '\n' | '\r' => shown.push(' '),
            c if is_hidden(c) => shown.push_str(&format!("<U+{:04X}>", u32::from(c))),
            _ => shown.push('\u{FFFD}'),
        }
    }
    Cow::Owned(shown)
}

/// Neither a control character, nor hidden, nor one of the two code points that XML, and so SVG, forbids.
fn is_plain(c: char) -> bool {
    !c.is_control() && !is_hidden(c) && !matches!(c, '\u{FFFE}' | '\u{FFFF}')
}

/// Characters without a width, and those that turn the direction of writing: two names would look the same.
fn is_hidden(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// The first characters of a text, and an ellipsis for the rest.
fn shorten(text: &str) -> Cow<'_, str> {
    if text.chars().nth(LABEL_LIMIT).is_none() {
        return Cow::Borrowed(text);
    }
    let mut short: String = text.chars().take(LABEL_LIMIT - 1).collect();
    short.push('…');
    Cow::Owned(short)
}

/// A number and what it counts: `1 person`, `3 people`.
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// How many people and service users: `4 people + 1 service user`.
pub(super) fn count_users(people: usize, services: usize) -> String {
    let services_text = count(services, "service user", "service users");
    match (people, services) {
        (_, 0) => count(people, "person", "people"),
        (0, _) => services_text,
        _ => format!("{} + {services_text}", count(people, "person", "people")),
    }
}
