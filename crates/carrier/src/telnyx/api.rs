//! The calls.
//!
//! Guarantee: what changes something is sent once per call of ours and never repeated underneath; what
//! every status means is decided in one place ([`Api::take`]). The key is in one header and in nothing
//! else.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use jiff::Timestamp;
use portico_domain::phone::PhoneNumber;
use portico_outgoing::{CallError, Client, Endpoint, Reply, Target};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;
use url::form_urlencoded;

use super::order::{self, Document, Order, Unreadable};
use crate::{GatewayError, Portability, mapping::Reason};

/// A list of orders is longer than what other answers bring.
const MAX_BODY: usize = 1_024 * 1_024;
/// Orders or events that are read at once. No number has more.
const PAGE: &str = "100";

/// What became of a change.
pub(super) enum Written<T> {
    /// It was made.
    Done(T),
    /// The carrier does not take it, and why.
    Refused(Vec<Reason>),
}

pub(super) struct Api {
    endpoint: Endpoint,
    key: SecretString,
}

impl Api {
    pub fn new(client: Client, base: Target, key: SecretString) -> Self {
        let endpoint = client.with_max_body(MAX_BODY).endpoint(base);
        Self { endpoint, key }
    }

    /// Whether a number can move.
    pub async fn portability(&self, number: &PhoneNumber) -> Result<Portability, GatewayError> {
        #[derive(Deserialize)]
        struct Found {
            phone_number: Option<String>,
            portable: bool,
            not_portable_reason: Option<String>,
        }
        let body = json!({ "phone_numbers": [number.as_str()] });
        let reply = self.post("portability_checks", &body).await?;
        let reasons = match take(reply)? {
            Written::Done(body) => {
                let found: Document<Vec<Found>> = order::read(&body)?;
                let about = |found: &Found| found.phone_number.as_deref() == Some(number.as_str());
                let is_only_one = found.data.len() == 1;
                let found = found.data.into_iter().find(|it| is_only_one || about(it));
                let found = found.ok_or(Unreadable("the number is not in the answer"))?;
                if found.portable {
                    let also_required = Vec::new();
                    return Ok(Portability::Portable { also_required });
                }
                vec![found.not_portable_reason.unwrap_or_default()]
            }
            Written::Refused(reasons) => reasons.into_iter().filter_map(|it| it.text).collect(),
        };
        let why = reasons.into_iter().find(|why| !why.is_empty());
        let why = why.unwrap_or_else(|| "The carrier does not port this number.".to_owned());
        Ok(Portability::NotPortable(why))
    }

    /// The orders with that reference, and what became of them if they were split.
    pub async fn orders_of(&self, reference: &str) -> Result<Vec<Order>, GatewayError> {
        let mut own = self.list("filter[customer_reference]", reference).await?;
        own.retain(|order| order.is_of(reference));
        let Some(emptied) = own.iter().find(|order| order.is_empty) else {
            return Ok(own);
        };
        let Some(group) = emptied.parent_support_key.clone() else {
            return Ok(own);
        };
        let parts = self.list("filter[parent_support_key]", &group).await?;
        let parts = parts
            .into_iter()
            .filter(|order| order.parent_support_key.as_ref() == Some(&group));
        own.retain(|order| order.parent_support_key.as_ref() != Some(&group));
        own.extend(parts);
        own.retain(|order| !order.is_empty);
        Ok(own)
    }

    /// Every order with that number.
    pub async fn orders_of_number(&self, number: &PhoneNumber) -> Result<Vec<Order>, GatewayError> {
        let filter = "filter[phone_numbers][phone_number][contains]";
        self.list(filter, number.as_str()).await
    }

    async fn list(&self, filter: &str, value: &str) -> Result<Vec<Order>, GatewayError> {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair(filter, value)
            .append_pair("page[size]", PAGE)
            .append_pair("sort[value]", "-created_at")
            .finish();
        let body = self.get(&format!("porting_orders?{query}")).await?;
        Ok(order::many(&body)?)
    }

    /// The order of that id.
    pub async fn order(&self, id: &str) -> Result<Order, GatewayError> {
        let body = self.get(&format!("porting_orders/{id}")).await?;
        Ok(order::one(&body)?)
    }

    /// The id of the newest change of an order's status.
    pub async fn newest_status_event(&self, id: &str) -> Result<Option<String>, GatewayError> {
        #[derive(Deserialize)]
        struct Event {
            id: String,
            event_type: Option<String>,
            porting_order_id: Option<String>,
            created_at: Timestamp,
        }
        const CHANGED: &str = "porting_order.status_changed";
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("filter[porting_order_id]", id)
            .append_pair("filter[type]", CHANGED)
            .append_pair("page[size]", PAGE)
            .finish();
        let body = self.get(&format!("porting/events?{query}")).await?;
        let events: Document<Vec<Event>> = order::read(&body)?;
        let about = |event: &Event| {
            event.porting_order_id.as_deref() == Some(id)
                && event.event_type.as_deref() == Some(CHANGED)
        };
        let newest = events.data.into_iter().filter(about);
        Ok(newest
            .max_by_key(|event| event.created_at)
            .map(|event| event.id))
    }

    /// Makes an order; it may come back as several.
    pub async fn create(
        &self,
        number: &PhoneNumber,
        reference: &str,
    ) -> Result<Written<Vec<Order>>, GatewayError> {
        let body = json!({ "phone_numbers": [number.as_str()], "customer_reference": reference });
        let reply = self.post("porting_orders", &body).await?;
        Ok(match take(reply)? {
            Written::Refused(reasons) => Written::Refused(reasons),
            Written::Done(body) => {
                let orders = order::many(&body)?;
                if orders.is_empty() {
                    return Err(Unreadable("no order was made").into());
                }
                Written::Done(orders)
            }
        })
    }

