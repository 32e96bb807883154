//! Delivers events to webhook endpoints.
//!
//! Guarantee: an event that was committed while an endpoint that is told of its type was enabled is
//! sent to it at least once, with the same `webhook-id` each time, until the endpoint takes it, every
//! try of the schedule has failed, or the endpoint is disabled or deleted.
//!
//! * **Outbox.** The statement that writes an event marks it. [`Dispatcher`] takes marked events in
//!   batches and writes their deliveries in the same transaction, so nothing lies between.
//! * **Leases.** What a dispatcher works on is held under its own lease of 15 s, renewed every 5 s;
//!   results are taken from the holder only. A crash after the call and before its result is on disk
//!   lets the lease run out (or voids it, where one process owns the database), and it is sent again.
//!   What a process holds on disk and knows nothing of is let go of ([`holds`]).
//! * **Lanes.** Each endpoint has its own queue and its own limit of calls at the same time, which
//!   shrinks while it fails; so one that is dead or slow waits for nobody but itself.
//! * **Wake-ups** are a comfort; polling finds what other processes wrote.
//!
//! Order is not promised: `sequence` lets a receiver restore it for each resource.

mod attempt;
mod dispatcher;
mod fan_out;
mod holds;
mod lane;
mod lanes;
mod recipient;
mod recorder;
mod retry_after;

pub use dispatcher::Dispatcher;
