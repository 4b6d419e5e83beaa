use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use futures::stream;

/// Bytes sent at once in a trickle: a list of a few members takes a few pieces.
const DROP: usize = 64;
/// Bytes sent at once otherwise.
const PIECE: usize = 64 * 1024;
/// How long a broken connection stays open after its last byte, so that what was sent does arrive.
const LAST_BYTES: Duration = Duration::from_millis(20);

/// What a body consists of.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    Bytes(Bytes),
    /// The beginning of a list, and so many bytes in all. It is made up while it is sent.
    Filler(usize),
}

/// How a body goes out: by default at once, and whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Delivery {
    /// The pause between two small pieces.
    pub(crate) pause: Option<Duration>,
    /// How many bytes go out before the connection breaks.
    pub(crate) cut_after: Option<usize>,
}

impl Delivery {
    /// The body, and the length to announce where the body itself does not know.
    pub(crate) fn body(&self, content: Content) -> (Body, Option<usize>) {
        match content {
            Content::Bytes(bytes) if *self == Self::default() => (Body::from(bytes), None),
            // Its length is not announced: whoever reads it has to count.
            Content::Filler(_) if self.cut_after.is_none() => (self.stream(content), None),
            content => {
                let length = content.len();
                (self.stream(content), Some(length))
            }
        }
    }

    fn stream(&self, content: Content) -> Body {
        let length = content.len();
        let end = self.cut_after.map_or(length, |cut| cut.min(length));
        let (pause, size) = (self.pause, if self.pause.is_some() { DROP } else { PIECE });
        Body::from_stream(stream::unfold((0, content), move |(sent, content)| async move {
            if sent == end {
                if end == length {
                    return None;
                }
                tokio::time::sleep(LAST_BYTES).await;
                return Some((Err(io::Error::from(io::ErrorKind::ConnectionReset)), (sent, content)));
            }
            if let Some(pause) = pause.filter(|_| sent > 0) {
                tokio::time::sleep(pause).await;
            }
            let until = end.min(sent + size);
            Some((Ok(content.piece(sent, until)), (until, content)))
        }))
    }
}

impl Content {
    fn len(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Filler(bytes) => *bytes,
        }
    }

    fn piece(&self, from: usize, until: usize) -> Bytes {
        const START: &[u8] = br#"{"data":[{"userName":""#;
        match self {
            Self::Bytes(bytes) => bytes.slice(from..until),
            Self::Filler(_) => (from..until).map(|at| START.get(at).copied().unwrap_or(b'x')).collect(),
        }
    }
}
