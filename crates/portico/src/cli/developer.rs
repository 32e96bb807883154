//! The commands of who writes a backend against Portico. They talk to a server, wherever it runs.

use clap::Args;
use portico_domain::id::{EventId, WebhookEndpointId};

/// Which server is talked to, and as whom.
#[derive(Debug, Args)]
pub struct ServerArgs {
    /// Where Portico is reached; https, or http on this machine
    #[arg(
        long,
        value_name = "URL",
        env = "PORTICO_PUBLIC_URL",
        default_value = "http://127.0.0.1:8080"
    )]
    pub server: String,
    /// The project that the key in PORTICO_API_KEY opens
    #[arg(long, value_name = "ID", default_value = "dev")]
    pub project: String,
}

/// `portico listen`.
#[derive(Debug, Args)]
#[command(
    after_help = "Authenticates with PORTICO_API_KEY. Without it the key of `portico dev` is \
used, for its project on this machine."
)]
pub struct ListenArgs {
    /// Where events are posted; https, or http on this machine
    #[arg(long, value_name = "URL", required_unless_present = "print_secret")]
    pub forward_to: Option<String>,
    /// Only these types, comma-separated: porting.declined, porting.*
    #[arg(long, value_delimiter = ',', value_name = "TYPE")]
    pub types: Vec<String>,
    /// Sign as this webhook endpoint of the project: whe_…
    #[arg(long, value_name = "ID", conflicts_with = "print_secret")]
    pub endpoint: Option<WebhookEndpointId>,
    /// Begin after this event: evt_…; otherwise with what happens from now on
    #[arg(long, value_name = "ID")]
    pub since: Option<EventId>,
    /// Print what happens as lines of JSON
    #[arg(long)]
    pub json: bool,
    /// Print the secret that signs, alone, and exit
    #[arg(long)]
    pub print_secret: bool,
    /// End after so many events; an error if the target did not take each of them
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    pub exit_after: Option<u64>,
    /// End after so many seconds; an error if --exit-after was not reached
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    pub timeout: Option<u64>,
    /// End with an error at the first event that the target does not take
    #[arg(long)]
    pub fail_fast: bool,
    /// Which server.
    #[command(flatten)]
    pub server: ServerArgs,
}

/// `portico trigger`.
#[derive(Debug, Args)]
#[command(
    after_help = "Authenticates with PORTICO_API_KEY. Without it the key of `portico dev` is \
used, for its project on this machine."
)]
pub struct TriggerArgs {
    /// What shall happen, such as porting.declined
    #[arg(value_name = "EVENT", required_unless_present = "list")]
    pub event: Option<String>,
    /// List what can happen, and how it comes about
    #[arg(long, conflicts_with = "event")]
    pub list: bool,
    /// Do not wait until it has happened
    #[arg(long)]
    pub no_wait: bool,
    /// How many seconds to wait; as long as the event takes when not given
    #[arg(long, value_name = "SECONDS", conflicts_with = "no_wait",
          value_parser = clap::value_parser!(u64).range(1..))]
    pub timeout: Option<u64>,
    /// Print one line of JSON
    #[arg(long)]
    pub json: bool,
    /// Which server.
    #[command(flatten)]
    pub server: ServerArgs,
}
