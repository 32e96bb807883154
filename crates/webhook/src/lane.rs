//! One endpoint's lane: what is held for it, and its calls.
//!
//! A lane exists while it has something to do. Its calls at the same time halve with every failure
//! and grow by one with every success, so that an endpoint that is dead costs one call at a time.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::SignedDuration;
use portico_app::AppError;
use portico_domain::{id::WebhookEndpointId, webhook::DeliveryState};
use portico_store::{
    events,
    webhooks::{
        deliveries::{self, Outcome, Taken},
        endpoints, health, senders,
    },
};
use tokio::{sync::Notify, task::JoinSet};

use crate::{
    attempt::{Settled, Verdict, Work, attempt, put_back},
    holds::Hold,
    lanes::Lanes,
    recipient::{Recipient, body},
};

/// Deliveries taken from disk in one go, for each call the lane may make.
const TAKEN_PER_CALL: usize = 8;
/// How long an endpoint that answered 410 is left alone here; until then it is disabled on disk.
const GONE: SignedDuration = SignedDuration::from_secs(5);
/// How long an endpoint whose secrets do not open is left alone here.
const LOCKED: SignedDuration = SignedDuration::from_mins(5);

/// What is held for an endpoint.
pub struct Lane {
    pub id: WebhookEndpointId,
    queue: Mutex<Queue>,
    changed: Notify,
}

#[derive(Default)]
struct Queue {
    works: VecDeque<(Arc<Recipient>, Work)>,
    /// Whether there may be more on disk.
    has_more: bool,
}

/// What ended.
enum Done {
    Sent(Verdict),
    Took(Result<(), AppError>),
}

impl Lane {
    pub fn new(id: WebhookEndpointId) -> Self {
        Self {
            id,
            queue: Mutex::default(),
            changed: Notify::new(),
        }
    }

    pub fn room(&self, most: usize) -> usize {
        let queue = self.queue();
        match queue.has_more {
            true => 0,
            false => most.saturating_sub(queue.works.len()),
        }
    }

    pub fn push(&self, recipient: &Arc<Recipient>, works: Vec<Work>) {
        let works = works.into_iter().map(|work| (recipient.clone(), work));
        self.queue().works.extend(works);
        self.changed.notify_one();
    }

    pub fn expect_more(&self) {
        self.queue().has_more = true;
        self.changed.notify_one();
    }

    pub fn nudge(&self) {
        self.changed.notify_one();
    }