    /// Fills an order in.
    pub async fn change(
        &self,
        id: &str,
        change: &impl Serialize,
    ) -> Result<Written<()>, GatewayError> {
        let path = format!("porting_orders/{id}");
        let reply = self.send(Method::PATCH, &path, Some(change)).await?;
        read_order(reply)
    }

    /// Hands an order in.
    pub async fn confirm(&self, id: &str) -> Result<Written<()>, GatewayError> {
        let path = format!("porting_orders/{id}/actions/confirm");
        read_order(self.send(Method::POST, &path, None::<&()>).await?)
    }

    /// Calls an order off.
    pub async fn cancel(&self, id: &str) -> Result<Written<()>, GatewayError> {
        let path = format!("porting_orders/{id}/actions/cancel");
        read_order(self.send(Method::POST, &path, None::<&()>).await?)
    }

    /// Removes an order that was not handed in.
    pub async fn delete(&self, id: &str) -> Result<Written<()>, GatewayError> {
        let path = format!("porting_orders/{id}");
        let reply = self.send(Method::DELETE, &path, None::<&()>).await?;
        Ok(match take(reply)? {
            Written::Done(_) => Written::Done(()),
            Written::Refused(reasons) => Written::Refused(reasons),
        })
    }

    async fn get(&self, path: &str) -> Result<Bytes, GatewayError> {
        let reply = self.endpoint.get(path, [self.authorization()?]).await;
        match take(reply.map_err(failed)?)? {
            Written::Done(body) => Ok(body),
            Written::Refused(_) => Err(Unreadable("the question was refused").into()),
        }
    }

    async fn post(&self, path: &str, body: &impl Serialize) -> Result<Reply, GatewayError> {
        self.send(Method::POST, path, Some(body)).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<Reply, GatewayError> {
        let mut headers = vec![self.authorization()?];
        let mut bytes = Bytes::new();
        if let Some(body) = body {
            let json = HeaderValue::from_static("application/json");
            headers.push((header::CONTENT_TYPE, json));
            let body = serde_json::to_vec(body).map_err(|_| Unreadable("not to be written"))?;
            bytes = body.into();
        }
        let reply = self
            .endpoint
            .send_once((method, path), headers, bytes)
            .await;
        reply.map_err(failed)
    }

    fn authorization(&self) -> Result<(HeaderName, HeaderValue), GatewayError> {
        let value = format!("Bearer {}", self.key.expose_secret());
        let value = HeaderValue::try_from(value);
        let mut value = value
            .map_err(|_| GatewayError::Unavailable("the key cannot be in a header".to_owned()))?;
        value.set_sensitive(true);
        Ok((header::AUTHORIZATION, value))
    }
}

fn read_order(reply: Reply) -> Result<Written<()>, GatewayError> {
    Ok(match take(reply)? {
        Written::Refused(reasons) => Written::Refused(reasons),
        Written::Done(body) => {
            order::one(&body)?;
            Written::Done(())
        }
    })
}

/// What a status means. Bodies of errors may be empty.
fn take(reply: Reply) -> Result<Written<Bytes>, GatewayError> {
    let unavailable = |what: &str| Err(GatewayError::Unavailable(what.to_owned()));
    if let Some(error) = GatewayError::from_the_way(reply.status) {
        return Err(error);
    }
    match reply.status {
        status if status.is_success() => Ok(Written::Done(reply.body)),
        StatusCode::UNPROCESSABLE_ENTITY => Ok(Written::Refused(reasons(&reply.body))),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            tracing::error!("the carrier does not take the API key");
            unavailable("the key is not taken")
        }
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => unavailable("too much"),
        // Its own, or of whoever stands before it: nothing says which.
        StatusCode::SERVICE_UNAVAILABLE => Err(GatewayError::CutOff),
        status if status.is_server_error() => unavailable("the carrier fails"),
        StatusCode::NOT_FOUND => Err(Unreadable("there is no such order or path").into()),
        _ => Err(Unreadable("the status means nothing").into()),
    }
}

/// The reasons for a 422. One without a body is a refusal without a reason.
fn reasons(body: &[u8]) -> Vec<Reason> {
    #[derive(Deserialize)]
    struct Errors {
        errors: Vec<Error>,
    }
    #[derive(Deserialize)]
    struct Error {
        code: Option<Code>,
        title: Option<String>,
        detail: Option<String>,
    }
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Code {
        Text(String),
        Number(u64),
    }
    let errors = serde_json::from_slice(body).map_or_else(|_| Vec::new(), |it: Errors| it.errors);
    let mut reasons: Vec<_> = errors
        .into_iter()
        .map(|error| Reason {
            code: error.code.map(|code| match code {
                Code::Text(text) => text,
                Code::Number(number) => number.to_string(),
            }),
            text: error.detail.or(error.title),
            said_at: None,
        })
        .collect();
    if reasons.is_empty() {
        reasons.push(Reason {
            code: Some("422".to_owned()),
            ..Reason::default()
        });
    }
    reasons
}

fn failed(error: CallError) -> GatewayError {
    match error {
        CallError::TimedOut => GatewayError::TimedOut,
        CallError::Broken => GatewayError::CutOff,
        error => GatewayError::Unavailable(error.as_str().to_owned()),
    }
}
