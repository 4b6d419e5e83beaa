//! A secret that stands where something else belongs: in place of a name, a path, a host. No message repeats it.

/// The text with everything left out that looks like a secret of the vendor: `_` and hexadecimal digits.
///
/// Names in upper case stay, for variables are called like that.
pub(super) fn without_secrets(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_of_word) {
        let word = &rest[start..];
        let word = &word[..word.find(|letter| !is_of_word(letter)).unwrap_or(word.len())];
        shown += &rest[..start];
        shown += if looks_like_a_secret(word) { "…" } else { word };
        rest = &rest[start + word.len()..];
    }
    shown + rest
}

/// Whether it has the form of a secret of the vendor's keys, or of its tokens.
pub(super) fn looks_like_a_secret(word: &str) -> bool {
    word.starts_with('_') && word.len() >= SHORTEST && word.bytes().any(|byte| byte.is_ascii_lowercase())
}

/// Those seen have 33 characters.
const SHORTEST: usize = 16;

fn is_of_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_' || letter == '-'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_secret_is_left_out() {
        let secret = "_0123456789abcdef0123456789abcdef";
        for (text, shown) in [
            (format!("the profile `{secret}`"), "the profile `…`"),
            (format!("{secret}.json, /run/{secret}"), "….json, /run/…"),
            (
                "the variable _ACME_SECRET_OF_THE_KEY is not set".to_owned(),
                "the variable _ACME_SECRET_OF_THE_KEY is not set",
            ),
            ("ACMEPROD_1234567890abcdef, secret_command".to_owned(), "ACMEPROD_1234567890abcdef, secret_command"),
            (String::new(), ""),
        ] {
            assert_eq!(without_secrets(&text), shown);
        }
    }
}
