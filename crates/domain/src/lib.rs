//! The life of a porting and its vocabulary. Pure: no SQL, no HTTP, no clock, no random source.

pub mod account;
pub mod address;
pub mod carrier;
pub mod connected;
pub mod country;
pub mod date_input;
pub mod decline;
pub mod event;
pub mod id;
pub mod phone;
pub mod plan;
pub mod playbook;
pub mod porting;
pub mod project;
pub mod secret_text;
pub mod service_provider;
pub mod session;
pub mod subscription;
pub mod user;
pub mod webhook;
