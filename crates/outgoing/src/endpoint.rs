//! Calls to one place, over connections that are kept for the next call.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use http::{HeaderName, HeaderValue, Method, Request, Response, Uri, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use tokio::time::Instant;

use crate::{CallError, Client, Reply, Target, connect::Sender};

/// How long an unused connection is kept; a name may point elsewhere by then.
const KEPT: Duration = Duration::from_secs(30);

/// One place to call.
pub struct Endpoint {
    client: Client,
    target: Target,
    idle: Mutex<Vec<(Sender, Instant)>>,
}

impl Endpoint {
    pub(crate) fn new(client: Client, target: Target) -> Self {
        Self {
            client,
            target,
            idle: Mutex::default(),
        }
    }

    /// Posts `body` and waits for the answer. A connection that turns out to be closed is replaced
    /// once; so what is posted must bear being received twice.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn post(
        &self,
        headers: impl IntoIterator<Item = (HeaderName, HeaderValue)>,
        body: Bytes,
    ) -> Result<Reply, CallError> {
        let message = self.message(Method::POST, self.target.path.clone(), headers, body);
        self.in_time(self.call(message)).await
    }

    /// Sends a request whose URI is a path and a query at this place, and waits for the answer. A
    /// connection that turns out to be closed is replaced once; so it must bear being received twice.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn send(&self, request: Request<Bytes>) -> Result<Reply, CallError> {
        let (mut head, body) = request.into_parts();
        let host = self.target.authority.clone();
        head.headers.insert(header::HOST, host);
        let message = Request::from_parts(head, Full::new(body));
        self.in_time(self.call(message)).await
    }

    /// Asks for what stands at `path`, with its query, below the target's own path. A connection that
    /// turns out to be closed is replaced once.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn get(
        &self,
        path: &str,
        headers: impl IntoIterator<Item = (HeaderName, HeaderValue)>,
    ) -> Result<Reply, CallError> {
        let path = self.target.below(path)?;
        let message = self.message(Method::GET, path, headers, Bytes::new());
        self.in_time(self.call(message)).await
    }

    /// Sends `body` to `path` below the target's own path, and never a second time: over a connection of
    /// its own, because whether one that was kept closed before or after the other side had read the
    /// message cannot be known.
    ///
    /// # Errors
    /// Why there is no answer. Whether the other side acted is not known then.
    pub async fn send_once(
        &self,
        (method, path): (Method, &str),
        headers: impl IntoIterator<Item = (HeaderName, HeaderValue)>,
        body: Bytes,
    ) -> Result<Reply, CallError> {
        let path = self.target.below(path)?;
        let message = self.message(method, path, headers, body);
        self.in_time(self.call_afresh(message)).await
    }

    async fn in_time(
        &self,
        call: impl Future<Output = Result<Reply, CallError>>,
    ) -> Result<Reply, CallError> {
        tokio::time::timeout(self.client.total, call)
            .await
            .unwrap_or(Err(CallError::TimedOut))
    }

    fn message(
        &self,
        method: Method,
        path: Uri,
        headers: impl IntoIterator<Item = (HeaderName, HeaderValue)>,
        body: Bytes,
    ) -> Request<Full<Bytes>> {
        let mut message = Request::new(Full::new(body));
        *message.method_mut() = method;
        *message.uri_mut() = path;
        message.headers_mut().extend(headers);
        let authority = self.target.authority.clone();
        message.headers_mut().insert(header::HOST, authority);
        message
    }

    async fn call(&self, message: Request<Full<Bytes>>) -> Result<Reply, CallError> {
        if let Some(mut kept) = self.take().await {
            match kept.send_request(message.clone()).await {
                Ok(response) => return self.finish(kept, response).await,
                // The other side had closed it, or was about to.
                Err(error) if error.is_canceled() || error.is_incomplete_message() => {}
                Err(_) => return Err(CallError::Broken),
            }
        }
        self.call_afresh(message).await
    }

    async fn call_afresh(&self, message: Request<Full<Bytes>>) -> Result<Reply, CallError> {
        // Boxed: it is rare and large, and each call would be as large.
        let mut fresh = Box::pin(self.client.connect(&self.target)).await?;
        let sent = fresh.send_request(message).await;
        self.finish(fresh, sent.map_err(|_| CallError::Broken)?)
            .await
    }

    async fn finish(
        &self,
        sender: Sender,
        response: Response<Incoming>,
    ) -> Result<Reply, CallError> {
        let (head, mut incoming) = response.into_parts();
        let mut body = BytesMut::new();
        let mut is_whole = true;
        while let Some(frame) = incoming.frame().await {
            let frame = frame.map_err(|_| CallError::Broken)?;
            let Some(data) = frame.data_ref() else {
                continue;
            };
            let room = self.client.max_body - body.len();
            body.extend_from_slice(&data[..data.len().min(room)]);
            if data.len() > room {
                is_whole = false;
                break;
            }
        }
        if is_whole {
            self.idle().push((sender, Instant::now()));
        }
        Ok(Reply {
            status: head.status,
            headers: head.headers,
            body: body.freeze(),
        })
    }

    /// A kept connection that is still good.
    async fn take(&self) -> Option<Sender> {
        loop {
            let (mut sender, since) = self.idle().pop()?;
            if since.elapsed() < KEPT && sender.ready().await.is_ok() {
                return Some(sender);
            }
        }
    }

    /// Closes connections nobody used for a while.
    pub fn close_unused(&self) {
        self.idle()
            .retain(|(sender, since)| !sender.is_closed() && since.elapsed() < KEPT);
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<(Sender, Instant)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
