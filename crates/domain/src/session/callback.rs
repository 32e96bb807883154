//! Where a subscriber goes back to, and with what.
//!
//! Guarantee: a [`CallbackUrl`] is safe to put into a link or a redirect, and what is appended to
//! it changes nothing of what the integrator wrote: the text is never parsed and written again.

use url::{Host, Url};

use crate::id::SessionId;

/// The longest callback URL, in characters.
pub const MAX_LEN: usize = 2_048;

/// Schemes that run code, read local data, or start something other than an app.
const FORBIDDEN_SCHEMES: [&str; 16] = [
    "javascript",
    "data",
    "file",
    "blob",
    "vbscript",
    "ftp",
    "ws",
    "wss",
    "about",
    "mailto",
    "tel",
    "sms",
    "intent",
    "content",
    "view-source",
    "filesystem",
];

/// What a subscriber comes back with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallbackStatus {
    /// The intended act was done.
    Success,
    /// The link or the session was no longer valid.
    AuthExpired,
    /// What was intended is not possible.
    BadConfiguration,
    /// The subscriber left on purpose.
    UserAborted,
}

impl CallbackStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [
        Self::Success,
        Self::AuthExpired,
        Self::BadConfiguration,
        Self::UserAborted,
    ];

    /// The value on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::AuthExpired => "auth_expired",
            Self::BadConfiguration => "bad_configuration",
            Self::UserAborted => "user_aborted",
        }
    }

    /// The status of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// A checked `callbackUrl`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallbackUrl(String);

/// Why a text is not a callback URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum CallbackUrlError {
    #[error("is longer than 2048 characters")]
    TooLong,
    #[error("has a character that a URL cannot hold; percent-encode it")]
    Character,
    #[error("is not an absolute URL")]
    NotAbsolute,
    #[error(
        "must be https, http on a loopback host, or an app scheme such as myapp://; {0} is not"
    )]
    Scheme(String),
    #[error("must not hold a user name or password")]
    UserInfo,
}

impl CallbackUrl {
    /// Checks `text`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, CallbackUrlError> {
        if text.len() > MAX_LEN {
            return Err(CallbackUrlError::TooLong);
        }
        // The URL parser strips or repairs these silently; what a browser makes of them may differ.
        let illegal = |c: char| !c.is_ascii_graphic() || "\"<>\\^`{|}".contains(c);
        if text.contains(illegal) {
            return Err(CallbackUrlError::Character);
        }
        let url = Url::parse(text).map_err(|_| CallbackUrlError::NotAbsolute)?;
        let scheme = url.scheme();
        let after_scheme = text.get(scheme.len() + 1..).unwrap_or_default();
        if is_web(&url) && !after_scheme.starts_with("//") || !after_scheme.starts_with('/') {
            return Err(CallbackUrlError::NotAbsolute);
        }
        if FORBIDDEN_SCHEMES.contains(&scheme) || scheme == "http" && !is_loopback(&url) {
            return Err(CallbackUrlError::Scheme(scheme.to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() || has_user_info(after_scheme) {
            return Err(CallbackUrlError::UserInfo);
        }
        Ok(Self(text.to_owned()))
    }

    /// One that was checked when it was stored, by the rules of that time. Only what a link must never be
    /// is looked for again: to parse it for each page would take longer than to find its session.
    ///
    /// # Errors
    /// It has no scheme, or a forbidden one.
    pub fn from_stored(text: String) -> Result<Self, CallbackUrlError> {
        let scheme = text.split_once(':').map(|(scheme, _)| scheme);
        let is_scheme = |scheme: &&str| {
            let plain = |c: u8| c.is_ascii_alphanumeric() || b"+-.".contains(&c);
            scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.bytes().all(plain)
        };
        let scheme = scheme
            .filter(is_scheme)
            .ok_or(CallbackUrlError::NotAbsolute)?;
        let mut forbidden = FORBIDDEN_SCHEMES.into_iter();
        match forbidden.find(|forbidden| scheme.eq_ignore_ascii_case(forbidden)) {
            Some(scheme) => Err(CallbackUrlError::Scheme(scheme.to_owned())),
            None => Ok(Self(text)),
        }
    }

    /// The URL as the integrator wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where the subscriber goes: `session_id` and `status` stand after the query parameters the
    /// URL has and before its fragment.
    pub fn with_outcome(&self, session: SessionId, status: CallbackStatus) -> String {
        let (before, fragment) = match self.0.find('#') {
            Some(at) => self.0.split_at(at),
            None => (self.0.as_str(), ""),
        };
        // A bare host gets its "/", as a browser would write it.
        let slash = match Url::parse(before) {
            Ok(url) if url.path() == "/" && !before_query(before).ends_with('/') => "/",
            _ => "",
        };
        let (head, query) = match before.find('?') {
            Some(at) => before.split_at(at),
            None => (before, ""),
        };
        // Only the first question mark begins the query; a later one belongs to a value.
        let joint = match query {
            "" => "?",
            "?" => "",
            query if query.ends_with('&') => "",
            _ => "&",
        };
        let status = status.as_str();
        format!("{head}{slash}{query}{joint}session_id={session}&status={status}{fragment}")
    }

    /// What to call the destination: the host, or an app's scheme.
    pub fn destination(&self) -> String {
        match self.url() {
            None => self.0.clone(),
            Some(url) => {
                let host = url.host_str().filter(|_| is_web(&url));
                host.unwrap_or(url.scheme()).to_owned()
            }
        }
    }

    /// Whether it opens in a browser rather than in an app.
    pub fn is_web(&self) -> bool {
        self.url().is_some_and(|url| is_web(&url))
    }

    /// Whether it leads to `origin`: scheme, host and port of a web address, or an app's scheme.
    pub fn has_origin(&self, origin: &str) -> bool {
        let Some(url) = self.url() else {
            return false;
        };
        if is_web(&url) {
            Url::parse(origin).is_ok_and(|allowed| allowed.origin() == url.origin())
        } else {
            origin
                .split(':')
                .next()
                .is_some_and(|scheme| scheme.eq_ignore_ascii_case(url.scheme()))
        }
    }

    /// Parsed; `None` if what was stored has become something else.
    fn url(&self) -> Option<Url> {
        Url::parse(&self.0).ok()
    }
}

fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

fn before_query(text: &str) -> &str {
    text.split('?').next().unwrap_or_default()
}

fn has_user_info(after_scheme: &str) -> bool {
    let authority = after_scheme.trim_start_matches('/');
    let end = authority.find(['/', '?', '#']).unwrap_or(authority.len());
    after_scheme.starts_with("//") && authority[..end].contains('@')
}

/// Whether the URL's host is this machine.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn back(url: &str) -> String {
        let session = SessionId::from_parts(0, 0, [0; 12]);
        let text = CallbackUrl::parse(url)
            .expect(url)
            .with_outcome(session, CallbackStatus::Success);
        text.replace(session.as_str(), "CSN")
    }

