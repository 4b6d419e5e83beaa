//! Reads CSV as RFC 4180 has it, and nothing more lenient.

/// The records of a file: every one ends in CRLF, a quote stands only around a whole field or doubled inside one.
pub(crate) fn read(text: &str) -> Result<Vec<Vec<String>>, String> {
    let mut records = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let mut record = Vec::new();
        loop {
            let (field, after) = field(rest)?;
            record.push(field);
            if let Some(after) = after.strip_prefix(',') {
                rest = after;
            } else if let Some(after) = after.strip_prefix("\r\n") {
                rest = after;
                break;
            } else {
                return Err(format!("record {} ends in {:?}", records.len() + 1, after.chars().next()));
            }
        }
        records.push(record);
    }
    Ok(records)
}

fn field(text: &str) -> Result<(String, &str), String> {
    let Some(mut rest) = text.strip_prefix('"') else {
        let end = text.find([',', '\r', '\n', '"']).unwrap_or(text.len());
        return Ok((text[..end].to_owned(), &text[end..]));
    };
    let mut field = String::new();
    loop {
        let (before, after) = rest.split_once('"').ok_or("a quote is never closed")?;
        field.push_str(before);
        match after.strip_prefix('"') {
            Some(after) => {
                field.push('"');
                rest = after;
            }
            None => return Ok((field, after)),
        }
    }
}

#[test]
fn the_reader_reads_what_the_rfc_allows_and_nothing_else() {
    assert_eq!(
        read("a,\"b,\"\"\r\n\"\r\n,\r\n"),
        Ok(vec![vec!["a".into(), "b,\"\r\n".into()], vec![String::new(); 2]])
    );
    for wrong in ["a\n", "a", "a\"b\r\n", "\"a\r\n", "\"a\"b\r\n", "a\rb\r\n"] {
        assert!(read(wrong).is_err(), "{wrong:?}");
    }
}
