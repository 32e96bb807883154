//! Rules of the operations that no single entry point shows: what a subscriber's repair may be, who
//! wins when two do the same at once, and what a refused operation leaves behind.

mod belongings;
mod races;
mod schedule;
mod secrets;
mod subscriber;
mod trail;
mod world;
