//! Connect Sessions: a link that takes one subscriber to the hosted pages.

use axum::response::Response;
use http::StatusCode;
use portico_app::{
    sessions::{self, NewSession, SessionPatch},
    wire::SessionResource,
};
use portico_domain::{
    id::{SessionId, SubscriptionId, UserId},
    porting::Patch,
    session::{CallbackUrl, Intent, IntentKind, Purpose, Theme},
};
use serde_json::Value as Json;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiError,
    request::{
        Call, Recalled, Server,
        fields::{Fields, object},
        ok,
        parse::{boolean, by, choice, parsed},
    },
};

const THEMES: [Theme; 2] = [Theme::Light, Theme::Dark];
const NO_USER_DETAILS: &str =
    "is not possible with this intent: a new user cannot own the subscription. Give user instead.";

pub(crate) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(create))
        .routes(routes!(get, update))
}

/// What a new Connect Session is made of.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConnectSessionCreate {
    /// What the visit is for.
    pub intent: IntentInput,
    /// Where the subscriber goes afterwards: https, http on a loopback host, or an app scheme such
    /// as `myapp://`.
    #[schema(
        min_length = 1,
        max_length = 2048,
        example = "https://example.com/done"
    )]
    pub callback_url: Option<String>,
    /// Whose visit it is; must own the subscription. Without it the `url` has no token until a PATCH
    /// sets one.
    #[schema(pattern = "^usr_[0-9A-Za-z]{28}$")]
    pub user: Option<String>,
    /// Part of the contract, and refused for the intents that Portico serves: a new user cannot own
    /// the subscription.
    #[schema(value_type = Option<Object>)]
    pub user_details: Option<Json>,
    /// The pages' colours.
    pub appearance: Option<AppearanceInput>,
}

/// A change of a Connect Session. What is not mentioned stays; the intent cannot change.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConnectSessionUpdate {
    /// Where the subscriber goes afterwards; `null` clears it.
    #[schema(min_length = 1, max_length = 2048)]
    pub callback_url: Option<String>,
    /// Whose visit it is; only while there is none.
    #[schema(pattern = "^usr_[0-9A-Za-z]{28}$", nullable = false)]
    pub user: Option<String>,
    /// Part of the contract, and refused for the intents that Portico serves.
    #[schema(value_type = Option<Object>)]
    pub user_details: Option<Json>,
    /// The pages' colours; `null` leaves them to the browser.
    pub appearance: Option<AppearanceInput>,
}

/// What a visit is for: the type, and under the name of that type what it is about.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IntentInput {
    /// Portico serves `completePorting` and `viewSubscription`; the others are 501.
    #[serde(rename = "type")]
    pub kind: IntentTypeInput,
    /// Needed by, and only with, `completePorting`.
    #[schema(nullable = false)]
    pub complete_porting: Option<CompletePortingInput>,
    /// Needed by, and only with, `viewSubscription`.
    #[schema(nullable = false)]
    pub view_subscription: Option<ViewSubscriptionInput>,
}

/// The intents of the contract.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are the contract's")]
pub enum IntentTypeInput {
    CancelSubscription,
    ChangeSubscription,
    CheckoutAddon,
    CheckoutNewSubscription,
    CompletePorting,
    ConfirmPayment,
    ResumeSubscription,
    UpdatePaymentMethod,
    UpdateUserAddress,
    UpdateUserFullName,
    ViewEsimInstallation,
    ViewSubscription,
    ViewSubscriptions,
}

/// The porting to complete.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CompletePortingInput {
    /// The subscription whose porting it is.
    #[schema(pattern = "^sub_[0-9A-Za-z]{28}$")]
    pub subscription: String,
    /// Which pages are left out.
    pub behavior: Option<BehaviorInput>,
}

/// Which pages are left out.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BehaviorInput {
    /// Open at the first question.
    pub hide_intro_page: Option<bool>,
    /// Go back at once after confirmation.
    pub hide_outro_page: Option<bool>,
}

/// The subscription to look at.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ViewSubscriptionInput {
    /// The subscription.
    #[schema(pattern = "^sub_[0-9A-Za-z]{28}$")]
    pub subscription: String,
}

/// The pages' colours.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AppearanceInput {
    /// Follows the browser when not given.
    pub theme: Option<ThemeInput>,
}

/// A set of colours.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "self-explanatory")]
pub enum ThemeInput {
    Light,
    Dark,
}

/// The intent, when it is one of the contract that Portico does not serve.
fn not_served(body: Option<&Json>) -> Option<IntentKind> {
    let kind = body?.get("intent")?.get("type")?.as_str()?;
    IntentKind::parse(kind).filter(|kind| !kind.is_served())
}

pub(crate) fn read_new(body: &mut Fields) -> Option<NewSession> {
    let intent = body.required("intent", object(intent));
    let callback_url = body.optional("callbackUrl", by(CallbackUrl::parse));
    let user = body.optional("user", parsed::<UserId>);
    if body.take("userDetails").is_some() {
        body.refuse("userDetails", NO_USER_DETAILS);
    }
    let theme = body.optional("appearance", object(appearance)).flatten();
    Some(NewSession {
        intent: intent?,
        user,
        callback_url,
        theme,
    })
}

