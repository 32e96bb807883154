//! Pages inside pages of the integrator.
//!
//! Guarantee: a page of ours that names somebody or takes an answer is shown only inside origins that the
//! project lists, and tells of itself only the one that framed it. A link is redeemed in a frame only after a cookie has been seen to come
//! back from there, so that no link is used up where no visit can follow.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use portico_app::{Config, embeds::may_embed};
use portico_domain::{
    project::Project,
    session::{CallbackStatus, ConnectSession, OpenedIn},
};

use super::cookie::value_of;
use crate::view::{Embedded, Frame};

const DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");
/// Long enough to read the page behind the link.
const PROBE_SECONDS: u32 = 24 * 60 * 60;

/// Where a link is being opened: the browser says whether in a frame, the page around it names itself.
/// Where the browser says nothing, the page is believed.
pub fn place(
    config: &Config,
    headers: &HeaderMap,
    by: Option<&str>,
    project: &Project,
) -> OpenedIn {
    let by = by.filter(|origin| may_embed(config, project, origin));
    let is_frame = match headers.get(DEST) {
        Some(dest) => dest == "iframe" || dest == "frame",
        None => by.is_some(),
    };
    match is_frame {
        true => OpenedIn::Frame(by.map(str::to_owned)),
        false => OpenedIn::Window,
    }
}

/// The origins that may show a page opened at `place`.
pub fn embedders(config: &Config, project: &Project, place: &OpenedIn) -> Vec<String> {
    let by = place.framed_by();
    match by.filter(|origin| may_embed(config, project, origin)) {
        Some(origin) => vec![origin.to_owned()],
        None => project.settings.embed_origins.clone(),
    }
}

/// What a page in a frame knows of the page around it.
pub fn embedded(session: &ConnectSession, place: &OpenedIn) -> Option<Embedded> {
    let OpenedIn::Frame(by) = place else {
        return None;
    };
    // With a way back, the end is told when it is taken; without one, as soon as there is an end.
    let ended = session
        .outcome
        .filter(|_| session.callback_url.is_none())
        .map(|(status, _)| status.as_str());
    Some(Embedded {
        by: by.clone(),
        session: session.id.to_string(),
        ended,
    })
}

/// From this page the visit goes no further: the page around it is told how it ended.
pub fn ends(mut frame: Frame, status: CallbackStatus) -> Frame {
    if let Some(embed) = &mut frame.embed {
        embed.ended = Some(status.as_str());
    }
    frame
}

/// The name of the cookie that shows whether a frame keeps cookies.
pub fn probe_name(is_https: bool) -> &'static str {
    match is_https {
        true => "__Host-portico-frame",
        false => "portico-frame",
    }
}

/// The header that sets it. It holds nothing, and script may see it.
pub fn set_probe(is_https: bool) -> HeaderValue {
    let name = probe_name(is_https);
    let text =
        format!("{name}=1; Path=/; Max-Age={PROBE_SECONDS}; SameSite=None; Secure; Partitioned");
    HeaderValue::from_str(&text).expect("the name is letters and dashes")
}

/// Whether it came back.
pub fn keeps_cookies(headers: &HeaderMap, is_https: bool) -> bool {
    value_of(headers, probe_name(is_https)).is_some()
}

/// Sets the probe on an answer.
pub fn with_probe(
    mut response: axum::response::Response,
    is_https: bool,
) -> axum::response::Response {
    let headers = response.headers_mut();
    headers.append(header::SET_COOKIE, set_probe(is_https));
    response
}

#[cfg(test)]
mod tests {
    use portico_domain::project::{ProjectType, Settings};

    use super::*;

    const SHOP: &str = "https://shop.example";

    fn project_of(listed: &[&str]) -> Project {
        Project {
            id: "acme".to_owned(),
            kind: ProjectType::Live,
            settings: Settings {
                embed_origins: listed.iter().map(|&it| it.to_owned()).collect(),
                ..Settings::default()
            },
            has_logo: false,
            created_at: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_frame_is_what_the_browser_calls_one_and_of_a_listed_page() {
        let project = project_of(&[SHOP]);
        let place = |dest: Option<&'static str>, by| {
            let pairs = dest.map(|dest| (DEST, HeaderValue::from_static(dest)));
            let headers = HeaderMap::from_iter(pairs);
            place(&Config::default(), &headers, by, &project)
        };
        let shop = || OpenedIn::Frame(Some(SHOP.to_owned()));
        assert_eq!(place(Some("iframe"), Some(SHOP)), shop());
        assert_eq!(place(None, Some(SHOP)), shop());
        assert_eq!(place(Some("document"), Some(SHOP)), OpenedIn::Window);
        assert_eq!(place(None, None), OpenedIn::Window);
        let other = Some("https://evil.example");
        assert_eq!(place(Some("iframe"), other), OpenedIn::Frame(None));
        assert_eq!(place(None, other), OpenedIn::Window);
    }

    #[test]
    fn only_the_page_that_framed_it_may_show_it_while_it_is_listed() {
        let config = Config::default();
        let listed = [SHOP, "https://app.example"];
        let project = project_of(&listed);
        let by = |origin: &str| OpenedIn::Frame(Some(origin.to_owned()));
        assert_eq!(embedders(&config, &project, &by(SHOP)), [SHOP]);
        assert_eq!(embedders(&config, &project, &OpenedIn::Window), listed);
        let gone = by("https://gone.example");
        assert_eq!(embedders(&config, &project, &gone), listed);
        assert!(embedders(&config, &project_of(&[]), &by(SHOP)).is_empty());
    }
}
