//! The cookie that binds a session to a browser. Its name includes the session, so that two
//! sessions in one browser do not disturb each other.

use axum::http::{HeaderMap, HeaderValue, header};
use jiff::SignedDuration;
use portico_domain::{
    id::SessionId,
    session::{BrowserLimits, OpenedIn},
};

/// How much longer than the session the cookie lives: whoever comes back late is told that the visit
/// has ended, and led back. Whether it has is for the server to say.
const LONGER: SignedDuration = SignedDuration::from_hours(30 * 24);

fn name(session: SessionId, is_https: bool) -> String {
    let prefix = if is_https { "__Host-" } else { "" };
    format!("{prefix}portico-{session}")
}

/// The value of a session's cookie.
pub fn cookie_of(headers: &HeaderMap, session: SessionId, is_https: bool) -> Option<String> {
    value_of(headers, &name(session, is_https))
}

/// The value of the cookie of that name.
pub fn value_of(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    all.flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then(|| value.to_owned()))
}

/// The header that sets a session's cookie. In a frame it is kept apart for the page around it, which is
/// what browsers that block cookies of other sites still take. They take it from loopback without TLS
/// too.
pub fn set_cookie(
    session: SessionId,
    value: &str,
    place: &OpenedIn,
    (is_https, limits): (bool, BrowserLimits),
) -> HeaderValue {
    let max_age = limits.absolute.saturating_add(LONGER).as_secs();
    let name = name(session, is_https);
    let scope = match (place, is_https) {
        (OpenedIn::Frame(_), _) => "SameSite=None; Secure; Partitioned",
        (_, true) => "SameSite=Lax; Secure",
        (_, false) => "SameSite=Lax",
    };
    let text = format!("{name}={value}; Path=/; Max-Age={max_age}; HttpOnly; {scope}");
    HeaderValue::from_str(&text).expect("ids and cookie values are letters and digits")
}
