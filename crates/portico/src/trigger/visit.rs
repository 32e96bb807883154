//! A subscriber's way through the hosted pages, as their browser goes it: pages are fetched, their
//! forms filled in and sent.

use bytes::Bytes;
use http::{HeaderValue, Method, Request, header};
use portico_outgoing::Reply;
use url::{Url, form_urlencoded::Serializer};

use super::page::Form;
use crate::remote::{Api, ApiError};

/// More redirects than any page leads through.
const REDIRECTS: usize = 5;
/// More forms than stand between a name and the authorization.
const FORMS: usize = 8;

/// A visit that has begun.
pub struct Visit<'a> {
    api: &'a Api,
    cookie: Option<HeaderValue>,
    /// The form of the page that is shown.
    form: Form,
    /// Where that page is.
    path: String,
}

impl<'a> Visit<'a> {
    /// Opens a link, and presses its button.
    ///
    /// # Errors
    /// The server does not show the pages.
    pub async fn open(api: &'a Api, link: &str) -> Result<Self, ApiError> {
        let link = Url::parse(link).map_err(|_| ApiError::Unreadable)?;
        let path = format!("{}?{}", link.path(), link.query().unwrap_or_default());
        let mut visit = Self {
            api,
            cookie: None,
            form: Form::default(),
            path: String::new(),
        };
        visit.show(path).await?;
        visit.submit(&[]).await?;
        Ok(visit)
    }

    /// Leaves, and confirms that.
    ///
    /// # Errors
    /// The server does not show the pages.
    pub async fn leave(mut self) -> Result<(), ApiError> {
        let home = self.home()?;
        self.show(format!("{home}/leave")).await?;
        self.submit(&[("action", "leave")]).await
    }

    /// Answers what is asked, and authorizes the transfer.
    ///
    /// # Errors
    /// The server does not show the pages, or asks for something else.
    pub async fn complete(mut self) -> Result<(), ApiError> {
        let answers = [
            ("firstName", "Rosalind"),
            ("lastName", "Quimby"),
            ("authorization", "on"),
        ];
        for _ in 0..FORMS {
            let is_last = self.path.ends_with("/review");
            self.submit(&answers).await?;
            if is_last {
                return Ok(());
            }
        }
        Err(ApiError::Unreadable)
    }

    /// The address of the session inside the visit.
    fn home(&self) -> Result<String, ApiError> {
        let parts: Vec<_> = self.path.split('/').take(4).collect();
        match parts[..] {
            ["", "portal", "s", _] => Ok(parts.join("/")),
            _ => Err(ApiError::Unreadable),
        }
    }

    /// Sends the form of the page that is shown, and shows where it leads.
    async fn submit(&mut self, answers: &[(&str, &str)]) -> Result<(), ApiError> {
        let mut body = Serializer::new(String::new());
        body.extend_pairs(&self.form.hidden);
        body.extend_pairs(answers);
        let form = (self.form.action.clone(), body.finish());
        let reply = self.ask(Method::POST, &form.0, form.1).await?;
        self.follow(reply).await
    }

    async fn show(&mut self, path: String) -> Result<(), ApiError> {
        let reply = self.ask(Method::GET, &path, String::new()).await?;
        self.path = path;
        self.follow(reply).await
    }

    /// Takes the page, or goes where the answer leads.
    async fn follow(&mut self, mut reply: Reply) -> Result<(), ApiError> {
        for _ in 0..REDIRECTS {
            if reply.status.is_success() {
                let html = String::from_utf8_lossy(&reply.body);
                self.form = Form::find(&html).unwrap_or_default();
                return Ok(());
            }
            if !reply.status.is_redirection() {
                return Err(ApiError::Unwell(reply.status));
            }
            let to = reply.headers.get(header::LOCATION);
            let to = to
                .and_then(|to| to.to_str().ok())
                .ok_or(ApiError::Unreadable)?;
            let path = to.to_owned();
            reply = self.ask(Method::GET, &path, String::new()).await?;
            self.path = path;
        }
        Err(ApiError::Unreadable)
    }

    async fn ask(&mut self, method: Method, path: &str, body: String) -> Result<Reply, ApiError> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        let request = request.body(Bytes::from(body));
        let reply = self
            .api
            .send_once(request.map_err(|_| ApiError::Unreadable)?)
            .await?;
        if let Some(set) = reply.headers.get(header::SET_COOKIE) {
            let set = set.to_str().unwrap_or_default();
            let pair = set.split(';').next().unwrap_or_default();
            self.cookie = HeaderValue::from_str(pair).ok();
        }
        Ok(reply)
    }
}
