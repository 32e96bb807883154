//! What every page shares.

mod answer;
mod cookie;
mod embedding;
pub mod flow;
mod form;
mod format;
mod frame;
mod guard;
mod paths;
mod send;
mod visit;

pub use answer::{Fail, page, redirect};
pub use cookie::{cookie_of, set_cookie};
pub use embedding::{ends, keeps_cookies, place, probe_name, with_probe};
pub use form::Form;
pub use format::{date, moment, money, number};
pub use frame::FrameSource;
pub use guard::comes_from_us;
pub use paths::{Paths, with_notice};
pub use send::{put, send};
pub use visit::{AnyVisit, Posted, Visit};
