//! The page behind the link.
//!
//! Guarantee: opening the link with GET uses nothing up and shows nothing personal, because scanners
//! and previews open links too. Only the POST redeems it.

use std::collections::HashMap;

use axum::{
    Extension,
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use portico_app::{App, AppError, ClientAddr, portings, projects, sessions, sessions::Link};
use portico_domain::{
    country::Country,
    porting::{Behavior, Field, Porting, Step},
    project::Project,
    session::{CallbackStatus, ConnectSession, OpenedIn},
};
use portico_store::{Tx, subscriptions, users};

use super::{leaving, transfer::act_of};
use crate::{
    site::{
        Fail, Form, FrameSource, Paths, comes_from_us, cookie_of,
        flow::{self, Screen},
        page, redirect, set_cookie,
    },
    steps::donor_provider::country_of,
    view::{self, Aborted, ExpiredReason, Frame, Need, Purpose},
};

type Client = Option<Extension<ClientAddr>>;
type Parameters = Query<HashMap<String, String>>;

/// What a link holds.
struct Entry {
    app: App,
    headers: HeaderMap,
    session: String,
    token: Option<String>,
    client: String,
}

impl Entry {
    fn new(
        app: App,
        headers: HeaderMap,
        client: Client,
        (session, token): (String, String),
    ) -> Self {
        let client = client.map_or_else(String::new, |Extension(ClientAddr(ip))| ip.to_string());
        let token = Some(token).filter(|token| !token.is_empty());
        Self {
            app,
            headers,
            session,
            token,
            client,
        }
    }

    fn from_query(app: App, headers: HeaderMap, client: Client, mut query: Parameters) -> Self {
        let mut take = |name| query.remove(name).unwrap_or_default();
        let link = (take("session"), take("token"));
        Self::new(app, headers, client, link)
    }

    /// The link again; ids and tokens that got here are what the browser sent, so they are encoded.
    fn href(&self, path: &str) -> String {
        let mut text = url::form_urlencoded::Serializer::new(String::new());
        text.append_pair("session", &self.session);
        text.extend_pairs(self.token.as_ref().map(|token| ("token", token)));
        format!("{path}?{}", text.finish())
    }

    fn fail(&self, error: &AppError) -> Fail {
        Fail::from_error(error, &self.app, &self.headers, self.href("/portal/entry"))
    }

    fn unknown(&self) -> Fail {
        Fail::unknown(&self.app, &self.headers)
    }

    /// Looks at the link; a wrong one is counted. With a view that shows what the link was found in.
    async fn look(&self) -> Result<(Link, Tx), Fail> {
        let mut tx = self.app.read().await.map_err(|error| self.fail(&error))?;
        let link = (self.session.as_str(), self.token.as_deref());
        let found = sessions::check_link(&mut tx, &self.app, link, &self.client).await;
        let found = found.map_err(|error| self.fail(&error))?;
        if !matches!(found, Link::Unknown) {
            return Ok((found, tx));
        }
        drop(tx);
        let client = self.client.clone();
        let counted = self.app.write(move |tx, app| {
            let client = client.clone();
            Box::pin(async move { sessions::count_wrong_link(tx, &app, &client).await })
        });
        counted.await.map_err(|error| self.fail(&error))?;
        Err(self.unknown())
    }

    /// Looks at the link and at nothing else.
    async fn check(&self) -> Result<Link, Fail> {
        self.look().await.map(|(link, _)| link)
    }

    /// Whether this browser is the one that redeemed the link.
    fn is_ours(&self, session: &ConnectSession) -> bool {
        let cookie = cookie_of(&self.headers, session.id, self.app.config.is_https);
        let kept = session.browser.as_ref().map(|browser| &browser.cookie_hash);
        cookie.zip(kept).is_some_and(|(cookie, kept)| {
            portico_app::same_hash(&portico_app::token_hash(&cookie), kept)
        })
    }

    /// What is said of a link that cannot be opened.
    async fn refuse(&self, link: Link) -> Result<Response, Fail> {
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
        Err(Fail::over(frame, reason, back))
    }

    async fn frame(&self, session: &ConnectSession) -> Result<Frame, Fail> {
        let mut tx = self.app.read().await.map_err(|error| self.fail(&error))?;
        let project = projects::get(&mut tx, &session.project).await;
        let project = project.map_err(|error| self.fail(&error))?;
        Ok(self.frame_of(&project, session))
    }

    fn frame_of(&self, project: &Project, session: &ConnectSession) -> Frame {
        let Self { app, headers, .. } = self;
        FrameSource {
            app,
            headers,
            project,
            session,
            user: None,
        }
        .frame(None)
    }
}

/// GET: the intro page, or why the link cannot be opened.
pub async fn show(
    State(app): State<App>,
    client: Client,
    headers: HeaderMap,
    query: Parameters,
) -> Result<Response, Fail> {
    let entry = Entry::from_query(app, headers, client, query);
    match entry.look().await? {
        (Link::Fresh(session), mut tx) => intro(&entry, &session, &mut tx)
            .await
            .map_err(|error| entry.fail(&error)),
        (other, tx) => {
            drop(tx);
            entry.refuse(other).await
        }
    }
}

async fn intro(entry: &Entry, session: &ConnectSession, tx: &mut Tx) -> Result<Response, AppError> {
    let project = projects::get(tx, &session.project).await?;
    let porting = current_porting(tx, session).await?;
    let user = match session.user {
        Some(id) => users::find(tx, &project.id, id).await?,
        None => None,
    };
    let repairable = project.settings.repairable();
    let screen = flow::screen(&session.intent, porting.as_ref(), repairable);
    let started = match &porting {
        Some(porting) => portings::was_started(tx, porting).await?,
        None => false,
    };
    let (app, headers) = (&entry.app, &entry.headers);
    let source = FrameSource {
        app,
        headers,
        project: &project,
        session,
        user: user.as_ref(),
    };
    let frame = source.frame(None);
    let nonce = frame.nonce.clone();
    let asks = porting.as_ref().filter(|_| screen.is_question());
    let view = view::Intro {
        frame,
        action: "/portal/entry".to_owned(),
        session: session.id.to_string(),
        token: entry.token.clone().unwrap_or_default(),
        purpose: match screen {
            Screen::Step(_) | Screen::Review | Screen::PortProtected if started => Purpose::Resume,
            Screen::Step(_) | Screen::Review | Screen::PortProtected => Purpose::Transfer,
            Screen::Status | Screen::Error => Purpose::Status,
            Screen::Overview => Purpose::View,
        },
        act: porting.as_ref().map(act_of).unwrap_or_default(),
        needs: asks.map(needs).unwrap_or_default(),
        auto_submit: session.intent.hides_intro(),
    };
    Ok(page(
        StatusCode::OK,
        &nonce,
        &project.settings.embed_origins,
        &view,
    ))
}

/// What to have at hand: what is still missing. That is no personal data: it is what any customer of
/// such a carrier is asked.
fn needs(porting: &Porting) -> Vec<Need> {
    let pin = match (country_of(porting), porting.behavior) {
        (Country::GB, Behavior::PortIn) => Need::Pac,
        (Country::GB, Behavior::CancelOnly) => Need::Stac,
        _ => Need::TransferPin,
    };
    let mut needs = Vec::new();
    let missing = porting.missing();
    let asked = Step::ALL.into_iter().flat_map(Step::fields);
    for field in asked.filter(|field| missing.contains(field)) {
        let need = match field {
            Field::AccountNumber => Need::AccountNumber,
            Field::AccountPin => pin,
            Field::BillingPin => Need::BillingPin,
            Field::FirstName | Field::LastName => Need::HolderName,
            Field::Birthday => Need::Birthday,
            Field::Address => Need::Address,
            Field::AccountType | Field::DonorProvider | Field::DonorProviderApproval => continue,
        };
        if !needs.contains(&need) {
            needs.push(need);
        }
    }
    needs
}

async fn current_porting(
    tx: &mut Tx,
    session: &ConnectSession,
) -> Result<Option<Porting>, AppError> {
    let id = session.subscription();
    let subscription = subscriptions::find(tx, &session.project, id).await?;
    match subscription.and_then(|subscription| subscription.porting) {
        Some(id) => portings::get(tx, &session.project, id).await.map(Some),
        None => Ok(None),
    }
}

/// POST: redeems the link, or leaves.
pub async fn open(
    State(app): State<App>,
    client: Client,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, Fail> {
    let link = (
        form.text("session").to_owned(),
        form.text("token").to_owned(),
    );
    let entry = Entry::new(app, headers, client, link);
    if !comes_from_us(&entry.headers, &entry.app.config.public_url) {
        return Err(entry.unknown());
    }
    match entry.check().await? {
        Link::Fresh(session) if form.text("action") == "leave" => leave(&entry, *session).await,
        Link::Fresh(_) => redeem(&entry).await,
        other => entry.refuse(other).await,
    }
}

async fn redeem(entry: &Entry) -> Result<Response, Fail> {
    let (session, token) = (entry.session.clone(), entry.token.clone());
    let client = entry.client.clone();
    let redeemed = entry.app.write(move |tx, app| {
        let (session, token, client) = (session.clone(), token.clone(), client.clone());
        Box::pin(async move {
            let (link, by) = (
                (session.as_str(), token.as_deref()),
                (OpenedIn::Window, client.as_str()),
            );
            sessions::redeem(tx, &app, link, by).await
        })
    });
    match redeemed.await.map_err(|error| entry.fail(&error))? {
        sessions::Redemption::Refused(link) => entry.refuse(link).await,
        sessions::Redemption::Opened(session, cookie) => {
            let mut response = redirect(&Paths(session.id).home());
            let cookie = set_cookie(
                session.id,
                &cookie,
                entry.app.config.is_https,
                entry.app.config.browser,
            );
            response.headers_mut().insert(header::SET_COOKIE, cookie);
            Ok(response)
        }
    }
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
    let nonce = frame.nonce.clone();
    let view = Aborted {
        frame,
        resume_href: entry.href("/portal/entry"),
    };
    Ok(page(StatusCode::OK, &nonce, &[], &view))
}

/// GET: from a link that can no longer be opened back to where it came from.
pub async fn back(
    State(app): State<App>,
    client: Client,
    headers: HeaderMap,
    query: Parameters,
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
