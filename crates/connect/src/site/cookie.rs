//! The cookie that binds a session to a browser. Its name includes the session, so that two
//! sessions in one browser do not disturb each other.

use axum::http::{HeaderMap, HeaderValue, header};
use jiff::SignedDuration;
use portico_domain::{id::SessionId, session::BrowserLimits};

/// How much longer than the session the cookie lives: whoever comes back late is told that the visit
/// has ended, and led back. Whether it has is for the server to say.
const LONGER: SignedDuration = SignedDuration::from_hours(30 * 24);

fn name(session: SessionId, is_https: bool) -> String {
    let prefix = if is_https { "__Host-" } else { "" };
    format!("{prefix}portico-{session}")
}

/// The value of a session's cookie.
pub fn cookie_of(headers: &HeaderMap, session: SessionId, is_https: bool) -> Option<String> {
    let name = name(session, is_https);
    let all = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    all.flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then(|| value.to_owned()))
}

/// The header that sets a session's cookie.
pub fn set_cookie(
    session: SessionId,
    value: &str,
    is_https: bool,
    limits: BrowserLimits,
) -> HeaderValue {
    let max_age = limits.absolute.saturating_add(LONGER).as_secs();
    let name = name(session, is_https);
    let secure = if is_https { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&text).expect("ids and cookie values are letters and digits")
}
