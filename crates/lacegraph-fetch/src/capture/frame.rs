//! Entries as bytes: a guard, and a frame that holds a line of JSON and a body.

use std::io::{self, Read as _};

use sha2::{Digest as _, Sha256};

use super::CaptureError;

/// The hash of everything up to an entry.
pub(super) type Chain = [u8; 32];

const MAGIC: [u8; 4] = [0x50, 0x2A, 0x4D, 0x18];
const CONTENT: u32 = 56;
const GUARD: usize = 8 + CONTENT as usize;
/// What zstd calls its usual level.
const LEVEL: i32 = 3;

/// An entry as it is written, and the chain up to it.
pub(super) fn seal(number: u64, chain: &Chain, line: &str, body: &[u8]) -> io::Result<(Vec<u8>, Chain)> {
    let mut encoder = zstd::Encoder::new(Vec::with_capacity(GUARD + body.len() / 8), LEVEL)?;
    encoder.include_checksum(true)?;
    for part in [line.as_bytes(), b"\n", body, b"\n"] {
        io::Write::write_all(&mut encoder, part)?;
    }
    let frame = encoder.finish()?;
    let length = frame.len() as u64;
    let next = chained(chain, number, length, &frame);
    let mut bytes = Vec::with_capacity(GUARD + frame.len());
    bytes.extend_from_slice(&MAGIC);
    bytes.extend_from_slice(&CONTENT.to_le_bytes());
    bytes.extend_from_slice(&number.to_le_bytes());
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(&check(chain, number, length));
    bytes.extend_from_slice(&next);
    bytes.extend_from_slice(&frame);
    Ok((bytes, next))
}

fn chained(chain: &Chain, number: u64, length: u64, frame: &[u8]) -> Chain {
    let mut hash = Sha256::new();
    hash.update(chain);
    hash.update(number.to_le_bytes());
    hash.update(length.to_le_bytes());
    hash.update(frame);
    hash.finalize().into()
}

fn check(chain: &Chain, number: u64, length: u64) -> [u8; 8] {
    let whole = chained(chain, number, length, &[]);
    let mut check = [0; 8];
    check.copy_from_slice(&whole[..8]);
    check
}

/// What stands at a place of a file.
pub(super) enum Found {
    /// An entry, whose frame lies there.
    Entry { frame: std::ops::Range<usize>, chain: Chain },
    /// The file ends within the entry.
    CutOff,
}

/// Whether an entry begins so, as far as it goes.
pub(super) fn begins(bytes: &[u8]) -> bool {
    MAGIC.iter().chain(&CONTENT.to_le_bytes()).zip(bytes).all(|(wanted, found)| wanted == found)
}

/// Looks for entry `number` at `offset`.
pub(super) fn find(file: &[u8], offset: usize, number: u64, chain: &Chain) -> Result<Found, CaptureError> {
    let damaged = |what| CaptureError::Damaged { entry: number, offset, call: None, what };
    let rest = &file[offset..];
    if !begins(rest) {
        return Err(if number == 0 { CaptureError::NotACapture } else { damaged("no entry begins here") });
    }
    let Some((guard, rest)) = rest.split_at_checked(GUARD) else { return Ok(Found::CutOff) };
    let number_of = |at: usize| {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&guard[at..at + 8]);
        u64::from_le_bytes(bytes)
    };
    let length = number_of(16);
    if number_of(8) != number || guard[24..32] != check(chain, number, length) {
        return Err(damaged("it is not the one that was written here"));
    }
    let frame = usize::try_from(length).ok().and_then(|length| rest.get(..length));
    let Some(frame) = frame else { return Ok(Found::CutOff) };
    let next = chained(chain, number, length, frame);
    if guard[32..] != next {
        return Err(damaged("its hash is another"));
    }
    let start = offset + GUARD;
    Ok(Found::Entry { frame: start..start + frame.len(), chain: next })
}

/// The line of JSON of an entry.
pub(super) fn line(frame: &[u8]) -> io::Result<String> {
    /// A plan of thousands of accounts fits; what is longer was not written by us.
    const LONGEST: u64 = 64 * 1024 * 1024;
    let mut decoder = zstd::Decoder::with_buffer(frame)?.take(LONGEST);
    let mut line = Vec::new();
    let mut part = [0; 1024];
    loop {
        let read = decoder.read(&mut part)?;
        let end = part[..read].iter().position(|&byte| byte == b'\n');
        line.extend_from_slice(&part[..end.unwrap_or(read)]);
        if end.is_some() || read == 0 {
            return String::from_utf8(line).map_err(|_| io::ErrorKind::InvalidData.into());
        }
    }
}

/// The body of an entry, which says that it has `length` bytes: no more is unpacked.
pub(super) fn body(frame: &[u8], length: usize) -> io::Result<Vec<u8>> {
    let mut content = io::BufReader::new(zstd::Decoder::with_buffer(frame)?);
    io::BufRead::skip_until(&mut content, b'\n')?;
    let mut body = Vec::new();
    content.take(length as u64 + 2).read_to_end(&mut body)?;
    if body.len() != length + 1 || body.pop() != Some(b'\n') {
        return Err(io::ErrorKind::InvalidData.into());
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_is_found() {
        let (mut file, chain) = seal(0, &[0; 32], "{}", b"").unwrap();
        let (second, _) = seal(1, &chain, r#"{"a":1}"#, b"a\nbody\n").unwrap();
        let at = file.len();
        file.extend_from_slice(&second);
        let Ok(Found::Entry { frame, chain: found }) = find(&file, at, 1, &chain) else { panic!("no entry") };
        assert_ne!(found, chain);
        assert_eq!(line(&file[frame.clone()]).unwrap(), r#"{"a":1}"#);
        assert_eq!(body(&file[frame.clone()], 7).unwrap(), b"a\nbody\n");
        assert!(body(&file[frame.clone()], 6).is_err() && body(&file[frame], 8).is_err());
        // The whole is a file of zstd: a guard is skipped.
        assert_eq!(zstd::decode_all(file.as_slice()).unwrap(), b"{}\n\n{\"a\":1}\na\nbody\n\n");
    }

    #[test]
    fn every_byte_is_guarded() {
        let (file, _) = seal(3, &[7; 32], r#"{"a":1}"#, b"body").unwrap();
        for at in 0..file.len() {
            let mut changed = file.clone();
            changed[at] ^= 0x10;
            assert!(find(&changed, 0, 3, &[7; 32]).is_err(), "byte {at}");
            assert!(matches!(find(&file[..at], 0, 3, &[7; 32]), Ok(Found::CutOff)), "byte {at}");
        }
        assert!(find(&file, 0, 2, &[7; 32]).is_err() && find(&file, 0, 3, &[8; 32]).is_err());
    }
}
