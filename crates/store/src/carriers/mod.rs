//! What carriers without an interface of their own are asked and have said: the queue that operators
//! work, and every update that came in.

pub mod cases;
pub mod updates;
