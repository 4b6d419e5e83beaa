//! What an answer that means no says.

use serde::Deserialize;

use super::value::Text;

/// The longest message kept, in characters.
const LONGEST: usize = 300;

/// The message of an error body in any of its forms; `None` where it says nothing.
///
/// The forms are `{"message"}`, the older `{"ok","message":"SUCCESS","data":{..}}` and plain text (vendor client
/// source). Cut to 300 characters, without control characters.
pub(crate) fn error_message(text: &str) -> Option<String> {
    let message = match serde_json::from_str::<ErrorBody<'_>>(text) {
        Ok(body) => body.message()?.to_owned(),
        // JSON of another form is for machines; it may also hold more than a message should.
        Err(_) if text.trim_start().starts_with(['{', '[']) => return None,
        Err(_) => text.to_owned(),
    };
    let clean = message.chars().map(|c| if is_unseen(c) { ' ' } else { c }).collect::<String>();
    let words = clean.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.chars().count() > LONGEST {
        return Some(words.chars().take(LONGEST - 1).chain(['…']).collect());
    }
    (!words.is_empty()).then_some(words)
}

/// Whether a character does something to a terminal instead of showing: controls, and marks that turn the direction of writing
/// (Unicode Standard Annex 9).
fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether the answer is a web page: by its content type, or by how it begins.
pub(crate) fn is_html(content_type: Option<&str>, body: &[u8]) -> bool {
    let begins = body.trim_ascii_start().first() == Some(&b'<');
    begins || content_type.is_some_and(|text| text.to_ascii_lowercase().contains("text/html")) && !body.is_empty()
}

#[derive(Deserialize)]
struct ErrorBody<'a> {
    #[serde(default, borrow)]
    message: Text<'a>,
    #[serde(default, borrow)]
    data: Option<Detail<'a>>,
}

impl ErrorBody<'_> {
    fn message(&self) -> Option<&str> {
        let own = self.message.non_empty().filter(|message| !message.eq_ignore_ascii_case("SUCCESS"));
        own.or_else(|| self.data.as_ref()?.0.iter().find_map(Text::non_empty))
    }
}

/// The messages in `data`, first choice first; anything but an object says nothing.
struct Detail<'a>([Text<'a>; 4]);

impl<'de: 'a, 'a> Deserialize<'de> for Detail<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Default, Deserialize)]
        struct Fields<'a> {
            #[serde(default, borrow, rename = "ErrorMsg")]
            error_msg: Text<'a>,
            #[serde(default, borrow)]
            message: Text<'a>,
            #[serde(default, borrow, rename = "Message")]
            capital_message: Text<'a>,
            #[serde(default, borrow, rename = "statusMessage")]
            status_message: Text<'a>,
        }
        let raw = <&serde_json::value::RawValue>::deserialize(deserializer)?;
        let fields: Fields<'_> = serde_json::from_str(raw.get()).unwrap_or_default();
        Ok(Self([fields.error_msg, fields.message, fields.capital_message, fields.status_message]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(body: &str) -> Option<String> {
        error_message(body)
    }

    #[test]
    fn every_form_of_error_body() {
        let said = |text: &str| Some(text.to_owned());
        assert_eq!(message(r#"{"message":"no such key"}"#), said("no such key"));
        let older = r#"{"ok":false,"message":"SUCCESS","data":{"statusMessage":"d","Message":"c","message":"b","ErrorMsg":" "}}"#;
        assert_eq!(message(older), said("b"));
        assert_eq!(message(r#"{"ok":false,"message":"FAILED","data":{"ErrorMsg":"a"}}"#), said("FAILED"));
        assert_eq!(message(r#"{"message":"SUCCESS","data":[]}"#), None);
        assert_eq!(message("Bad\r\n\u{1b}[31mgateway"), said("Bad [31mgateway"));
        assert_eq!(message("a\u{202e}b"), said("a b"));
        assert_eq!(message(""), None);
        assert_eq!(message(r#"{"message":7}"#), None);
    }

    #[test]
    fn long_messages_are_cut() {
        let long = message(&"ä".repeat(1000)).unwrap();
        assert_eq!(long.chars().count(), 300);
        assert!(long.ends_with('…'));
    }

    #[test]
    fn web_pages() {
        assert!(is_html(None, b"\n<!DOCTYPE html>"));
        assert!(is_html(Some("text/html; charset=utf-8"), b"Forbidden"));
        assert!(!is_html(Some("application/json"), b"{}"));
        assert!(!is_html(None, b""));
    }
}
