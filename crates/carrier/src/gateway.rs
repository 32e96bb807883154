use async_trait::async_trait;
use jiff::Timestamp;
use portico_domain::{
    decline::DeclineCode,
    id::PortingId,
    phone::PhoneNumber,
    porting::{Behavior, Details, Field},
};

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

    /// Hands in a request. `Ok` means that the carrier has it.
    async fn submit(&self, request: &PortRequest) -> Result<(), GatewayError>;

    /// Whether the carrier has a request of that reference: asked after a crash or a time-out,
    /// before anything is sent again.
    async fn has(&self, reference: &str) -> Result<bool, GatewayError>;

    /// Everything the carrier has said about a request so far; may repeat itself.
    async fn progress(&self, reference: &str) -> Result<Progress, GatewayError>;

    /// Calls a request off. `Ok` also when the carrier never had it.
    async fn cancel(&self, reference: &str) -> Result<(), GatewayError>;
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

/// One thing a carrier said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What we make of it.
    pub outcome: Outcome,
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
    /// Its name in the books.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Delayed => "delayed",
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
            Self::Unreadable(_) => "unreadable",
        }
    }
}

/// Why a gateway gave no answer. None of these says whether the carrier acted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GatewayError {
    /// It refuses work for now.
    #[error("the gateway is not available: {0}")]
    Unavailable(String),
    /// It did not answer in time.
    #[error("the gateway did not answer in time")]
    TimedOut,
    /// It answered something that cannot be understood.
    #[error("the gateway's answer cannot be read: {0}")]
    Unreadable(String),
}