    #[test]
    fn the_outcome_stands_after_the_query_and_before_the_fragment() {
        let pairs = [
            (
                "https://example.com",
                "https://example.com/?session_id=CSN&status=success",
            ),
            (
                "https://example.com/",
                "https://example.com/?session_id=CSN&status=success",
            ),
            (
                "https://a.example/x?b=%2F&c",
                "https://a.example/x?b=%2F&c&session_id=CSN&status=success",
            ),
            (
                "https://a.example/x?",
                "https://a.example/x?session_id=CSN&status=success",
            ),
            (
                "https://a.example/x?a=b?",
                "https://a.example/x?a=b?&session_id=CSN&status=success",
            ),
            (
                "https://a.example?q=1#top",
                "https://a.example/?q=1&session_id=CSN&status=success#top",
            ),
            (
                "http://localhost:3000/cb",
                "http://localhost:3000/cb?session_id=CSN&status=success",
            ),
            (
                "myapp://deep-link",
                "myapp://deep-link?session_id=CSN&status=success",
            ),
            (
                "com.example.app:/cb",
                "com.example.app:/cb?session_id=CSN&status=success",
            ),
        ];
        for (url, expected) in pairs {
            assert_eq!(back(url), expected);
        }
    }

    #[test]
    fn unsafe_urls_are_refused() {
        for url in [
            "javascript:alert(1)",
            "JavaScript://x/%0aalert(1)",
            "data:text/html,x",
            "file:///etc",
            "http://example.com",
            "http://127.0.0.1.evil.example",
            "https://user:pw@example.com",
            "https://user@example.com",
            "/relative",
            "example.com",
            "",
            "https://",
            "ftp://a/b",
            "https:example.com",
            "intent://x#Intent;end",
            "mailto:a@b.c",
            "https://a b.example",
            "https://exa\u{202e}mple.com",
            " https://example.com",
            "https://example.com\\@evil",
            "view-source:https://example.com",
            "https://example.com/\u{0}",
        ] {
            assert!(CallbackUrl::parse(url).is_err(), "{url} was taken");
        }
        assert!(CallbackUrl::parse(&format!("https://e.example/{}", "a".repeat(2_048))).is_err());
        for url in [
            "http://127.0.0.1:80/x",
            "http://[::1]/x",
            "http://app.localhost/",
        ] {
            assert!(CallbackUrl::parse(url).is_ok(), "{url} was refused");
        }
    }

    #[test]
    fn what_a_link_must_never_be_is_not_read_from_the_database_either() {
        for text in [
            "",
            "//evil.example",
            "/relative",
            ":",
            "1a://x",
            "Java\tscript:x",
        ] {
            let refused = CallbackUrl::from_stored(text.to_owned());
            assert_eq!(refused, Err(CallbackUrlError::NotAbsolute), "{text}");
        }
        for text in ["javascript:alert(1)", "JavaScript://x", "data:text/html,x"] {
            let refused = CallbackUrl::from_stored(text.to_owned());
            assert!(
                matches!(refused, Err(CallbackUrlError::Scheme(_))),
                "{text}"
            );
        }
        for text in [
            "https://shop.example/x?a=1",
            "myapp://back",
            "my.app+1:/back",
        ] {
            let url = CallbackUrl::from_stored(text.to_owned());
            assert_eq!(url.as_ref().map(CallbackUrl::as_str), Ok(text));
        }
    }

    #[test]
    fn origins_are_compared_as_origins() {
        let url = CallbackUrl::parse("https://shop.example/x").expect("a URL");
        assert!(url.has_origin("https://shop.example"));
        assert!(url.has_origin("https://shop.example:443"));
        assert!(!url.has_origin("https://shop.example.evil.example"));
        assert!(!url.has_origin("http://shop.example"));
        assert!(
            CallbackUrl::parse("myapp://x")
                .expect("a URL")
                .has_origin("myapp://")
        );
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_and_what_is_taken_is_kept(text in "\\PC{0,60}") {
            if let Ok(url) = CallbackUrl::parse(&text) {
                prop_assert_eq!(url.as_str(), &text);
                prop_assert_eq!(CallbackUrl::from_stored(text), Ok(url.clone()));
                url.with_outcome(SessionId::from_parts(0, 0, [0; 12]), CallbackStatus::Success);
            }
        }
    }
}
