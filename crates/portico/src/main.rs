//! The `portico` command: configuration, wiring, the HTTP server.
//!
//! Everything a person can do stands in `portico-app`; this crate only brings its parts together
//! and keeps them running.

mod cli;
mod commands;
mod config;
mod dev;
mod listen;
mod logging;
mod remote;
mod server;
mod signals;
mod traces;
mod trigger;
mod wiring;

use std::{future::Future, process::ExitCode};

use cli::{Cli, Command};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let outcome = match Cli::read() {
        Ok(cli) => run(cli.command),
        Err(usage) => return usage.report(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", cli::one_line(&why(&error)));
            ExitCode::FAILURE
        }
    }
}

/// An error with its causes; what one repeats of the one before is left out.
fn why(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if text.is_empty() {
            text = cause;
        } else if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Dev(args) => on_all_cores(dev::run(args)),
        Command::Serve(args) => on_all_cores(commands::serve::run(args)),
        Command::Migrate(args) => on_this_thread(commands::migrate::run(args)),
        Command::Health(args) => on_this_thread(commands::health::run(args)),
        Command::Project(command) => on_this_thread(commands::project::run(command)),
        Command::ApiKey(command) => on_this_thread(commands::api_key::run(command)),
        Command::Carrier(command) => on_this_thread(commands::carrier::run(command)),
        Command::Keys(command) => on_this_thread(commands::keys::run(command)),
        Command::Redact(args) => on_this_thread(commands::redact::run(args)),
        Command::Backup(args) => on_this_thread(commands::backup::run(args)),
        Command::Move(args) => on_this_thread(commands::r#move::run(args)),
        Command::Listen(args) => on_this_thread(listen::run(*args)),
        Command::Trigger(args) => on_this_thread(trigger::run(args)),
    }
}

/// How many connections that became ready are taken from the kernel at once, for each core. It hands them out
/// in the order they came; of a thousand that one worker took, others would steal the later half and answer
/// it first. (A single one at a time, on two cores, is more asking than answering: half the rate.)
const EVENTS_A_CORE: usize = 2;

fn on_all_cores(work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.max_io_events_per_tick(EVENTS_A_CORE * cores);
    builder.enable_all().build()?.block_on(work)
}

/// A command that ends at once needs no more threads.
fn on_this_thread(work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build()?.block_on(work)
}
