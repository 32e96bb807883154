//! Connect: the hosted pages a subscriber sees.
//!
//! [`view`] renders them and [`text`] holds their words, both without knowing of HTTP or of the
//! rest of Portico.

pub mod text;
pub mod view;
