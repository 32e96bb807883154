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

pub use answering::ok;
pub use call::{Call, Caller, Server};
