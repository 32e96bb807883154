//! A request that waits for a person: the case of one attempt whose carrier has only a portal.

use std::{fmt, str::FromStr};

use jiff::Timestamp;

use super::UpdateKind;
use crate::id::PortingId;

/// How long an operator's name may be, in characters.
const MAX_NAME: usize = 64;

/// How far a case has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CaseState {
    /// To be handed in at the portal.
    Queued,
    /// Handed in; the carrier's answer is to be watched for.
    Submitted,
    /// The porting has ended meanwhile: to be called off at the portal.
    CallOff,
    /// Nothing is left to do.
    Closed,
}

impl CaseState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Queued, Self::Submitted, Self::CallOff, Self::Closed];

    /// Its name in the books.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Submitted => "submitted",
            Self::CallOff => "callOff",
            Self::Closed => "closed",
        }
    }

    /// The state of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// The name of a person who works the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator(String);

/// Why a text is no operator's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must have 1 to 64 characters, without blanks at its ends and control characters")]
pub struct OperatorError;

impl Operator {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Operator {
    type Err = OperatorError;

    fn from_str(text: &str) -> Result<Self, OperatorError> {
        let is_name = !text.is_empty()
            && text.trim() == text
            && text.chars().count() <= MAX_NAME
            && !text.chars().any(char::is_control);
        is_name.then(|| Self(text.to_owned())).ok_or(OperatorError)
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who works a case, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Who.
    pub operator: Operator,
    /// Since when.
    pub since: Timestamp,
}

/// A case. Holds ids only: what is to be typed into the portal stays with the porting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// The attempt it is about.
    pub reference: String,
    /// The project of its porting.
    pub project: String,
    /// Its porting.
    pub porting: PortingId,
    /// The recipient's network id.
    pub provider: String,
    /// How far it has come.
    pub state: CaseState,
    /// Since when it is in that state.
    pub since: Timestamp,
    /// Who works it.
    pub holder: Option<Holder>,
    /// When it came into the queue.
    pub created_at: Timestamp,
}

/// Why something cannot be done with a case.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CaseError {
    /// Nothing is left to do.
    #[error("the case is closed")]
    Closed,
    /// Somebody else works it.
    #[error("{0} has taken the case")]
    Held(Operator),
    /// Nobody has taken it, so nobody knows what is in it.
    #[error("nobody has taken the case; take it first")]
    NotTaken,
    /// There is nothing to be called off.
    #[error("the porting goes on; there is nothing to call off")]
    NothingToCallOff,
}

impl Case {
    /// `operator` takes it; `force` takes it from somebody else.
    ///
    /// # Errors
    /// It is closed, or somebody else's.
    pub fn take(self, operator: &Operator, force: bool, now: Timestamp) -> Result<Self, CaseError> {
        self.refuse_closed()?;
        match &self.holder {
            Some(holder) if holder.operator == *operator => Ok(self),
            Some(holder) if !force => Err(CaseError::Held(holder.operator.clone())),
            _ => Ok(Self {
                holder: Some(Holder {
                    operator: operator.clone(),
                    since: now,
                }),
                ..self
            }),
        }
    }

    /// `operator` gives it back as it is.
    ///
    /// # Errors
    /// It is closed, or not theirs.
    pub fn release(self, operator: &Operator) -> Result<Self, CaseError> {
        self.refuse_closed()?;
        self.check_held_by(operator)?;
        Ok(Self {
            holder: None,
            ..self
        })
    }

    /// `operator` has learned something from the carrier.
    ///
    /// # Errors
    /// It is closed, or not theirs.
    pub fn learn(
        self,
        operator: &Operator,
        kind: UpdateKind,
        now: Timestamp,
    ) -> Result<Self, CaseError> {
        self.refuse_closed()?;
        self.check_held_by(operator)?;
        Ok(match self.state {
            _ if kind.is_final() => self.into_state(CaseState::Closed, now),
            CaseState::Queued => self.into_state(CaseState::Submitted, now),
            _ => self,
        })
    }

    /// `operator` has called it off at the portal.
    ///
    /// # Errors
    /// It is closed, not theirs, or the porting goes on.
    pub fn called_off(self, operator: &Operator, now: Timestamp) -> Result<Self, CaseError> {
        self.refuse_closed()?;
        self.check_held_by(operator)?;
        match self.state {
            CaseState::CallOff => Ok(self.into_state(CaseState::Closed, now)),
            _ => Err(CaseError::NothingToCallOff),
        }
    }

    /// The porting has ended. What nobody has taken was never handed in, and is closed; anything else
    /// may be at the carrier and is to be called off there.
    #[must_use]
    pub fn call_off(self, now: Timestamp) -> Self {
        match (self.state, &self.holder) {
            (CaseState::Closed | CaseState::CallOff, _) => self,
            (CaseState::Queued, None) => self.into_state(CaseState::Closed, now),
            _ => self.into_state(CaseState::CallOff, now),
        }
    }

    /// Makes sure that `operator` works it: nobody else is shown what is in it.
    ///
    /// # Errors
    /// Somebody else does, or nobody.
    pub fn check_held_by(&self, operator: &Operator) -> Result<(), CaseError> {
        match &self.holder {
            Some(holder) if holder.operator == *operator => Ok(()),
            Some(holder) => Err(CaseError::Held(holder.operator.clone())),
            None => Err(CaseError::NotTaken),
        }
    }

    fn refuse_closed(&self) -> Result<(), CaseError> {
        match self.state {
            CaseState::Closed => Err(CaseError::Closed),
            _ => Ok(()),
        }
    }

    fn into_state(self, state: CaseState, now: Timestamp) -> Self {
        Self {
            state,
            since: now,
            ..self
        }
    }
}

#[cfg(test)]
mod tests;
