use bytes::Bytes;
use http::{HeaderMap, StatusCode};

/// An answer. A redirect is an answer like any other: nobody goes where it leads.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers: at most 64, and 16 KiB in all.
    pub headers: HeaderMap,
    /// The body, cut after what the client reads at the most.
    pub body: Bytes,
}

/// Why a call brought no answer. Nothing of what was sent or received is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// What was to be called is no path.
    #[error("the path cannot be called")]
    Malformed,
    /// The name has no address.
    #[error("the name could not be resolved")]
    Unresolved,
    /// The name has only addresses that may not be called.
    #[error("the address may not be called")]
    Forbidden,
    /// Nobody listens there.
    #[error("no connection was made")]
    Unreachable,
    /// There is no TLS with a trusted certificate for the name.
    #[error("no trusted TLS connection was made")]
    Untrusted,
    /// It took too long.
    #[error("no complete answer came in time")]
    TimedOut,
    /// The connection ended early, or what came is no HTTP, or its headers are too large.
    #[error("the connection broke")]
    Broken,
}

impl CallError {
    /// A name for logs and delivery records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Unresolved => "unresolved",
            Self::Forbidden => "forbidden",
            Self::Unreachable => "unreachable",
            Self::Untrusted => "untrusted",
            Self::TimedOut => "timedOut",
            Self::Broken => "broken",
        }
    }
}
