//! Hosts that must not be asked, because a token would go there.

use std::net::TcpListener;

/// A host on this machine that notices whether anybody comes.
#[derive(Debug)]
pub(crate) struct Trap(TcpListener);

impl Trap {
    pub(crate) fn set() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    /// A URL on it.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.0.local_addr().unwrap())
    }

    /// Whether anybody came: a connection is enough, whatever it would have carried.
    pub(crate) fn is_sprung(&self) -> bool {
        self.0.accept().is_ok()
    }
}

#[test]
fn a_trap_notices() {
    let trap = Trap::set();
    assert!(!trap.is_sprung());
    let _visit = std::net::TcpStream::connect(trap.0.local_addr().unwrap()).unwrap();
    assert!(trap.is_sprung());
}
