use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why a world could not be read, or a server could not be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MockError {
    /// A file or directory of a fixture could not be read.
    #[error("read fixture {path}")]
    Read {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file of a fixture is not the JSON it should be.
    #[error("parse fixture file {path}")]
    Json {
        /// The file, relative to the fixture.
        path: String,
        /// What is wrong, and where.
        source: serde_json::Error,
    },
    /// A file that a fixture needs is not there.
    #[error("find fixture file {path}")]
    Missing {
        /// The file, relative to the fixture.
        path: String,
    },
    /// A file of a fixture is JSON, but says something that cannot be served.
    #[error("use fixture file {path}: {message}")]
    Invalid {
        /// The file, relative to the fixture.
        path: String,
        /// What cannot be served.
        message: String,
    },
    /// The address could not be listened on.
    #[error("listen on {address}")]
    Listen {
        /// The loopback address and port asked for.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The thread that prepares the answers ended before it was done.
    #[error("prepare the answers")]
    Prepare {
        /// How the thread ended.
        source: tokio::task::JoinError,
    },
}
