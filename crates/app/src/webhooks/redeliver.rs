//! Sending again what was sent, or what an endpoint missed.

use jiff::Timestamp;
use portico_domain::{
    id::{EventId, WebhookEndpointId},
    webhook::{TypePattern, WebhookEndpoint},
};
use portico_store::{
    Tx, events,
    webhooks::{
        deliveries::{self, NewDelivery},
        endpoints,
    },
};

use crate::{AppError, PropertyError};

/// How many events one request may send again.
pub const MAX_RANGE: u32 = 10_000;

/// Sends an event again to one endpoint, whatever types it is told, or to every enabled one that is
/// told of its type. How many deliveries there are now because of it; what waits anyway does not
/// count.
///
/// # Errors
/// There is no such event or endpoint.
pub async fn event(
    tx: &mut Tx,
    project: &str,
    event: EventId,
    endpoint: Option<WebhookEndpointId>,
) -> Result<u32, AppError> {
    let event = events::find(tx, project, event)
        .await?
        .ok_or(AppError::NotFound("event"))?;
    let endpoints = match endpoint {
        Some(id) => {
            let found = endpoints::find(tx, project, id).await?;
            let rule = "is not an endpoint of this project.";
            vec![found.ok_or_else(|| AppError::invalid("endpoint", rule))?]
        }
        None => {
            let all = endpoints::recipients(tx, project).await?.into_iter();
            let all = all.map(|it| it.endpoint);
            all.filter(|it| it.wants(&event.kind)).collect()
        }
    };
    let new = endpoints
        .iter()
        .map(|it| delivery(tx, it, event.id, event.kind.clone()));
    let new: Vec<_> = new.collect();
    Ok(deliveries::ask_again(tx, &new).await?)
}

/// Sends the events of `[after, before)` again to one endpoint: those of `types`, or those it is
/// told of. How many deliveries there are now because of it; what waits anyway does not count.
///
/// # Errors
/// The range is empty or holds more than [`MAX_RANGE`] events.
pub async fn range(
    tx: &mut Tx,
    endpoint: &WebhookEndpoint,
    range: (Timestamp, Timestamp),
    types: Option<Vec<TypePattern>>,
) -> Result<u32, AppError> {
    if range.0 >= range.1 {
        return Err(AppError::invalid("before", "must be later than after."));
    }
    let found = events::of_time(tx, &endpoint.project, range, MAX_RANGE + 1).await?;
    if found.len() > MAX_RANGE as usize {
        let rule = format!("must be earlier: the range holds more than {MAX_RANGE} events.");
        return Err(AppError::Invalid(vec![PropertyError::invalid(
            "before", rule,
        )]));
    }
    let types = types.unwrap_or_else(|| endpoint.types.clone());
    let wanted = found
        .into_iter()
        .filter(|(_, kind)| types.iter().any(|it| it.matches(kind)));
    let new: Vec<_> = wanted
        .map(|(event, kind)| delivery(tx, endpoint, event, kind))
        .collect();
    Ok(deliveries::ask_again(tx, &new).await?)
}

fn delivery(
    tx: &Tx,
    endpoint: &WebhookEndpoint,
    event: EventId,
    event_type: String,
) -> NewDelivery {
    NewDelivery {
        id: tx.ambient().id(),
        project: endpoint.project.clone(),
        endpoint: endpoint.id,
        event,
        event_type,
        owner: None,
    }
}