    pub fn is_idle(&self) -> bool {
        let queue = self.queue();
        queue.works.is_empty() && !queue.has_more
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Works until nothing is left to do.
pub async fn run(lane: Arc<Lane>, lanes: Lanes) {
    let mut pace = lanes.pace(lane.id);
    let (mut running, mut calls, mut is_taking) = (JoinSet::new(), 0, false);
    loop {
        let now = lanes.parts().app.db.ambient().now();
        if lanes.is_stopping() || lanes.is_held(lane.id, now) {
            put_all_back(&lane, &lanes).await;
        } else {
            calls = start_calls(&lane, &lanes, &mut running, (calls, pace));
            let wants_more = {
                let queue = lane.queue();
                queue.has_more && queue.works.len() < pace
            };
            if wants_more && !is_taking {
                is_taking = true;
                // Said before it is looked: what comes meanwhile says it again.
                lane.queue().has_more = false;
                let (lane, lanes) = (lane.clone(), lanes.clone());
                running.spawn(async move { Done::Took(take(&lane, &lanes, pace).await) });
            }
        }
        if running.is_empty() {
            if lanes.close(&lane) {
                return;
            }
            continue;
        }
        let done = tokio::select! {
            done = running.join_next() => done,
            () = lane.changed.notified() => continue,
        };
        match done {
            Some(Ok(Done::Sent(verdict))) => {
                calls -= 1;
                pace = paced(pace, verdict, &lane, &lanes);
            }
            Some(Ok(Done::Took(taken))) => {
                is_taking = false;
                // What is on disk stays there; a next look at the table comes back to it, also to what was
                // taken.
                if let Err(error) = taken {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(endpoint = %lane.id, error, "cannot take deliveries");
                }
            }
            Some(Err(error)) => {
                tracing::error!(endpoint = %lane.id, error = &error as &dyn std::error::Error,
                    "a delivery panicked");
                // Whatever it was, neither can be running more often than what is left.
                calls = calls.min(running.len());
                is_taking = is_taking && running.len() > calls;
            }
            None => {}
        }
    }
}

/// Starts calls until there are as many as the pace allows; how many there are then.
fn start_calls(
    lane: &Lane,
    lanes: &Lanes,
    running: &mut JoinSet<Done>,
    (mut calls, pace): (usize, usize),
) -> usize {
    let parts = lanes.parts();
    while calls < pace {
        // One call is always allowed, so that no lane waits for others.
        let permit = match calls {
            0 => None,
            _ => match parts.extra_calls.clone().try_acquire_owned() {
                Ok(permit) => Some(permit),
                Err(_) => break,
            },
        };
        let Some((recipient, work)) = lane.queue().works.pop_front() else {
            break;
        };
        let (ambient, recorder) = (parts.app.db.ambient().clone(), parts.recorder.clone());
        let lanes = lanes.clone();
        running.spawn(async move {
            let _permit = permit;
            let id = recipient.id;
            let settled = attempt(recipient, work, ambient.clone()).await;
            let verdict = settled.verdict;
            // Before it is written: from now on nothing is sent that should not be.
            match verdict {
                Verdict::Failed(Some(until)) => lanes.hold(id, until),
                Verdict::Gone => lanes.hold(id, ambient.now() + GONE),
                _ => {}
            }
            recorder.settle(settled).await;
            Done::Sent(verdict)
        });
        calls += 1;
    }
    calls
}

fn paced(pace: usize, verdict: Verdict, lane: &Lane, lanes: &Lanes) -> usize {
    let most = lanes.parts().concurrency;
    let next = match verdict {
        Verdict::Delivered => (pace + 1).min(most),
        _ => (pace / 2).max(1),
    };
    if next != pace {
        lanes.set_pace(lane.id, next);
    }
    next
}

async fn put_all_back(lane: &Lane, lanes: &Lanes) {
    let works = {
        let mut queue = lane.queue();
        queue.has_more = false;
        std::mem::take(&mut queue.works)
    };
    let parts = lanes.parts();
    let now = parts.app.db.ambient().now();
    for (recipient, work) in works {
        parts.recorder.settle(put_back(&recipient, work, now)).await;
    }
}

/// Takes deliveries that are due from disk.
async fn take(lane: &Lane, lanes: &Lanes, pace: usize) -> Result<(), AppError> {
    let parts = lanes.parts();
    let (id, owner) = (lane.id, parts.owner.clone());
    let limit = u32::try_from(pace * TAKEN_PER_CALL).unwrap_or(u32::MAX);
    let taken = parts.app.write(move |tx, _| {
        let owner = owner.clone();
        Box::pin(async move {
            let Some(stored) = endpoints::recipient_of(tx, id).await? else {
                return Ok(None);
            };
            let held = health::held_until(tx, id).await?;
            if held.is_some_and(|until| tx.now() < until) {
                return Ok(None);
            }
            senders::ensure(tx, &owner).await?;
            let taken = deliveries::take(tx, &owner, id, limit).await?;
            Ok(Some((stored, taken)))
        })
    });
    let Some((stored, taken)) = taken.await? else {
        return Ok(());
    };
    if taken.len() == limit as usize {
        lane.expect_more();
    }
    let hold = |taken: Taken| (parts.holds.hold(taken.id), taken);
    let taken = taken.into_iter().map(hold).collect();
    let recipient = lanes.recipient(&stored).inspect_err(|_| {
        // It will not open a moment later either.
        lanes.hold(id, parts.app.db.ambient().now() + LOCKED);
    })?;
    let works = load(lane, lanes, &stored.endpoint.project, taken).await?;
    lane.push(&recipient, works);
    Ok(())
}

/// Reads the events of what was taken.
async fn load(
    lane: &Lane,
    lanes: &Lanes,
    project: &str,
    taken: Vec<(Hold, Taken)>,
) -> Result<Vec<Work>, AppError> {
    let parts = lanes.parts();
    let ids: Vec<_> = taken.iter().map(|(_, it)| it.event).collect();
    let mut tx = parts.app.read().await?;
    let found = events::of_ids(&mut tx, project, &ids).await?;
    drop(tx);
    let vault = parts.app.db.vault();
    let mut bodies: std::collections::HashMap<_, _> = found
        .into_iter()
        .map(|event| (event.id, body(event, vault, &parts.app.config)))
        .collect();
    let mut works = Vec::with_capacity(taken.len());
    for (hold, it) in taken {
        match bodies.remove(&it.event) {
            Some(Ok(body)) => works.push(Work {
                hold,
                event: it.event,
                tries: it.tries,
                attempts: it.attempts,
                body,
            }),
            // An event that cannot be read any more can never be sent.
            unreadable => {
                let error = unreadable.and_then(Result::err);
                tracing::error!(event = %it.event, ?error, "an event cannot be sent");
                parts
                    .recorder
                    .settle(unsendable(lane, lanes, (hold, it)))
                    .await;
            }
        }
    }
    Ok(works)
}

fn unsendable(lane: &Lane, lanes: &Lanes, (hold, taken): (Hold, Taken)) -> Settled {
    let outcome = Outcome {
        endpoint: lane.id,
        id: taken.id,
        state: DeliveryState::Failed,
        tries: taken.tries,
        run_at: lanes.parts().app.db.ambient().now(),
        attempts: taken.attempts,
    };
    Settled {
        outcome,
        verdict: Verdict::PutBack,
        hold,
    }
}
