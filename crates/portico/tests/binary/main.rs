//! The real binary, on real files and sockets, as the people who run it meet it.

mod command_line;
mod crash;
mod dev;
mod keys;
mod limits;
mod logs;
mod serve;
mod support;
