use jiff::Timestamp;
use portico_domain::session::{CallbackUrl, ConnectSession, Purpose, Theme};
use serde::Serialize;
use utoipa::ToSchema;

/// A Connect Session: one visit ticket for one subscriber.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConnectSession)]
pub struct SessionResource {
    /// Always `connectSession`.
    pub object: &'static str,
    /// `csn_` and 28 letters and digits.
    pub id: String,
    /// The pages' colours.
    pub appearance: AppearanceResource,
    /// Where the subscriber goes afterwards.
    #[schema(required)]
    pub callback_url: Option<String>,
    /// When it was created. Portico's addition.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Until when the link can be opened. Portico's addition.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
    /// What the visit is for.
    pub intent: IntentResource,
    /// What the subscriber went back with. Portico's addition.
    #[schema(required)]
    pub outcome: Option<OutcomeResource>,
    /// `created`, `opened`, `completed`, `aborted`, `expired` or `failed`. Portico's addition.
    pub status: &'static str,
    /// The link. A secret: given once, when the session is created or gets its user.
    #[schema(required)]
    pub url: Option<String>,
    /// Whose visit it is.
    #[schema(required)]
    pub user: Option<String>,
    /// What the integrator may want to look into. Portico's addition.
    pub warnings: Vec<WarningResource>,
}

/// The pages' colours.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Appearance)]
pub struct AppearanceResource {
    /// `light` or `dark`; absent when not chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub theme: Option<&'static str>,
}

/// What a visit is for: the type, and its own key.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Intent)]
pub struct IntentResource {
    /// `completePorting` or `viewSubscription`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Present for `completePorting`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub complete_porting: Option<SubscriptionIntentResource>,
    /// Present for `viewSubscription`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub view_subscription: Option<SubscriptionIntentResource>,
}

/// The subscription an intent is about.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = SubscriptionIntent)]
pub struct SubscriptionIntentResource {
    /// The subscription.
    pub subscription: String,
    /// `completePorting` only, when given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub behavior: Option<BehaviorResource>,
}

/// Which of Connect's pages are left out.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Behavior)]
pub struct BehaviorResource {
    /// Open at the first question.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hide_intro_page: Option<bool>,
    /// Go back at once after confirmation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hide_outro_page: Option<bool>,
}

/// What the subscriber went back with.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Outcome)]
pub struct OutcomeResource {
    /// `success`, `auth_expired`, `bad_configuration` or `user_aborted`.
    pub status: &'static str,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

/// What the integrator may want to look into.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Warning)]
pub struct WarningResource {
    /// `noPendingPorting`.
    pub code: &'static str,
    /// The same for people.
    pub message: &'static str,
}

impl SessionResource {
    /// The resource as it stands at `now`, with the link when this answer gives it.
    pub fn new(session: &ConnectSession, url: Option<String>, now: Timestamp) -> Self {
        let status = session.status_at(now);
        Self {
            object: "connectSession",
            id: session.id.to_string(),
            appearance: AppearanceResource {
                theme: session.theme.map(Theme::as_str),
            },
            callback_url: session
                .callback_url
                .as_ref()
                .map(|url| CallbackUrl::as_str(url).into()),
            created_at: session.created_at,
            expires_at: session.expires_at,
            intent: intent(session),
            outcome: session.outcome.map(|(status, at)| OutcomeResource {
                status: status.as_str(),
                at,
            }),
            status: status.as_str(),
            url,
            user: session.user.map(|id| id.to_string()),
            warnings: if session.no_pending_porting {
                vec![NO_PENDING_PORTING]
            } else {
                vec![]
            },
        }
    }
}

const NO_PENDING_PORTING: WarningResource = WarningResource {
    code: "noPendingPorting",
    message: "The subscription has no porting to complete; Connect opens its overview instead.",
};

fn intent(session: &ConnectSession) -> IntentResource {
    let subscription = session.subscription().to_string();
    let mut resource = IntentResource {
        kind: session.intent.kind().as_str(),
        complete_porting: None,
        view_subscription: None,
    };
    match session.intent.purpose {
        Purpose::CompletePorting {
            hide_intro_page,
            hide_outro_page,
        } => {
            let given = hide_intro_page.is_some() || hide_outro_page.is_some();
            let behavior = given.then_some(BehaviorResource {
                hide_intro_page,
                hide_outro_page,
            });
            resource.complete_porting = Some(SubscriptionIntentResource {
                subscription,
                behavior,
            });
        }
        Purpose::ViewSubscription => {
            resource.view_subscription = Some(SubscriptionIntentResource {
                subscription,
                behavior: None,
            });
        }
    }
    resource
}
