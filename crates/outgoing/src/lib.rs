//! Calls to the outside: webhooks, carriers' gateways, and what the command line says to a server.
//!
//! Guarantee: whoever chooses a URL cannot make this machine reach into the network it stands in. A
//! name is resolved once for each connection and the connection goes to exactly the address that was
//! checked; addresses that are not public are refused unless the operator listed them; redirects are
//! not followed; a call is bounded in time, its answer in size. Nothing is kept here: a crash loses
//! open connections and no more.

mod call;
mod connect;
mod endpoint;
mod network;
mod policy;
mod signature;
mod target;

pub use call::{CallError, Reply};
pub use connect::{Client, Resolver};
pub use endpoint::Endpoint;
pub use network::Network;
pub use policy::AddressPolicy;
pub use signature::{SECRET_PREFIX, SecretError, SigningKey, signature_headers};
pub use target::{Target, UrlError};