fn intent(fields: &mut Fields) -> Option<Intent> {
    let kind = fields.required("type", choice(&IntentKind::ALL, IntentKind::as_str));
    let (subscription, purpose) = match kind {
        Some(IntentKind::CompletePorting) => {
            fields.required("completePorting", object(complete_porting))?
        }
        Some(IntentKind::ViewSubscription) => {
            fields.required("viewSubscription", object(view_subscription))?
        }
        other => {
            // Whether the rest fits cannot be said without a type that is served.
            IntentKind::ALL
                .iter()
                .for_each(|it| fields.ignore(it.as_str()));
            if other.is_some() {
                fields.refuse("type", "is not served.");
            }
            return None;
        }
    };
    Some(Intent {
        purpose,
        subscription,
    })
}

fn complete_porting(fields: &mut Fields) -> Option<(SubscriptionId, Purpose)> {
    let subscription = fields.required("subscription", parsed);
    let behavior = object(|behavior| {
        let hide_intro_page = behavior.optional("hideIntroPage", boolean);
        Some((hide_intro_page, behavior.optional("hideOutroPage", boolean)))
    });
    let (hide_intro_page, hide_outro_page) =
        fields.optional("behavior", behavior).unwrap_or_default();
    let purpose = Purpose::CompletePorting {
        hide_intro_page,
        hide_outro_page,
    };
    Some((subscription?, purpose))
}

fn view_subscription(fields: &mut Fields) -> Option<(SubscriptionId, Purpose)> {
    let subscription = fields.required("subscription", parsed)?;
    Some((subscription, Purpose::ViewSubscription))
}

fn appearance(fields: &mut Fields) -> Option<Option<Theme>> {
    Some(fields.optional("theme", choice(&THEMES, Theme::as_str)))
}

pub(crate) fn read_patch(body: &mut Fields) -> SessionPatch {
    if body.take("userDetails").is_some() {
        body.refuse("userDetails", NO_USER_DETAILS);
    }
    if body.take("intent").is_some() {
        body.refuse("intent", "cannot be changed; create a new session.");
    }
    let theme =
        object(|fields: &mut Fields| Some(fields.patch("theme", choice(&THEMES, Theme::as_str))));
    SessionPatch {
        user: body.replace("user", parsed::<UserId>),
        callback_url: match body.patch("callbackUrl", by(CallbackUrl::parse)) {
            Patch::Keep => None,
            Patch::Clear => Some(None),
            Patch::Set(url) => Some(Some(url)),
        },
        theme: match body.patch("appearance", theme) {
            Patch::Keep | Patch::Set(Patch::Keep) => None,
            Patch::Clear | Patch::Set(Patch::Clear) => Some(None),
            Patch::Set(Patch::Set(theme)) => Some(Some(theme)),
        },
    }
}

/// Create a Connect Session
///
/// The `url` is a secret and given once. That a porting is pending is not checked; when there is
/// none, `warnings` says so.
#[utoipa::path(post, path = "/projects/{project}/connectSessions", tag = "Connect Sessions",
    operation_id = "createConnectSession", request_body = ConnectSessionCreate,
    responses((status = 201, description = "The session, with its `url`.", body = SessionResource)))]
async fn create(call: Recalled) -> Result<Response, ApiError> {
    call.answer(|call| Box::pin(created(call))).await
}

async fn created(call: &Call) -> Result<Response, ApiError> {
    if let Some(kind) = not_served(call.json()) {
        return Err(ApiError::IntentNotSupported(kind.as_str()));
    }
    let new = call.body(read_new)?;
    let who = (&call.by.actor, &call.by.project);
    let draft = match sessions::Draft::new(&call.by.app, who, new) {
        Ok(draft) => draft,
        Err(error) => return call.refuse(error.into()).await,
    };
    let known = draft.resource();
    call.write_known((StatusCode::CREATED, &known), move |tx, by| {
        let draft = draft.clone();
        Box::pin(async move {
            let who = (&by.actor, &by.project);
            let other = draft.write(tx, &by.app, who).await?;
            Ok(other.map(|other| other.resource()))
        })
    })
    .await
}

/// Get a Connect Session
///
/// Its `url` is null: it was given once.
#[utoipa::path(get, path = "/projects/{project}/connectSessions/{session}",
    tag = "Connect Sessions", operation_id = "getConnectSession",
    responses((status = 200, description = "The session.", body = SessionResource)))]
async fn get(call: Call) -> Result<Response, ApiError> {
    let mut tx = call.read().await?;
    let session = sessions::get(&mut tx, &call.by.project.id, call.id("session")?).await?;
    call.no_query()?;
    ok(&SessionResource::new(&session, None, tx.now()))
}

/// Change a Connect Session
///
/// Attaching a user gives the `url`; otherwise it is null.
#[utoipa::path(patch, path = "/projects/{project}/connectSessions/{session}",
    tag = "Connect Sessions", operation_id = "updateConnectSession",
    request_body = ConnectSessionUpdate,
    responses((status = 200, description = "The session.", body = SessionResource)))]
async fn update(call: Call) -> Result<Response, ApiError> {
    let id: SessionId = call.id("session")?;
    let patch = call.body(|body| Some(read_patch(body)))?;
    call.write(StatusCode::OK, move |tx, by| {
        let patch = patch.clone();
        Box::pin(async move {
            let before = sessions::get(tx, &by.project.id, id).await?;
            let who = (&by.actor, &by.project);
            let (session, url) = sessions::update(tx, &by.app, who, (before, patch)).await?;
            Ok(SessionResource::new(&session, url, tx.now()))
        })
    })
    .await
}
