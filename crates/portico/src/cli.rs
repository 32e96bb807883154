//! The command line. The names are fixed: tests and documents rely on them.

mod carrier;
mod developer;

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

pub use carrier::{CarrierCommand, CaseArgs, Outcome, QueueArgs, RecordArgs, TakeArgs};
use clap::{Args, Parser, Subcommand, ValueEnum, error::ErrorKind};
use portico_domain::{
    id::{ApiKeyId, UserId},
    project::ProjectType,
};

pub use developer::{ListenArgs, ServerArgs, TriggerArgs};

/// Moves a person's mobile number to their new plan.
#[derive(Debug, Parser)]
#[command(name = "portico", version, disable_help_subcommand = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Try everything on this machine, with samples and no configuration
    Dev(DevArgs),
    /// Run the server
    Serve(ServeArgs),
    /// Bring the database up to date and exit; creates a missing SQLite file
    Migrate(ConfigArgs),
    /// Ask the server on this machine whether it can work; ends with 0 if so
    Health(HealthArgs),
    /// Create, list and change projects
    #[command(subcommand)]
    Project(ProjectCommand),
    /// Create, list and revoke API keys
    #[command(subcommand)]
    ApiKey(ApiKeyCommand),
    /// Look after the carriers that numbers are ported to
    #[command(subcommand)]
    Carrier(CarrierCommand),
    /// Rotate the keys that seal personal data
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Erase a person's data at their request
    Redact(RedactArgs),
    /// Copy a SQLite database into a file, while servers run
    Backup(BackupArgs),
    /// Move everything into another database, with every server stopped
    Move(MoveArgs),
    /// Post a project's events to a URL, as webhooks, while you develop
    Listen(Box<ListenArgs>),
    /// Make an event happen in a test project
    Trigger(TriggerArgs),
}

/// `portico keys …`.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Seal everything anew with PORTICO_ENCRYPTION_KEY, while servers run
    Rotate(KeysArgs),
    /// Count what each key has sealed
    Status(KeysArgs),
}

/// What the commands about keys take.
#[derive(Debug, Args)]
pub struct KeysArgs {
    /// Print one line of JSON
    #[arg(long)]
    pub json: bool,
    /// Where the configuration is.
    #[command(flatten)]
    pub config: ConfigArgs,
}

/// `portico redact`.
#[derive(Debug, Args)]
pub struct RedactArgs {
    /// Whose data: usr_…
    #[arg(long, value_name = "ID")]
    pub user: UserId,
    /// Where the configuration is.
    #[command(flatten)]
    pub config: ConfigArgs,
}

/// `portico move`.
#[derive(Debug, Args)]
pub struct MoveArgs {
    /// The database to move: sqlite://PATH or postgres://…
    #[arg(long, value_name = "URL")]
    pub from: String,
    /// An empty database, or one that this move was filling when it was interrupted
    #[arg(long, value_name = "URL", required_unless_present = "release")]
    pub to: Option<String>,
    /// Give the move up: let servers start on --from again
    #[arg(long, conflicts_with = "to")]
    pub release: bool,
    /// Print one line of JSON
    #[arg(long)]
    pub json: bool,
}

/// `portico backup`.
#[derive(Debug, Args)]
pub struct BackupArgs {
    /// The file to create
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Print one line of JSON
    #[arg(long)]
    pub json: bool,
    /// Where the configuration is.
    #[command(flatten)]
    pub config: ConfigArgs,
}

/// Where the configuration is.
#[derive(Debug, Args)]
pub struct ConfigArgs {
    /// A TOML file; PORTICO_* environment variables go over it
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// `portico serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Where the configuration is.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Bring the database up to date first
    #[arg(long)]
    pub migrate: bool,
    /// What this process does
    #[arg(long, value_enum, default_value_t = Role::All)]
    pub role: Role,
}

/// What a process of the server does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// Everything
    All,
    /// Answers requests; another process does the durable work
    Api,
    /// Does the durable work; answers probes only
    Worker,
}

