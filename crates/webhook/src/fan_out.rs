//! From the outbox to the lanes.

use std::collections::{HashMap, HashSet};

use bytes::Bytes;
use portico_app::AppError;
use portico_domain::id::{EventId, WebhookDeliveryId, WebhookEndpointId};
use portico_store::{
    Tx,
    events::SealedEvent,
    webhooks::{
        deliveries::{self, NewDelivery},
        endpoints::{self, Recipient},
        outbox, senders,
    },
};

use crate::{attempt::Work, lanes::Lanes, recipient::body};

/// Events handed over in one transaction.
pub const BATCH: u32 = 512;

/// What one transaction handed over.
#[derive(Default)]
struct Batch {
    events: Vec<SealedEvent>,
    endpoints: Vec<Recipient>,
    /// What this process holds: which delivery, of which event, for which of `endpoints`.
    held: Vec<(WebhookDeliveryId, EventId, usize)>,
    /// Who has something waiting on disk.
    waiting: HashSet<WebhookEndpointId>,
}

/// Takes a batch out of the outbox, writes its deliveries, and gives them to the lanes. How many
/// events it was.
///
/// # Errors
/// The store failed.
pub async fn run(lanes: &Lanes) -> Result<usize, AppError> {
    let parts = lanes.parts();
    let in_tx = lanes.clone();
    let batch = parts.app.write(move |tx, _| {
        let lanes = in_tx.clone();
        Box::pin(async move { hand_over(tx, &lanes).await })
    });
    let batch = batch.await?;
    let number = batch.events.len();
    give(lanes, batch);
    Ok(number)
}

async fn hand_over(tx: &mut Tx, lanes: &Lanes) -> Result<Batch, AppError> {
    let mut batch = Batch {
        events: outbox::take(tx, BATCH).await?,
        ..Batch::default()
    };
    let projects: HashSet<&str> = batch.events.iter().map(|it| it.project.as_str()).collect();
    for project in projects {
        batch
            .endpoints
            .extend(endpoints::recipients(tx, project).await?);
    }
    if batch.endpoints.is_empty() {
        return Ok(batch);
    }
    let owner = &lanes.parts().owner;
    senders::ensure(tx, owner).await?;
    let now = tx.now();
    let ids = batch.endpoints.iter().map(|it| it.endpoint.id);
    let mut room: Vec<_> = ids.map(|id| lanes.room(id, now)).collect();
    let mut new = Vec::new();
    for event in &batch.events {
        for (index, stored) in batch.endpoints.iter().enumerate() {
            let endpoint = &stored.endpoint;
            if endpoint.project != event.project || !endpoint.wants(&event.kind) {
                continue;
            }
            let id = tx.ambient().id();
            let is_held = room[index] > 0;
            if is_held {
                room[index] -= 1;
                batch.held.push((id, event.id, index));
            } else {
                batch.waiting.insert(endpoint.id);
            }
            new.push(NewDelivery {
                id,
                project: event.project.clone(),
                endpoint: endpoint.id,
                event: event.id,
                event_type: event.kind.clone(),
                owner: is_held.then(|| owner.to_string()),
            });
        }
    }
    deliveries::insert(tx, &new).await?;
    Ok(batch)
}

/// Gives the lanes what is held for them. What cannot be given is let go of later and taken from disk.
fn give(lanes: &Lanes, batch: Batch) {
    let parts = lanes.parts();
    let (vault, config) = (parts.app.db.vault(), &parts.app.config);
    let wanted: HashSet<_> = batch.held.iter().map(|(_, event, _)| *event).collect();
    let events = batch
        .events
        .into_iter()
        .filter(|it| wanted.contains(&it.id));
    let mut bodies = HashMap::<EventId, Bytes>::new();
    for event in events {
        let id = event.id;
        match body(event, vault, config) {
            Ok(body) => {
                bodies.insert(id, body);
            }
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(event = %id, error, "an event cannot be sent");
            }
        }
    }
    let mut works: Vec<Vec<Work>> = batch.endpoints.iter().map(|_| Vec::new()).collect();
    for (delivery, event, index) in batch.held {
        if let Some(body) = bodies.get(&event) {
            works[index].push(Work {
                hold: parts.holds.hold(delivery),
                event,
                tries: 0,
                attempts: "[]".to_owned(),
                body: body.clone(),
            });
        }
    }
    for (stored, works) in batch.endpoints.iter().zip(works) {
        match lanes.recipient(stored) {
            Ok(recipient) if !works.is_empty() => lanes.push(&recipient, works),
            Ok(_) => {}
            Err(error) => {
                let (endpoint, error) = (stored.endpoint.id, &error as &dyn std::error::Error);
                tracing::error!(%endpoint, error, "an endpoint's secrets do not open");
            }
        }
    }
    batch.waiting.into_iter().for_each(|id| lanes.wake(id));
}
