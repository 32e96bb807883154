//! `portico listen`: webhooks without a public URL.
//!
//! Reads a project's events from a server's API, which may run anywhere, and posts each to a URL this
//! machine reaches, as the request a webhook endpoint would get. Nothing is changed on the server.

mod feed;
mod forward;
mod report;
mod secret;
mod types;

use std::{pin::Pin, time::Duration};

use anyhow::bail;
use portico_ambient::Clock;
use portico_app::webhooks::Signer;
use portico_domain::id::EventId;
use secrecy::ExposeSecret;

use crate::{
    cli::ListenArgs,
    remote::{self, Api, ApiError},
    signals::Signals,
};
use feed::{Event, Feed};
use forward::{Forwarder, Signing};
pub use report::say;
use report::{Facts, Report};
use secret::Secret;
use types::Types;
pub use types::without_prefix;

/// How long to wait between two looks at the list: half of what a person calls at once.
const PAUSE: Duration = Duration::from_millis(500);

/// Why it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// It was told to.
    Told,
    /// `--timeout` is over.
    TimedOut,
    /// `--exit-after` is reached.
    Enough,
    /// With `--fail-fast`: this event was not taken.
    NotTaken(EventId),
}

/// Resolves when it was told to end, or its time is over.
type Stop<'a> = Pin<&'a mut dyn Future<Output = End>>;

/// Forwards until it is told to end, or an argument says so.
///
/// # Errors
/// An argument is at fault, the server refuses, or the target did not take what it had to.
pub async fn run(args: ListenArgs) -> anyhow::Result<()> {
    let api = Api::open(&args.server)?;
    let secret = Secret::derive(api.key(), api.project());
    if args.print_secret {
        say(secret.text().expose_secret());
        return Ok(());
    }
    let types = Types::parse(&args.types)?;
    let url = args.forward_to.clone().unwrap_or_default();
    let target = remote::target(&url, "--forward-to")?;
    let mut signals = Signals::new()?;
    api.find_project().await?;
    let (signing, types) = match args.endpoint {
        Some(id) => (Signing::As(id), types.or_those_of(&api, id).await?),
        None => (Signing::Here(Box::new(Signer::with(secret.bytes()))), types),
    };
    let shown = args.endpoint.is_none().then(|| secret.text());
    let feed = Feed::open(&api, args.since).await?;
    let report = Report::new(args.json, feed.newest());
    report.begin(&Facts {
        project: api.project(),
        server: api.server(),
        forward_to: &url,
        secret: shown.as_ref(),
    });
    let mut listener = Listener {
        forwarder: Forwarder::new(&api, (signing, Clock::system()), target),
        feed,
        types,
        report,
        args: &args,
    };
    let stop = async {
        tokio::select! {
            () = signals.next() => End::Told,
            () = passed(args.timeout) => End::TimedOut,
        }
    };
    let mut stop = std::pin::pin!(stop);
    let ended = listener.run(stop.as_mut()).await;
    listener.report.end();
    judge(&args, &listener.report, ended?)
}

/// What the end means for who started it.
fn judge(args: &ListenArgs, report: &Report, end: End) -> anyhow::Result<()> {
    let (taken, forwarded) = (report.taken(), report.forwarded());
    match (end, args.exit_after) {
        (End::NotTaken(event), _) => bail!("--forward-to: the target did not take {event}"),
        (End::Enough, _) if taken < forwarded => {
            bail!("--forward-to: the target took {taken} of {forwarded} events")
        }
        (End::TimedOut, Some(number)) => {
            bail!("--timeout: {forwarded} of {number} events came in time")
        }
        _ => Ok(()),
    }
}

async fn passed(seconds: Option<u64>) {
    match seconds {
        Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
        None => std::future::pending().await,
    }
}

struct Listener<'a> {
    feed: Feed<'a>,
    forwarder: Forwarder<'a>,
    types: Types,
    report: Report,
    args: &'a ListenArgs,
}

impl Listener<'_> {
    async fn run(&mut self, mut stop: Stop<'_>) -> anyhow::Result<End> {
        loop {
            let look = tokio::select! {
                end = &mut stop => return Ok(end),
                look = self.feed.look() => look,
            };
            let Some(look) = self.unless_away(look)? else {
                tokio::select! {
                    end = &mut stop => return Ok(end),
                    () = tokio::time::sleep(PAUSE) => continue,
                }
            };
            let wanted = |event: &&Event| self.types.want(&event.kind);
            for event in look.events.iter().filter(wanted) {
                self.report.awaits(event);
            }
            for event in &look.events {
                if let Some(end) = self.pass_on(event, &mut stop).await? {
                    return Ok(end);
                }
            }
            if !look.has_more {
                tokio::select! {
                    end = &mut stop => return Ok(end),
                    () = tokio::time::sleep(PAUSE) => {}
                }
            }
        }
    }

    /// Forwards an event, if its type is wanted. Whether that is the end.
    async fn pass_on(&mut self, event: &Event, stop: &mut Stop<'_>) -> anyhow::Result<Option<End>> {
        if !self.types.want(&event.kind) {
            self.report.passed_over(event);
            return Ok(None);
        }
        let forwarded = loop {
            let forwarded = tokio::select! {
                biased;
                end = &mut *stop => return Ok(Some(end)),
                forwarded = self.forwarder.forward(event) => forwarded,
            };
            match self.unless_away(forwarded)? {
                Some(forwarded) => break forwarded,
                None => tokio::time::sleep(PAUSE).await,
            }
        };
        self.report.forwarded_one(event, &forwarded);
        if self.args.fail_fast && !forwarded.is_taken() {
            return Ok(Some(End::NotTaken(event.id)));
        }
        let enough = self.args.exit_after;
        Ok(enough
            .filter(|number| self.report.forwarded() >= *number)
            .map(|_| End::Enough))
    }

    /// What the server said; `None` when it is away and may come back.
    fn unless_away<T>(&mut self, said: Result<T, ApiError>) -> anyhow::Result<Option<T>> {
        match said {
            Ok(said) => {
                self.report.server_is_here();
                Ok(Some(said))
            }
            Err(error) if error.may_pass() => {
                self.report.server_is_away(&error);
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }
}
