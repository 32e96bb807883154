//! One call of a backend: signed, bounded, and read by its status.

use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use portico_ambient::Ambient;
use portico_outgoing::{CallError, Client, SigningKey, Target, signature_headers};

use super::messages::Message;
use crate::GatewayError;

const USER_AGENT: &str = concat!("Portico/", env!("CARGO_PKG_VERSION"));

/// A backend, ready to be called. Has no `Debug`: it holds a secret.
#[derive(Clone)]
pub struct Backend {
    client: Client,
    target: Target,
    key: SigningKey,
}

/// What a backend answered.
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The body, cut after 64 KiB.
    pub body: Bytes,
}

impl Backend {
    /// The backend at `target`, which knows calls of ours by `key`.
    pub fn new(client: Client, target: Target, key: SigningKey) -> Self {
        Self {
            client,
            target,
            key,
        }
    }

    /// Sends `message` as message `id`. A new connection each time: one that was kept could break after
    /// the backend has read the message, and it would be sent again unasked.
    ///
    /// # Errors
    /// There was no answer, or one that says to come again.
    pub async fn send(
        &self,
        ambient: &Ambient,
        id: &str,
        message: &Message<'_>,
    ) -> Result<Reply, GatewayError> {
        let body = serde_json::to_vec(message).expect("messages have text keys only");
        let second = ambient.now().as_second();
        let signature = self.key.sign(id, second, &body);
        let fixed = [
            (header::CONTENT_TYPE, "application/json"),
            (header::ACCEPT, "application/json"),
            (header::USER_AGENT, USER_AGENT),
        ];
        let fixed = fixed.map(|(name, value)| (name, HeaderValue::from_static(value)));
        let headers = fixed
            .into_iter()
            .chain(signature_headers(id, second, &signature));
        let endpoint = self.client.endpoint(self.target.clone());
        let reply = endpoint.post(headers, Bytes::from(body)).await;
        let reply = reply.map_err(|error| match error {
            CallError::TimedOut => GatewayError::TimedOut,
            CallError::Broken => GatewayError::CutOff,
            error => GatewayError::Unavailable(error.to_string()),
        })?;
        if let Some(error) = GatewayError::from_the_way(reply.status) {
            return Err(error);
        }
        match reply.status {
            status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                Err(GatewayError::Unavailable(format!("it answered {status}")))
            }
            status => Ok(Reply {
                status,
                body: reply.body,
            }),
        }
    }
}

impl Reply {
    /// A status that the protocol does not know for this message.
    pub fn unexpected(&self) -> GatewayError {
        GatewayError::Unreadable(format!("it answered {}", self.status))
    }
}
