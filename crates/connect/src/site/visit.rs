//! Who is visiting: the session of the address, if this browser has its cookie, with everything a
//! page needs to know, read in one question.

use axum::{
    extract::{FromRequest, FromRequestParts, Path, Request},
    http::{HeaderMap, request::Parts},
    response::{IntoResponse, Response},
};
use portico_app::{App, AppError, sessions};
use portico_domain::{
    event::Actor,
    id::SessionId,
    porting::Porting,
    project::Project,
    session::{CallbackStatus, ConnectSession, Liveness, OpenedIn},
    subscription::Subscription,
};
use portico_store::visits::{Around, Visitor};

use super::{
    Fail, Form, FrameSource, Paths,
    cookie::cookie_of,
    embedding::{embedders, ends},
    flow::{self, Screen},
    frame::nameless,
    guard::{comes_from_us, form_token},
    paths::{notice_of, with_notice},
    redirect,
};
use crate::view::{ExpiredReason, Frame, Notice};

/// A visit to a page below `/portal/s/{session}`.
pub struct Visit {
    /// The application.
    pub app: App,
    /// The request's headers.
    pub headers: HeaderMap,
    /// The query of the address; pages ignore what they do not know.
    pub query: String,
    /// The session.
    pub session: ConnectSession,
    /// Its project.
    pub project: Project,
    /// The subscription it is about.
    pub subscription: Subscription,
    /// Its owner.
    pub visitor: Option<Visitor>,
    /// Its current porting.
    pub porting: Option<Porting>,
    /// The token of this visit's forms.
    pub form_token: String,
    liveness: Liveness,
}

/// A visit that posts a form with the right token.
pub struct Posted {
    /// The visit.
    pub visit: Visit,
    /// What was sent.
    pub form: Form,
}

impl Visit {
    /// The session's addresses.
    pub fn paths(&self) -> Paths {
        Paths(self.session.id)
    }

    /// The subscriber, as an actor.
    pub fn actor(&self) -> Actor {
        self.visitor
            .as_ref()
            .map_or(Actor::System, |it| Actor::User(it.id.to_string()))
    }

    /// Where the visit stands.
    pub fn screen(&self) -> Screen {
        let repairable = self.project.settings.repairable();
        flow::screen(&self.session.intent, self.porting.as_ref(), repairable)
    }

    /// To where the visit stands, with a sentence why.
    pub fn go_on(&self, notice: Option<Notice>) -> Response {
        let path = self.paths().page(self.screen().as_str());
        redirect(&with_notice(&path, notice))
    }

    /// A new frame; with the sentence that the address asks for.
    pub fn frame(&self) -> Frame {
        self.frame_with(self.notice())
    }

    /// A new frame with that sentence.
    pub fn frame_with(&self, notice: Option<Notice>) -> Frame {
        let Self {
            app,
            headers,
            project,
            session,
            ..
        } = self;
        let source = FrameSource {
            app,
            headers,
            project,
            session,
            place: self.place(),
            visitor: self.visitor.as_ref(),
        };
        source.frame(notice)
    }

    /// Where the link was opened. Who redeemed it before that was noted had a window.
    fn place(&self) -> &OpenedIn {
        self.session.opened_in.as_ref().unwrap_or(&OpenedIn::Window)
    }

    /// The sentence the address asks for.
    pub fn notice(&self) -> Option<Notice> {
        notice_of(&self.query)
    }

