use serde::{Deserialize, Serialize};

/// How a carrier is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// By Telnyx's porting API.
    Telnyx,
    /// By Portico's own protocol, which the operator's backend answers.
    Http,
    /// By hand: an operator hands requests in at the carrier's portal.
    Manual,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Telnyx, Self::Http, Self::Manual];

    /// Its name in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Telnyx => "telnyx",
            Self::Http => "http",
            Self::Manual => "manual",
        }
    }
}
