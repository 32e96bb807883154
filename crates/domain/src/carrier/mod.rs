//! What recipient carriers say through somebody else: a backend of the operator's, or a person at a
//! carrier's portal.

mod case;
mod update;

pub use case::{Case, CaseError, CaseState, Holder, Operator, OperatorError};
pub use update::{CarrierUpdate, UpdateError, UpdateKind};
