//! The real binary, on real files and sockets, as the people who run it meet it.

mod backend;
mod carrier_queue;
mod command_line;
mod crash;
mod data;
mod dev;
mod developer;
mod front;
mod http_carrier;
mod integrator;
mod keep_alive;
mod keys;
mod limits;
mod listen;
mod logs;
mod metrics;
mod moving;
mod roles;
mod serve;
mod support;
mod traces;
mod trigger;
