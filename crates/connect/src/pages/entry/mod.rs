//! The page behind the link.
//!
//! Guarantee: opening the link with GET uses nothing up and shows nothing personal, because scanners
//! and previews open links too. Only the POST redeems it, in a frame only where cookies are kept.

mod intro;
mod link;

use axum::{
    Extension,
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use portico_app::{App, AppError, ClientAddr, sessions, sessions::Link};
use portico_domain::session::{CallbackStatus, ConnectSession, OpenedIn};
use portico_store::StoreError;

use super::leaving;
use crate::{
    site::{Fail, Form, Paths, comes_from_us, ends, page, redirect, set_cookie},
    view::Aborted,
};
use intro::intro;
use link::Entry;

type Client = Option<Extension<ClientAddr>>;

/// GET: the intro page, or why the link cannot be opened.
pub async fn show(
    State(app): State<App>,
    client: Client,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Fail> {
    let entry = Entry::from_query(app, headers, client, query);
    match entry.look().await? {
        (Link::Fresh(session), Some(around)) => Ok(intro(&entry, &session, &around, false)),
        (other, _) => entry.refuse(other).await,
    }
}

/// POST: redeems the link, or leaves.
pub async fn open(
    State(app): State<App>,
    client: Client,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, Fail> {
    let entry = Entry::new(app, headers, client, |name| form.text(name).to_owned());
    if !comes_from_us(&entry.headers, &entry.app.config.public_url) {
        return Err(entry.unknown());
    }
    match entry.look().await? {
        (Link::Fresh(session), _) if form.text("action") == "leave" => {
            leave(&entry, *session).await
        }
        (Link::Fresh(session), Some(around)) => match entry.place(&around.project) {
            // The link would be used up, and no visit follow.
            OpenedIn::Frame(_) if !entry.frame_keeps_cookies() => {
                Ok(intro(&entry, &session, &around, true))
            }
            place => redeem(&entry, place).await,
        },
        (other, _) => entry.refuse(other).await,
    }
}

async fn redeem(entry: &Entry, place: OpenedIn) -> Result<Response, Fail> {
    let (session, token) = (entry.session.clone(), entry.token.clone());
    let cookie = sessions::new_cookie(&entry.app);
    let by = (place.clone(), entry.client.clone(), cookie.clone());
    let redeemed = entry.app.write(move |tx, app| {
        let (session, token, by) = (session.clone(), token.clone(), by.clone());
        Box::pin(async move {
            let link = (session.as_str(), token.as_deref());
            let by = sessions::Opener {
                place: by.0,
                client: &by.1,
                cookie: &by.2,
            };
            sessions::redeem(tx, &app, link, by).await
        })
    });
    let (id, mut response) = match redeemed.await {
        Ok(sessions::Redemption::Refused(link)) => return entry.refuse(link).await,
        Ok(sessions::Redemption::Opened(session)) => {
            (Some(session.id), redirect(&Paths(session.id).home()))
        }
        // It may be opened all the same, and then this browser has it.
        Err(error @ AppError::Store(StoreError::Unavailable(_))) => (
            entry.session.parse().ok(),
            entry.fail(&error).into_response(),
        ),
        Err(error) => return Err(entry.fail(&error)),
    };
    if let Some(id) = id {
        let config = &entry.app.config;
        let cookie = set_cookie(id, &cookie, &place, (config.is_https, config.browser));
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Leaving from here ends the visit without having opened it; the link stays good.
async fn leave(entry: &Entry, session: ConnectSession) -> Result<Response, Fail> {
    let before = session.id;
    let aborted = entry
        .app
        .write(move |tx, _| Box::pin(async move { sessions::abort(tx, before).await }));
    aborted.await.map_err(|error| entry.fail(&error))?;
    let frame = entry.frame(&session).await?;
    if let Some(url) = &session.callback_url {
        return Ok(leaving::page_to(
            frame,
            url,
            session.id,
            CallbackStatus::UserAborted,
        ));
    }
    let frame = ends(frame, CallbackStatus::UserAborted);
    let view = Aborted {
        frame,
        resume_href: entry.href("/portal/entry"),
    };
    Ok(page(StatusCode::OK, &view))
}

/// GET: from a link that can no longer be opened back to where it came from.
pub async fn back(
    State(app): State<App>,
    client: Client,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Fail> {
    let entry = Entry::from_query(app, headers, client, query);
    match entry.check().await? {
        Link::Fresh(_) => Ok(redirect(&entry.href("/portal/entry"))),
        Link::Used(session) | Link::Expired(session) => {
            let frame = entry.frame(&session).await?;
            let Some(url) = &session.callback_url else {
                return Err(entry.unknown());
            };
            Ok(leaving::page_to(
                frame,
                url,
                session.id,
                CallbackStatus::AuthExpired,
            ))
        }
        Link::WithoutUser(_) | Link::Unknown => Err(entry.unknown()),
    }
}
