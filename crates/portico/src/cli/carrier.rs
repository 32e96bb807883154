//! `portico carrier …`.

use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;
use portico_domain::carrier::Operator;

use super::ConfigArgs;

/// `portico carrier …`.
#[derive(Debug, Subcommand)]
pub enum CarrierCommand {
    /// List the requests that wait for a person
    Queue(QueueArgs),
    /// Take a case, and see what is to be typed into the carrier's portal
    Take(TakeArgs),
    /// See a case that you have taken
    Show(CaseArgs),
    /// Record what the carrier says about a case that you have taken
    Record(RecordArgs),
    /// Give a case back as it is
    Release(CaseArgs),
    /// List the attempts whose carrier has said nothing readable for long
    Troubled {
        /// Print one line of JSON
        #[arg(long)]
        json: bool,
        /// Where the configuration is.
        #[command(flatten)]
        config: ConfigArgs,
    },
}

/// `portico carrier queue`.
#[derive(Debug, Args)]
pub struct QueueArgs {
    /// Of one recipient only
    #[arg(long, value_name = "NAME")]
    pub provider: Option<String>,
    /// Print one line of JSON
    #[arg(long)]
    pub json: bool,
    /// Where the configuration is.
    #[command(flatten)]
    pub config: ConfigArgs,
}

/// Which case, and who works it.
#[derive(Debug, Args)]
pub struct CaseArgs {
    /// The attempt, as the queue names it
    pub reference: String,
    /// Who you are; it is kept in the audit trail
    #[arg(long, value_name = "NAME")]
    pub operator: Operator,
    /// Print one line of JSON
    #[arg(long)]
    pub json: bool,
    /// Where the configuration is.
    #[command(flatten)]
    pub config: ConfigArgs,
}

/// `portico carrier take`.
#[derive(Debug, Args)]
pub struct TakeArgs {
    /// Which case, and who works it.
    #[command(flatten)]
    pub case: CaseArgs,
    /// Take it from the operator who has it
    #[arg(long)]
    pub force: bool,
}

/// `portico carrier record`.
#[derive(Debug, Args)]
pub struct RecordArgs {
    /// The attempt, as the queue names it
    pub reference: String,
    /// What the carrier says
    #[arg(value_enum)]
    pub outcome: Outcome,
    /// Who you are; it is kept in the audit trail
    #[arg(long, value_name = "NAME")]
    pub operator: Operator,
    /// The carrier's own code, such as 8C
    #[arg(long, value_name = "CODE")]
    pub code: Option<String>,
    /// The carrier's own words
    #[arg(long, value_name = "TEXT")]
    pub text: Option<String>,
    /// The day the number will move: needed with foc, allowed with delayed
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub date: Option<Date>,
    /// Print one line of JSON
    #[arg(long)]
    pub json: bool,
    /// Where the configuration is.
    #[command(flatten)]
    pub config: ConfigArgs,
}

/// What is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "camelCase")]
pub enum Outcome {
    /// The carrier took the request
    Accepted,
    /// It takes longer
    Delayed,
    /// The day is agreed; --date says which
    Foc,
    /// The donor refused; --code and --text say why
    Declined,
    /// The number has moved
    Completed,
    /// Broken beyond repair
    Failed,
    /// It was called off at the portal, as the queue asked
    CalledOff,
}
