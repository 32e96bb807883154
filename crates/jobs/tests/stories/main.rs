//! Portings from the subscriber's confirmation to their end, on a real SQLite file with the
//! simulator as the carrier and a clock that is moved by hand.

mod cancel;
mod clocks;
mod crash;
mod declines;
mod gateway_trouble;
mod guarded;
mod happy;
mod retention;
mod run;
mod time;
mod world;
