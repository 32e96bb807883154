//! From an HTTP request to a typed one.

mod answering;
pub(crate) mod call;
pub mod fields;
pub(crate) mod head;
pub mod idempotency;
pub mod json;
pub mod paging;
pub mod parse;
pub mod path;
mod recalled;

pub use answering::ok;
pub use call::{Call, Caller, Server};
pub(crate) use recalled::Recalled;
