//! A link as it comes in: its parts, what it turns out to be, and what is said of one that does not open.

use axum::{Extension, http::HeaderMap, response::Response};
use portico_app::{App, AppError, projects, sessions, sessions::Link};
use portico_domain::{
    project::Project,
    session::{CallbackStatus, ConnectSession, OpenedIn},
};
use portico_store::visits::Around;

use super::Client;
use crate::{
    site::{Fail, FrameSource, Paths, cookie_of, ends, keeps_cookies, place, redirect},
    view::{ExpiredReason, Frame},
};
use portico_app::ClientAddr;

/// What a link holds, and who opens it.
pub(super) struct Entry {
    pub app: App,
    pub headers: HeaderMap,
    pub session: String,
    pub token: Option<String>,
    /// The origin of the page that frames this one, as that page says.
    pub embed: Option<String>,
    pub client: String,
}

impl Entry {
    /// `take` gives the link's parts by their names.
    pub fn new(
        app: App,
        headers: HeaderMap,
        client: Client,
        mut take: impl FnMut(&str) -> String,
    ) -> Self {
        let client = client.map_or_else(String::new, |Extension(ClientAddr(ip))| ip.to_string());
        let present = |text: String| Some(text).filter(|text| !text.is_empty());
        Self {
            app,
            headers,
            session: take("session"),
            token: present(take("token")),
            embed: present(take("embed")),
            client,
        }
    }

    pub fn from_query(app: App, headers: HeaderMap, client: Client, query: Option<String>) -> Self {
        let query = query.unwrap_or_default();
        Self::new(app, headers, client, |name| parameter(&query, name))
    }

    /// Where the link is being opened.
    pub fn place(&self, project: &Project) -> OpenedIn {
        place(
            &self.app.config,
            &self.headers,
            self.embed.as_deref(),
            project,
        )
    }

    /// The link again; ids and tokens that got here are what the browser sent, so they are encoded.
    pub fn href(&self, path: &str) -> String {
        let mut text = url::form_urlencoded::Serializer::new(String::new());
        text.append_pair("session", &self.session);
        text.extend_pairs(self.token.as_ref().map(|token| ("token", token)));
        text.extend_pairs(self.embed.as_ref().map(|origin| ("embed", origin)));
        format!("{path}?{}", text.finish())
    }

    pub fn fail(&self, error: &AppError) -> Fail {
        Fail::from_error(error, &self.app, &self.headers, self.href("/portal/entry"))
    }

    pub fn unknown(&self) -> Fail {
        Fail::unknown(&self.app, &self.headers)
    }

    /// Looks at the link, and at what its session is about if it can be opened. For a link that is unknown
    /// it is also asked how often this client guessed wrong, which needs no common moment with the rest.
    pub async fn look(&self) -> Result<(Link, Option<Around>), Fail> {
        let mut tx = self.app.look().await.map_err(|error| self.fail(&error))?;
        let link = (self.session.as_str(), self.token.as_deref());
        let found = sessions::look_at_link(&mut tx, &self.app, link, &self.client).await;
        drop(tx);
        let (link, around) = found.map_err(|error| self.fail(&error))?;
        Ok((self.unless_unknown(link).await?, around))
    }

    /// Looks at the link and at nothing else.
    pub async fn check(&self) -> Result<Link, Fail> {
        let mut tx = self.app.look().await.map_err(|error| self.fail(&error))?;
        let link = (self.session.as_str(), self.token.as_deref());
        let found = sessions::check_link(&mut tx, &self.app, link, &self.client).await;
        drop(tx);
        self.unless_unknown(found.map_err(|error| self.fail(&error))?)
            .await
    }

    /// A wrong link is counted, and goes no further.
    async fn unless_unknown(&self, link: Link) -> Result<Link, Fail> {
        if !matches!(link, Link::Unknown) {
            return Ok(link);
        }
        let client = self.client.clone();
        let counted = self.app.write(move |tx, app| {
            let client = client.clone();
            Box::pin(async move { sessions::count_wrong_link(tx, &app, &client).await })
        });
        counted.await.map_err(|error| self.fail(&error))?;
        Err(self.unknown())
    }

    pub fn frame_keeps_cookies(&self) -> bool {
        keeps_cookies(&self.headers, self.app.config.is_https)
    }

    /// Whether this browser is the one that redeemed the link.
    pub fn is_ours(&self, session: &ConnectSession) -> bool {
        let cookie = cookie_of(&self.headers, session.id, self.app.config.is_https);
        let kept = session.browser.as_ref().map(|browser| &browser.cookie_hash);
        cookie.zip(kept).is_some_and(|(cookie, kept)| {
            portico_app::same_hash(&portico_app::token_hash(&cookie), kept)
        })
    }

    /// What is said of a link that cannot be opened.
    pub async fn refuse(&self, link: Link) -> Result<Response, Fail> {
        let (session, reason) = match link {
            Link::Fresh(_) | Link::Unknown => return Err(self.unknown()),
            Link::Used(session) if self.is_ours(&session) => {
                return Ok(redirect(&Paths(session.id).home()));
            }
            Link::Used(session) => (session, ExpiredReason::AlreadyUsed),
            Link::Expired(session) => (session, ExpiredReason::LinkExpired),
            Link::WithoutUser(session) => (session, ExpiredReason::OpenFromApp),
        };
        let frame = self.frame(&session).await?;
        let has_way = session.callback_url.is_some() && reason != ExpiredReason::OpenFromApp;
        let back = has_way.then(|| self.href("/portal/entry/back"));
        let frame = match back {
            Some(_) => frame,
            None => ends(frame, CallbackStatus::AuthExpired),
        };
        Err(Fail::over(frame, reason, back))
    }

    pub async fn project(&self, session: &ConnectSession) -> Result<Project, Fail> {
        let mut tx = self.app.look().await.map_err(|error| self.fail(&error))?;
        let project = projects::get(&mut tx, &session.project).await;
        project.map_err(|error| self.fail(&error))
    }

    pub async fn frame(&self, session: &ConnectSession) -> Result<Frame, Fail> {
        let project = &self.project(session).await?;
        let Self { app, headers, .. } = self;
        let source = FrameSource {
            app,
            headers,
            project,
            session,
            place: &self.place(project),
            visitor: None,
        };
        Ok(source.frame(None))
    }
}

/// The last value of that name in a query; nothing if there is none.
fn parameter(query: &str, name: &str) -> String {
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    let last = pairs.filter(|(key, _)| key == name).last();
    last.map_or_else(String::new, |(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_gives_its_last_value_of_a_name_as_it_was_before_it_was_encoded() {
        let query = "session=csn_1&token=a+b%2Fc&session=csn_2&embed=https%3A%2F%2Fa.example&x&=y";
        let given = ["session", "token", "embed", "x", "other"].map(|name| parameter(query, name));
        assert_eq!(given, ["csn_2", "a b/c", "https://a.example", "", ""]);
        assert_eq!(parameter("", "session"), "");
        assert_eq!(parameter("token=%ff%", "token"), "\u{fffd}%");
    }
}
