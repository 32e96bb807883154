//! A server's API, as an integrator's backend calls it.
//!
//! Guarantee: the API key goes to the server that was named and nowhere else: redirects are not
//! followed, certificates are checked, and without TLS it does not leave this machine. Whatever
//! becomes of a connection, what is asked once is done at most once.

use anyhow::{Context, anyhow, bail};
use bytes::Bytes;
use http::{HeaderValue, Method, Request, StatusCode, header};
use portico_ambient::Random;
use portico_outgoing::{AddressPolicy, CallError, Client, Endpoint, Reply, Target, UrlError};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::{Host, Url};

use crate::{cli::ServerArgs, dev};

const KEY_VARIABLE: &str = "PORTICO_API_KEY";
/// More than a page of events.
const MAX_ANSWER: usize = 16 * 1_024 * 1_024;
const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// Digits of an idempotency key: 131 bits, which nobody draws twice.
const KEY_DIGITS: usize = 22;

/// Why the server did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// It gave no answer.
    #[error("--server: {0}")]
    NoAnswer(#[from] CallError),
    /// It cannot do it now.
    #[error("--server: answers {0}")]
    Unwell(StatusCode),
    /// It does not do it.
    #[error("{0}")]
    Refused(String),
    /// Something else answers there.
    #[error("--server: the answer is not Portico's")]
    Unreadable,
}

impl ApiError {
    /// Whether asking again later may help.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::NoAnswer(_) | Self::Unwell(_))
    }
}

/// A project on a server, with a key to it. Has no `Debug`: it holds the key.
pub struct Api {
    client: Client,
    target: Target,
    endpoint: Endpoint,
    random: Random,
    key: SecretString,
    authorization: HeaderValue,
    project: String,
    server: String,
}

impl Api {
    /// The project that the arguments name; nothing is asked yet.
    ///
    /// # Errors
    /// An argument or the key is at fault.
    pub fn open(args: &ServerArgs) -> anyhow::Result<Self> {
        let client = Client::new(AddressPolicy::anywhere()).with_max_body(MAX_ANSWER);
        let target = target(&args.server, "--server")?;
        if Url::parse(&args.server).is_ok_and(|url| url.path() != "/" || url.query().is_some()) {
            bail!("--server: must be scheme, host and port only, such as https://portico.example");
        }
        let key = key(args)?;
        let header = HeaderValue::from_str(&format!("Bearer {}", key.expose_secret()));
        let mut authorization =
            header.map_err(|_| anyhow!("{KEY_VARIABLE}: is not what a key looks like"))?;
        authorization.set_sensitive(true);
        if !args
            .project
            .bytes()
            .all(|c| c.is_ascii_alphanumeric() || c == b'-')
        {
            bail!("--project: is not what a project's id looks like");
        }
        Ok(Self {
            endpoint: client.endpoint(target.clone()),
            client,
            target,
            random: Random::system(),
            key,
            authorization,
            project: args.project.clone(),
            server: args.server.trim_end_matches('/').to_owned(),
        })
    }

    /// The key.
    pub fn key(&self) -> &SecretString {
        &self.key
    }

    /// The project's id.
    pub fn project(&self) -> &str {
        &self.project
    }

    /// Where the server is.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// Asks for something of the project; `path` may have a query.
    ///
    /// # Errors
    /// There was no answer, or another than a success.
    pub async fn get(&self, path: &str) -> Result<Bytes, ApiError> {
        self.call(Method::GET, path, None).await
    }

