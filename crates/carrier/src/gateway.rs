use async_trait::async_trait;
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use portico_domain::{
    decline::DeclineCode,
    id::PortingId,
    phone::PhoneNumber,
    porting::{Behavior, Details, Field},
};

use crate::Kind;

/// A recipient carrier's porting interface, as narrow as it can be.
///
/// Every call may be repeated: `reference` names one attempt, and an implementation makes sure that
/// the carrier sees one request for it however often [`Gateway::submit`] is called.
#[async_trait]
pub trait Gateway: Send + Sync {
    /// Whether the number can move to `provider` at all.
    async fn check(
        &self,
        provider: &str,
        number: &PhoneNumber,
    ) -> Result<Portability, GatewayError>;

    /// Hands in a request. `Ok` means that the carrier has read it.
    async fn submit(&self, request: &PortRequest) -> Result<Submitted, GatewayError>;

    /// Whether the carrier has a request of that reference: asked after a crash or a time-out,
    /// before anything is sent again.
    async fn has(&self, reference: &str) -> Result<bool, GatewayError>;

    /// What became of a request that the gateway has, as [`Gateway::submit`] would say it.
    async fn submitted(&self, _reference: &str) -> Result<Submitted, GatewayError> {
        Ok(Submitted::Accepted)
    }

    /// Everything the carrier has said about a request so far; may repeat itself.
    async fn progress(&self, reference: &str) -> Result<Progress, GatewayError>;

    /// Calls a request off. `Ok` also when the carrier never had it.
    async fn cancel(&self, reference: &str) -> Result<(), GatewayError>;

    /// How the carrier is reached; `None` for one that nobody connected.
    fn kind(&self) -> Option<Kind> {
        None
    }

    /// Reads a notice that the carrier pushed. It is a hint and no more: it names the attempt that is
    /// worth asking about, and what has become of it is what [`Gateway::progress`] says.
    ///
    /// # Errors
    /// The gateway takes no notices, or this one is not the carrier's.
    fn notice(&self, _: &Notice<'_>) -> Result<(), NoticeError> {
        Err(NoticeError::NotTaken)
    }
}

/// A notice as it was pushed.
#[derive(Debug, Clone, Copy)]
pub struct Notice<'a> {
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The body.
    pub body: &'a [u8],
    /// When it came.
    pub received_at: Timestamp,
}

/// Why a notice is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoticeError {
    /// The gateway takes none.
    #[error("the gateway takes no notices")]
    NotTaken,
    /// It has no signature of the carrier's, or an old one.
    #[error("the notice is not signed by the carrier, or too old")]
    NotSigned,
}

/// What became of a request that was handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Submitted {
    /// The carrier has it.
    Accepted,
    /// The gateway has it, and the carrier will have it later: somebody else hands it over. Until then
    /// the port can be called off as if it had not been sent.
    Kept {
        /// When it is worth asking whether the carrier has it; sooner, when there is news.
        look_again_at: Timestamp,
    },
    /// The carrier will not take it with this data: a decline like one that comes later, and not an
    /// error, which would be tried again with the same data. The answers lead with what it is about.
    Refused(Vec<Answer>),
}

/// Whether a number can move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Portability {
    /// It can.
    Portable {
        /// What this donor needs beyond the recipient's table.
        also_required: Vec<Field>,
    },
    /// It cannot, and why, in words for an integrator.
    NotPortable(String),
}

/// What is sent to a carrier. Holds customer data; `Debug` shows none of it.
#[derive(Debug, Clone)]
pub struct PortRequest {
    /// Names this attempt; the same each time it is sent.
    pub reference: String,
    /// The porting it belongs to.
    pub porting: PortingId,
    /// The recipient's network id.
    pub provider: String,
    /// The number that moves.
    pub phone_number: PhoneNumber,
    /// Move it, or only cancel the old contract.
    pub behavior: Behavior,
    /// What the donor will check.
    pub details: Details,
}

/// How a request stands.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    /// What the carrier said, oldest first.
    pub answers: Vec<Answer>,
    /// When it is worth asking again.
    pub ask_again_at: Option<Timestamp>,
}

/// One thing a carrier said. One that names several reasons at once says several: what leads is what
/// counts, the others are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What we make of it.
    pub outcome: Outcome,
    /// When the carrier says that it said it.
    pub said_at: Option<Timestamp>,
    /// The carrier's own code.
    pub raw_code: Option<String>,
    /// The carrier's own words.
    pub raw_text: Option<String>,
}

/// What an answer means for a porting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It takes longer. Not an answer.
    Delayed,
    /// The donor agreed and the date is fixed (firm order commitment). Not an end.
    Foc {
        /// When the number moves.
        at: Timestamp,
    },
    /// The number has moved.
    Completed,
    /// The donor refused.
    Declined {
        /// The mapped code.
        code: DeclineCode,
        /// A sentence for people.
        message: String,
    },
    /// The carrier gave up waiting.
    Expired,
    /// Broken beyond repair.
    Failed,
}

impl Outcome {
    /// Whether nothing more is to be expected about the attempt.
    pub fn is_end(&self) -> bool {
        !matches!(self, Self::Delayed | Self::Foc { .. })
    }

    /// Its name in the books.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Delayed => "delayed",
            Self::Foc { .. } => "foc",
            Self::Completed => "completed",
            Self::Declined { .. } => "declined",
            Self::Expired => "expired",
            Self::Failed => "failed",
        }
    }
}

impl GatewayError {
    /// Its kind, for logs: the text may repeat what was sent, which is customer data.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Unavailable(_) => "unavailable",
            Self::TimedOut => "timedOut",
            Self::CutOff => "cutOff",
            Self::Unreadable(_) => "unreadable",
        }
    }

    /// Whether the carrier may carry the call out later: nobody heard it end.
    pub fn may_be_under_way(&self) -> bool {
        matches!(self, Self::TimedOut | Self::CutOff)
    }

    /// What a status says with which whoever stands before a carrier tells that it heard no answer either:
    /// 502, 504, and those that Cloudflare has of its own
    /// (<https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/>).
    pub(crate) fn from_the_way(status: StatusCode) -> Option<Self> {
        match status.as_u16() {
            504 | 522 | 524 => Some(Self::TimedOut),
            502 | 520 | 521 | 523 | 525 | 526 => Some(Self::CutOff),
            _ => None,
        }
    }
}

/// Why a gateway gave no answer. None of these says whether the carrier acted, but some that it will not
/// any more: see [`GatewayError::may_be_under_way`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GatewayError {
    /// It refuses work for now.
    #[error("the gateway is not available: {0}")]
    Unavailable(String),
    /// It did not answer in time.
    #[error("the gateway did not answer in time")]
    TimedOut,
    /// The connection broke before there was an answer.
    #[error("the connection to the gateway broke")]
    CutOff,
    /// It answered something that cannot be understood.
    #[error("the gateway's answer cannot be read: {0}")]
    Unreadable(String),
}