impl Role {
    /// Whether it answers requests.
    pub fn serves(self) -> bool {
        self != Self::Worker
    }

    /// Whether it does durable work.
    pub fn works(self) -> bool {
        self != Self::Api
    }
}

/// `portico health`.
#[derive(Debug, Args)]
pub struct HealthArgs {
    /// Where the configuration is.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Ask only whether the process lives
    #[arg(long)]
    pub live: bool,
}

/// `portico dev`.
#[derive(Debug, Args)]
pub struct DevArgs {
    /// Where the database and its encryption key are kept
    #[arg(long, value_name = "DIR", default_value = "./portico-data")]
    pub data_dir: PathBuf,
    /// Address and port; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// What every time of the simulated carrier is multiplied by
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0, value_parser = time_scale)]
    pub time_scale: f64,
    /// Serve POST /testing/clock, which moves the time
    #[arg(long)]
    pub test_clock: bool,
    /// Print the samples as one line of JSON
    #[arg(long)]
    pub json: bool,
    /// What to log, on standard error
    #[arg(long, value_name = "FILTER", default_value = "warn")]
    pub log: String,
}

/// `portico project …`.
#[derive(Debug, Subcommand)]
pub enum ProjectCommand {
    /// Create a project
    Create {
        /// 1 to 40 lower-case letters, digits and inner dashes
        id: String,
        /// `test` projects use the simulated carriers only
        #[arg(long = "type")]
        kind: Kind,
        /// Where the configuration is.
        #[command(flatten)]
        config: ConfigArgs,
    },
    /// List the projects
    List(ConfigArgs),
    /// Change settings: name=Aurora, locales=en,de, logo=@logo.png; an empty value clears
    Set {
        /// The project
        id: String,
        /// camelCase settings; lists are comma-separated
        #[arg(required = true, value_name = "KEY=VALUE")]
        settings: Vec<String>,
        /// Where the configuration is.
        #[command(flatten)]
        config: ConfigArgs,
    },
}

/// `portico api-key …`.
#[derive(Debug, Subcommand)]
pub enum ApiKeyCommand {
    /// Create a key and print it: the only time it is shown
    Create {
        /// The project the key opens
        #[arg(long)]
        project: String,
        /// Where the configuration is.
        #[command(flatten)]
        config: ConfigArgs,
    },
    /// List the keys without their secrets
    List {
        /// Of one project only
        #[arg(long)]
        project: Option<String>,
        /// Where the configuration is.
        #[command(flatten)]
        config: ConfigArgs,
    },
    /// Revoke a key; it stops working at once
    Revoke {
        /// The key's id: apk_…
        id: ApiKeyId,
        /// Where the configuration is.
        #[command(flatten)]
        config: ConfigArgs,
    },
}

/// A project's type, as an argument.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Kind {
    /// Moves real numbers.
    Live,
    /// Moves numbers of the simulated carriers.
    Test,
}

impl From<Kind> for ProjectType {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Live => Self::Live,
            Kind::Test => Self::Test,
        }
    }
}

/// The command line was not understood, or help was asked for.
pub struct Usage(clap::Error);

impl Cli {
    /// Reads the arguments of this process.
    pub fn read() -> Result<Self, Usage> {
        Self::try_parse().map_err(Usage)
    }
}

impl Usage {
    /// Help goes to standard output in full; a mistake to standard error, in one line.
    pub fn report(self) -> ExitCode {
        let is_help = self.0.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
        if is_help || !self.0.use_stderr() {
            self.0.exit();
        }
        let text = self.0.to_string();
        // clap puts what is wrong in the first paragraph, and the usage after it.
        let wrong = text.split("\n\n").next().unwrap_or_default();
        eprintln!("{}", one_line(wrong));
        ExitCode::from(2)
    }
}

/// The same text without line breaks.
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn time_scale(text: &str) -> Result<f64, String> {
    let scale = text
        .parse()
        .ok()
        .filter(|scale| crate::config::is_time_scale(*scale));
    scale.ok_or_else(|| crate::config::TIME_SCALE_RULE.to_owned())
}
