//! What `listen` says: to standard output what happened, to standard error how the server does. A
//! reader that went away is no error.

use std::{collections::BTreeSet, io::Write};

use jiff::Timestamp;
use portico_ambient::Clock;
use portico_domain::id::EventId;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::{
    feed::{Event, just_before},
    forward::Forwarded,
    types::without_prefix,
};
use crate::remote::ApiError;

/// What is told at the beginning.
pub struct Facts<'a> {
    /// Whose events.
    pub project: &'a str,
    /// From where.
    pub server: &'a str,
    /// To where.
    pub forward_to: &'a str,
    /// What signs; `None` when the server does.
    pub secret: Option<&'a SecretString>,
}

/// Counts what happens and says it.
pub struct Report {
    json: bool,
    clock: Clock,
    forwarded: u64,
    taken: u64,
    /// Events that were read and are still to be forwarded.
    left: BTreeSet<EventId>,
    /// The newest event that was dealt with.
    last: EventId,
    is_away: bool,
}

impl Report {
    /// Begins after `last`; for programs with `json`.
    pub fn new(json: bool, last: EventId) -> Self {
        Self {
            json,
            clock: Clock::system(),
            forwarded: 0,
            taken: 0,
            left: BTreeSet::new(),
            last,
            is_away: false,
        }
    }

    /// Events that were posted.
    pub fn forwarded(&self) -> u64 {
        self.forwarded
    }

    /// Events that were answered by 2xx.
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// From now on events are forwarded.
    pub fn begin(&self, facts: &Facts<'_>) {
        let secret = facts.secret.map(ExposeSecret::expose_secret);
        let program = json!({
            "object": "listening",
            "project": facts.project,
            "server": facts.server,
            "forwardTo": facts.forward_to,
            "secret": secret,
        });
        let signed = match secret {
            Some(secret) => format!("They are signed with {secret}"),
            None => "They are signed with the endpoint's own secret".to_owned(),
        };
        let person = format!(
            "Forwarding events of project {} at {} to {}\n{signed}\n",
            facts.project, facts.server, facts.forward_to
        );
        self.tell(&program, &person);
    }

    /// An event was posted.
    pub fn forwarded_one(&mut self, event: &Event, forwarded: &Forwarded) {
        self.forwarded += 1;
        self.taken += u64::from(forwarded.is_taken());
        self.passed_over(event);
        let (at, ms) = (self.clock.now(), forwarded.took.as_millis());
        let answer = &forwarded.answer;
        let program = json!({
            "object": "forwarded",
            "at": at,
            "event": event.id,
            "eventType": event.kind,
            "statusCode": answer.as_ref().ok(),
            "error": answer.as_ref().err().map(|error| error.as_str()),
            "durationMs": u64::try_from(ms).unwrap_or(u64::MAX),
        });
        let (kind, result) = (
            without_prefix(&event.kind),
            match answer {
                Ok(status) => status.to_string(),
                Err(error) => format!("no answer: {error}"),
            },
        );
        let time = time_of_day(at);
        self.tell(
            &program,
            &format!("{time}  {kind:<28}  {}  {result}  {ms} ms", event.id),
        );
    }

    /// An event was read that is to be forwarded.
    pub fn awaits(&mut self, event: &Event) {
        self.left.insert(event.id);
    }

    /// Nothing remains to be done about an event.
    pub fn passed_over(&mut self, event: &Event) {
        self.left.remove(&event.id);
        self.last = self.last.max(event.id);
    }

    /// After which id another run misses nothing that was read. An event that appeared behind others
    /// may be left while they were forwarded; they are forwarded again then.
    fn goes_on_after(&self) -> EventId {
        match self.left.first() {
            Some(left) if *left < self.last => just_before(*left),
            _ => self.last,
        }
    }

    /// It is over.
    pub fn end(&self) {
        let Self {
            forwarded, taken, ..
        } = self;
        let (left, last) = (self.left.len(), self.goes_on_after());
        let program = json!({
            "object": "summary",
            "forwarded": forwarded,
            "taken": taken,
            "notTaken": forwarded - taken,
            "left": left,
            "lastEvent": last,
        });
        let waiting = match left {
            0 => String::new(),
            left => format!(", {left} read and not forwarded"),
        };
        let person = format!(
            "\n{forwarded} forwarded, {taken} taken, {} not taken{waiting}. --since {last} goes on here.",
            forwarded - taken
        );
        self.tell(&program, &person);
    }

    /// The server does not answer; said once.
    pub fn server_is_away(&mut self, error: &ApiError) {
        if !self.is_away {
            self.is_away = true;
            eprintln!("{error}; asking again until it answers");
        }
    }

    /// The server answers; said once when it was away.
    pub fn server_is_here(&mut self) {
        if self.is_away {
            self.is_away = false;
            eprintln!("--server: answers again; what happened meanwhile follows");
        }
    }

    fn tell(&self, program: &Value, person: &str) {
        if self.json {
            say(&program.to_string());
        } else {
            say(person);
        }
    }
}

/// Prints a line at once, also into a pipe.
pub fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

fn time_of_day(at: Timestamp) -> String {
    at.strftime("%H:%M:%SZ").to_string()
}
