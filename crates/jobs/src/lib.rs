//! The worker: everything Portico does without being asked.
//!
//! Guarantee: work enqueued in a committed transaction is done at least once, and its result is kept
//! at most once. A request reaches a gateway once per attempt.
//!
//! * **Leases.** A claimed job is leased for [`LEASE`](portico_store::jobs::LEASE) and renewed while
//!   it runs. What a job achieved is written in the transaction that also removes it or puts it
//!   back, and that needs the lease: a worker that lost it to another keeps nothing.
//! * **Crash.** A job that was running is taken over when its lease has stood still for as long as it
//!   lasts, as seen by whoever takes it over and not by any clock; where one process owns the
//!   database, at once ([`Worker::recover`]). Nothing is assumed of what the dead process
//!   did: the intent to send was on disk before the gateway was called, so the gateway is asked
//!   whether it has the attempt before anything is sent again.
//! * **Failure.** An error, a panic or a time-out puts the job back with growing, scattered pauses.
//!   It is never given up: a porting that finds no end expires.
//! * **Wake-ups** are a comfort; polling once a second is what finds the work of other processes.

mod backoff;
mod ending;
mod held;
mod leases;
mod submit;
mod unheard;
mod upkeep;
mod watch;
mod worker;

pub use worker::Worker;