    /// Changes something of the project; what it became.
    ///
    /// # Errors
    /// There was no answer, or another than a success.
    pub async fn change(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, ApiError> {
        let answer = self.call(method, path, body).await?;
        serde_json::from_slice(&answer).map_err(|_| ApiError::Unreadable)
    }

    /// The project itself.
    ///
    /// # Errors
    /// The key does not open it, or the server does not answer.
    pub async fn find_project(&self) -> Result<Value, ApiError> {
        let answer = self.call(Method::GET, "", None).await?;
        serde_json::from_slice(&answer).map_err(|_| ApiError::Unreadable)
    }

    /// Sends a request of another kind to the same server: over a connection of its own, since only
    /// over a kept one is it sent again.
    ///
    /// # Errors
    /// There was no answer.
    pub async fn send_once(&self, request: Request<Bytes>) -> Result<Reply, ApiError> {
        let endpoint = self.client.endpoint(self.target.clone());
        Ok(endpoint.send(request).await?)
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Bytes, ApiError> {
        let project = format!("/projects/{}", self.project);
        let slash = if path.is_empty() { "" } else { "/" };
        let mut request = Request::builder()
            .uri(format!("{project}{slash}{path}"))
            .header(header::AUTHORIZATION, self.authorization.clone())
            .header(header::CONTENT_TYPE, "application/json");
        // A kept connection may break after the server acted; then the same is sent again.
        if method == Method::POST || method == Method::DELETE {
            request = request.header(IDEMPOTENCY_KEY, self.random.base62(KEY_DIGITS));
        }
        let body = body.map(|body| Bytes::from(body.to_string()));
        let request = request.method(method).body(body.unwrap_or_default());
        let request = request.expect("ids and names are fit for a path");
        self.judge(path, self.endpoint.send(request).await?)
    }

    fn judge(&self, path: &str, reply: Reply) -> Result<Bytes, ApiError> {
        let refused = |text: String| Err(ApiError::Refused(text));
        match reply.status {
            status if status.is_success() => Ok(reply.body),
            StatusCode::UNAUTHORIZED => {
                refused(format!("{KEY_VARIABLE}: the server does not know this key"))
            }
            StatusCode::NOT_FOUND if path.is_empty() => refused(format!(
                "--project: the key in {KEY_VARIABLE} opens no project {}",
                self.project
            )),
            status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                Err(ApiError::Unwell(status))
            }
            status => match message(&reply.body) {
                Some(message) => refused(format!("--server: {status} {path}: {message}")),
                None => Err(ApiError::Unreadable),
            },
        }
    }
}

/// What the server says of a refusal: its message, and each property at fault.
fn message(body: &[u8]) -> Option<String> {
    let error: Value = serde_json::from_slice(body).ok()?;
    let mut text = error["message"].as_str()?.to_owned();
    for detail in error["details"].as_array().into_iter().flatten() {
        let (property, why) = (&detail["property"], &detail["message"]);
        let (property, why) = (property.as_str()?, why.as_str()?);
        text.push_str(&format!(" {property}: {why}"));
    }
    Some(text)
}

/// Reads a URL that is called; `argument` is at fault if it is none.
///
/// # Errors
/// It cannot be called.
pub fn target(url: &str, argument: &str) -> anyhow::Result<Target> {
    match Target::parse(url, &AddressPolicy::anywhere()) {
        Err(UrlError::NotHttps) => {
            bail!("{argument}: must be https; http is for hosts of this machine only")
        }
        other => other.with_context(|| argument.to_owned()),
    }
}

/// The key from the environment; on this machine that of `portico dev` opens its project.
fn key(args: &ServerArgs) -> anyhow::Result<SecretString> {
    match std::env::var(KEY_VARIABLE) {
        Ok(text) if !text.trim().is_empty() => Ok(SecretString::from(text.trim())),
        Ok(_) | Err(std::env::VarError::NotPresent) => {
            if args.project == dev::PROJECT && is_this_machine(&args.server) {
                return dev::api_key();
            }
            bail!(
                "{KEY_VARIABLE}: is required; `portico api-key create --project {}` makes one",
                args.project
            )
        }
        Err(error) => bail!("{KEY_VARIABLE}: {error}"),
    }
}

fn is_this_machine(server: &str) -> bool {
    let url = Url::parse(server).ok();
    match url.as_ref().and_then(Url::host) {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(v4)) => v4.is_loopback(),
        Some(Host::Ipv6(v6)) => v6.is_loopback(),
        None => false,
    }
}
