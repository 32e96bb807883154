//! Writes down what came of deliveries, many in one transaction.
//!
//! Guarantee: a result is written by the holder of the delivery or not at all. What a crash cuts off
//! is still held on disk, runs out, and is sent again.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use jiff::Timestamp;
use portico_app::{App, AppError, webhooks};
use portico_domain::{
    id::WebhookEndpointId,
    webhook::{DeliveryState, DisabledReason, GIVE_UP_AFTER},
};
use portico_metrics::{TryResult, metrics};
use portico_store::{
    Tx,
    webhooks::{
        deliveries::{self, Outcome},
        endpoints, health,
    },
};
use tokio::sync::{mpsc, oneshot};

use crate::attempt::{Settled, Verdict};

/// Results of one transaction at the most.
const BATCH: usize = 512;
/// How many results may wait before senders are held back.
const QUEUE: usize = 4_096;
/// How long to wait when the store does not answer.
const PAUSE: Duration = Duration::from_millis(500);
/// How often a batch is tried to be written. After that nothing here knows of it any more, and what it is
/// about is sent again.
const TRIES: usize = 30;

/// Where results go. Cheap to clone.
#[derive(Clone)]
pub struct Recorder(mpsc::Sender<Message>);

enum Message {
    Settled(Settled),
    Flush(oneshot::Sender<()>),
}

impl Recorder {
    /// Starts the task that writes; it ends with the last handle.
    pub fn start(app: App, owner: Arc<str>) -> Self {
        let (sender, incoming) = mpsc::channel(QUEUE);
        tokio::spawn(run(app, owner, incoming));
        Self(sender)
    }

    /// Hands in a result.
    pub async fn settle(&self, settled: Settled) {
        // It fails only when the runtime is being torn down; then the lease runs out.
        let _ = self.0.send(Message::Settled(settled)).await;
    }

    /// Resolves when everything handed in before is written.
    pub async fn flush(&self) {
        let (done, written) = oneshot::channel();
        if self.0.send(Message::Flush(done)).await.is_ok() {
            let _ = written.await;
        }
    }
}

async fn run(app: App, owner: Arc<str>, mut incoming: mpsc::Receiver<Message>) {
    let mut messages = Vec::with_capacity(BATCH);
    while incoming.recv_many(&mut messages, BATCH).await > 0 {
        let (mut batch, mut flushes) = (Vec::with_capacity(messages.len()), Vec::new());
        for message in messages.drain(..) {
            match message {
                Message::Settled(settled) => batch.push(settled),
                Message::Flush(done) => flushes.push(done),
            }
        }
        if !batch.is_empty() {
            let batch = Arc::new(batch);
            let disabled = keep_trying(&app, &owner, &batch).await;
            count(&batch, disabled);
        }
        for done in flushes {
            let _ = done.send(());
        }
    }
}

async fn keep_trying(app: &App, owner: &Arc<str>, batch: &Arc<Vec<Settled>>) -> u64 {
    for _ in 0..TRIES {
        let (owner, batch) = (owner.clone(), batch.clone());
        let written = app.write(move |tx, app| {
            let (owner, batch) = (owner.clone(), batch.clone());
            Box::pin(async move { write(tx, &app, &owner, &batch).await })
        });
        match written.await {
            Ok(disabled) => return disabled,
            Err(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                "cannot keep the results of deliveries"
            ),
        }
        tokio::time::sleep(PAUSE).await;
    }
    0
}

/// Writes a batch; how many endpoints were disabled because of it.
async fn write(tx: &mut Tx, app: &App, owner: &str, batch: &[Settled]) -> Result<u64, AppError> {
    let outcomes: Vec<Outcome> = batch.iter().map(|it| it.outcome.clone()).collect();
    deliveries::settle(tx, owner, &outcomes).await?;
    let mut disabled = 0;
    for (endpoint, found) in by_endpoint(batch) {
        disabled += u64::from(judge(tx, app, endpoint, found).await?);
    }
    Ok(disabled)
}

/// What a batch says about one endpoint.
#[derive(Default)]
struct Found {
    has_success: bool,
    has_failure: bool,
    is_gone: bool,
    held_until: Option<Timestamp>,
}

fn by_endpoint(batch: &[Settled]) -> BTreeMap<WebhookEndpointId, Found> {
    let mut all = BTreeMap::<_, Found>::new();
    for settled in batch {
        let found = all.entry(settled.outcome.endpoint).or_default();
        match settled.verdict {
            Verdict::Delivered => found.has_success = true,
            Verdict::Failed(until) => {
                found.has_failure = true;
                found.held_until = found.held_until.max(until);
            }
            Verdict::Gone => found.is_gone = true,
            Verdict::PutBack => {}
        }
    }
    all
}

/// Keeps an endpoint's record; whether it is disabled because of it.
async fn judge(
    tx: &mut Tx,
    app: &App,
    endpoint: WebhookEndpointId,
    found: Found,
) -> Result<bool, AppError> {
    if found.has_success {
        health::succeeded(tx, endpoint).await?;
    }
    if let Some(until) = found.held_until {
        health::hold(tx, endpoint, until).await?;
    }
    let mut reason = found.is_gone.then_some(DisabledReason::Gone);
    if found.has_failure && !found.has_success {
        let since = health::failed(tx, endpoint).await?;
        if tx.now().duration_since(since) >= GIVE_UP_AFTER {
            reason = reason.or(Some(DisabledReason::Failing));
        }
    }
    let Some(reason) = reason else {
        return Ok(false);
    };
    // It may have been disabled or deleted meanwhile.
    let Some(stored) = endpoints::recipient_of(tx, endpoint).await? else {
        return Ok(false);
    };
    webhooks::disable(tx, app, stored.endpoint, reason).await?;
    Ok(true)
}

fn count(batch: &[Settled], disabled: u64) {
    let count = |result, holds: fn(&Settled) -> bool| {
        let number = batch.iter().filter(|it| holds(it)).count();
        metrics().webhooks.count(result, number as u64);
    };
    count(TryResult::Delivered, |it| it.verdict == Verdict::Delivered);
    count(TryResult::Retried, |it| {
        it.verdict != Verdict::PutBack && it.outcome.state == DeliveryState::Waiting
    });
    count(TryResult::GivenUp, |it| {
        it.outcome.state == DeliveryState::Failed
    });
    metrics().webhooks.disabled(disabled);
}