    /// The value of a parameter of the address.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let pairs = self
            .query
            .split('&')
            .filter_map(|pair| pair.split_once('='));
        pairs
            .into_iter()
            .find_map(|(key, value)| (key == name).then_some(value))
    }

    /// The page that says that the visit is over, with the way back.
    pub fn ended(&self) -> Fail {
        let back = self
            .session
            .callback_url
            .as_ref()
            .map(|_| self.paths().page("leaving"));
        let frame = match back {
            Some(_) => self.frame_with(None),
            None => ends(self.frame_with(None), CallbackStatus::AuthExpired),
        };
        Fail::over(frame, ExpiredReason::SessionEnded, back)
    }

    /// What a refused operation looks like; trying again starts at the session's own address.
    pub fn fail(&self, error: &AppError) -> Fail {
        Fail::told(error, &self.app, self.frame_with(None), self.paths().home())
    }

    /// How alive the browser's session is.
    pub fn liveness(&self) -> Liveness {
        self.liveness
    }

    async fn load(app: App, parts: &Parts, id: &str) -> Result<Self, Fail> {
        let headers = parts.headers.clone();
        let unknown = || Fail::unknown(&app, &headers);
        let session_id: SessionId = id.parse().map_err(|_| unknown())?;
        let Some(cookie) = cookie_of(&headers, session_id, app.config.is_https) else {
            return Err(unknown());
        };
        let retry = Paths(session_id).home();
        let failed = |error: AppError| Fail::from_error(&error, &app, &headers, retry.clone());
        let mut tx = app.look().await.map_err(failed)?;
        let found = sessions::find(&mut tx, session_id, &cookie).await;
        let Some((session, around, is_stale)) = found.map_err(failed)? else {
            return Err(unknown());
        };
        let now = tx.now();
        drop(tx);
        let liveness = session.liveness(app.config.browser, now);
        if is_stale && liveness == Liveness::Alive {
            let seen = session.id;
            app.write(move |tx, _| Box::pin(async move { sessions::touch(tx, seen).await }))
                .await
                .map_err(failed)?;
        }
        let Around {
            project,
            subscription,
            visitor,
            porting,
            ..
        } = around;
        let subscription = subscription.ok_or(AppError::NotFound("subscription"));
        let subscription = subscription.map_err(failed)?;
        let form_token = form_token(&app, session_id, &cookie);
        let query = parts.uri.query().unwrap_or_default().to_owned();
        Ok(Self {
            app,
            headers,
            query,
            session,
            project,
            subscription,
            visitor,
            porting,
            form_token,
            liveness,
        })
    }
}

impl FromRequestParts<App> for Visit {
    type Rejection = Fail;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Fail> {
        let visit = any_visit(parts, app).await?;
        match visit.liveness {
            Liveness::Alive => Ok(visit),
            Liveness::Idle | Liveness::Ended => Err(visit.ended()),
        }
    }
}

/// A visit whether or not it is still alive.
async fn any_visit(parts: &mut Parts, app: &App) -> Result<Visit, Fail> {
    let path = Path::<std::collections::HashMap<String, String>>::from_request_parts(parts, app);
    let path = path.await.map_err(|_| Fail::unknown(app, &parts.headers))?;
    let id = path.get("session").cloned().unwrap_or_default();
    Visit::load(app.clone(), parts, &id).await
}

/// A visit whether or not it is still alive: for the page that leads away.
pub struct AnyVisit(pub Visit);

impl FromRequestParts<App> for AnyVisit {
    type Rejection = Fail;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Fail> {
        any_visit(parts, app).await.map(Self)
    }
}

impl FromRequest<App> for Posted {
    type Rejection = Fail;

    /// A form that arrives after the idle limit still comes through, so that what was typed can be
    /// saved; [`Posted::finish`] then says that the session has ended.
    async fn from_request(request: Request, app: &App) -> Result<Self, Fail> {
        let (mut parts, body) = request.into_parts();
        let visit = any_visit(&mut parts, app).await?;
        if visit.liveness == Liveness::Ended {
            return Err(visit.ended());
        }
        let from_us = comes_from_us(&parts.headers, &app.config.public_url);
        let form = Form::from_request(Request::from_parts(parts, body), app).await?;
        let given = form.text("form_token").as_bytes();
        if !from_us || !portico_app::same_hash(given, visit.form_token.as_bytes()) {
            return Err(visit.mistrusted());
        }
        Ok(Self { visit, form })
    }
}

impl Visit {
    /// What a form that is not of this visit gets: the page for strangers, where the visit is shown.
    fn mistrusted(&self) -> Fail {
        let mut frame = nameless(&self.app, &self.headers);
        frame.embedders = embedders(&self.app.config, &self.project, self.place());
        Fail::unknown_in(frame)
    }
}

impl Visit {
    /// The answer to a form, unless the session had ended before the form arrived: what was typed
    /// is saved by then, and the page says that the visit is over.
    pub fn unless_ended(&self, answer: Response) -> Response {
        match self.liveness {
            Liveness::Alive => answer,
            Liveness::Idle | Liveness::Ended => self.ended().into_response(),
        }
    }
}

impl Posted {
    /// Whether the session had ended before the form arrived.
    pub fn is_late(&self) -> bool {
        self.visit.liveness != Liveness::Alive
    }

    /// As [`Visit::unless_ended`].
    pub fn finish(&self, answer: Response) -> Response {
        self.visit.unless_ended(answer)
    }
}
