//! One try, and what is to be made of it.

use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use portico_ambient::Ambient;
use portico_domain::{
    id::EventId,
    webhook::{DeliveryState, LONGEST_PAUSE, retry_at},
};
use portico_outgoing::{CallError, Reply};
use portico_store::webhooks::deliveries::{Attempt, Outcome};

use crate::{holds::Hold, recipient::Recipient, retry_after::retry_after};

/// Attempts the log of a delivery keeps.
const LOG: usize = 20;
/// How long an endpoint that is too busy is left alone when it does not say.
const BUSY: SignedDuration = SignedDuration::from_secs(5);

/// A delivery held in memory.
pub struct Work {
    pub hold: Hold,
    pub event: EventId,
    pub tries: u32,
    /// The log so far, as it is kept.
    pub attempts: String,
    pub body: Bytes,
}

/// What came of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Delivered,
    /// And the endpoint is to be left alone until then.
    Failed(Option<Timestamp>),
    /// It does not want to be called any more.
    Gone,
    /// It was not tried.
    PutBack,
}

/// A result to be kept.
pub struct Settled {
    pub outcome: Outcome,
    pub verdict: Verdict,
    #[expect(dead_code, reason = "it is dropped with the result")]
    pub hold: Hold,
}

/// Tries once.
pub async fn attempt(recipient: Arc<Recipient>, work: Work, ambient: Ambient) -> Settled {
    let began = tokio::time::Instant::now();
    let answer = recipient
        .send(work.event, ambient.now(), work.body.clone())
        .await;
    let now = ambient.now();
    let tried = Attempt {
        at: now,
        status: answer.as_ref().ok().map(|reply| reply.status.as_u16()),
        error: answer.as_ref().err().map(|error| error.as_str().to_owned()),
        ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
    };
    let (verdict, earliest) = judge(&answer, now);
    let tries = work.tries + 1;
    let next = match verdict {
        Verdict::Delivered => None,
        _ => retry_at(now, tries, ambient.random.fraction(), earliest),
    };
    let state = match (verdict, next) {
        (Verdict::Delivered, _) => DeliveryState::Delivered,
        (_, Some(_)) => DeliveryState::Waiting,
        (_, None) => DeliveryState::Failed,
    };
    let outcome = Outcome {
        endpoint: recipient.id,
        id: work.hold.id,
        state,
        tries,
        run_at: next.unwrap_or(now),
        attempts: with(&work.attempts, tried),
    };
    Settled {
        outcome,
        verdict,
        hold: work.hold,
    }
}

/// What an answer means, and the earliest next try it asks for.
fn judge(answer: &Result<Reply, CallError>, now: Timestamp) -> (Verdict, Option<Timestamp>) {
    let Ok(reply) = answer else {
        return (Verdict::Failed(None), None);
    };
    let earliest = retry_after(&reply.headers, now);
    match reply.status {
        status if status.is_success() => (Verdict::Delivered, None),
        StatusCode::GONE => (Verdict::Gone, None),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            let until = earliest.unwrap_or(now + BUSY).min(now + LONGEST_PAUSE);
            (Verdict::Failed(Some(until)), earliest)
        }
        _ => (Verdict::Failed(None), earliest),
    }
}

fn with(log: &str, attempt: Attempt) -> String {
    // What we cannot read any more is not worth failing a delivery for.
    let mut attempts: Vec<Attempt> = serde_json::from_str(log).unwrap_or_default();
    attempts.push(attempt);
    let surplus = attempts.len().saturating_sub(LOG);
    attempts.drain(..surplus);
    serde_json::to_string(&attempts).expect("a log has text keys only")
}

/// A delivery that was taken and not tried: it waits as if nothing had happened.
pub fn put_back(recipient: &Recipient, work: Work, now: Timestamp) -> Settled {
    let outcome = Outcome {
        endpoint: recipient.id,
        id: work.hold.id,
        state: DeliveryState::Waiting,
        tries: work.tries,
        run_at: now,
        attempts: work.attempts,
    };
    Settled {
        outcome,
        verdict: Verdict::PutBack,
        hold: work.hold,
    }
}
