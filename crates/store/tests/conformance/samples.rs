//! Rows to store, each complete, and the ones that must be there before.

use jiff::Timestamp;
use portico_domain::{
    date_input::Birthday,
    id::{Id, Kind},
    plan::{Plan, PlanStatus},
    porting::{Behavior, Details, Porting, State},
    project::{Project, ProjectType, Settings},
    session::{CallbackUrl, ConnectSession, Intent, Purpose, SessionStatus, Theme},
    subscription::{Subscription, SubscriptionStatus},
    user::{User, UserStatus},
};
use portico_store::{
    api_keys::{self, ApiKey},
    plans, portings, subscriptions, users,
};
use portico_testkit::sample;

use crate::harness::World;

pub fn project(id: &str, created_at: Timestamp) -> Project {
    Project {
        id: id.to_owned(),
        kind: ProjectType::Test,
        settings: Settings::default(),
        has_logo: false,
        created_at,
    }
}

impl World {
    pub fn id<K: Kind>(&self) -> Id<K> {
        self.db.ambient().id()
    }

    /// A user who is not stored yet.
    pub fn new_user(&self, email: &str) -> User {
        User {
            id: self.id(),
            project: self.project.id.clone(),
            email: email.to_owned(),
            email_verified: true,
            full_name: Some("Rosalind Quimby".to_owned()),
            birthday: Some(Birthday::from_stored("1984-02-29").unwrap()),
            preferred_locale: "en-US".to_owned(),
            status: UserStatus::Active,
            metadata: [("crm".to_owned(), "77".to_owned())].into(),
            created_at: self.now(),
        }
    }

    pub async fn user(&self) -> User {
        let email = format!("{}@subscriber.example", self.db.ambient().random.base62(9));
        let user = self.new_user(&email);
        write!(self.db, [user], |tx| users::insert(tx, &user)).unwrap();
        user
    }

    /// A valid key, stored.
    pub async fn api_key(&self) -> ApiKey {
        let key = ApiKey {
            id: self.id(),
            project: self.project.id.clone(),
            secret_hash: vec![7; 32],
            created_at: self.now(),
            revoked_at: None,
        };
        write!(self.db, [key], |tx| api_keys::insert(tx, &key)).unwrap();
        key
    }

    pub async fn plan(&self) -> Plan {
        let plan = Plan {
            id: self.id(),
            project: self.project.id.clone(),
            provider: "test".to_owned(),
            status: PlanStatus::Available,
            document: sample::plan(),
            created_at: self.now(),
        };
        write!(self.db, [plan], |tx| plans::insert(tx, &plan)).unwrap();
        plan
    }

    /// A subscription that is not stored yet; its plan and user are.
    pub async fn new_subscription(&self) -> Subscription {
        Subscription {
            id: self.id(),
            project: self.project.id.clone(),
            plan: self.plan().await.id,
            user: self.user().await.id,
            porting: None,
            phone_number: None,
            status: SubscriptionStatus::Pending,
            user_address: None,
            metadata: Default::default(),
            created_at: self.now(),
            activated_at: None,
            canceled_at: None,
            ended_at: None,
        }
    }

    pub async fn subscription(&self) -> Subscription {
        let subscription = self.new_subscription().await;
        write!(self.db, [subscription], |tx| subscriptions::insert(
            tx,
            &subscription
        ))
        .unwrap();
        subscription
    }

    /// A porting in `state` on a subscription, stored. Its number is not exclusive.
    pub async fn porting(&self, state: State) -> Porting {
        let porting = self.new_porting("0100", state).await;
        write!(self.db, [porting], |tx| portings::insert(tx, &porting)).unwrap();
        porting
    }

    /// A porting with the US's data that is not stored yet; its user and subscription are.
    pub async fn new_porting(&self, number: &str, state: State) -> Porting {
        let mut details = Details::default();
        sample::details().apply(&mut details);
        let subscription = self.subscription().await;
        if state.status().is_final() {
            details.account_pin = None;
        }
        Porting {
            id: self.id(),
            project: self.project.id.clone(),
            user: subscription.user,
            subscription: (!matches!(state, State::Draft)).then_some(subscription.id),
            phone_number: sample::number(number),
            provider: "test".to_owned(),
            behavior: Behavior::PortIn,
            details,
            required: vec![],
            state,
            attempt: 1,
            declined_attempts: 0,
            last_declined_at: None,
            last_requested_at: None,
            created_at: self.now(),
        }
    }

    /// A session that is not stored yet.
    pub async fn new_session(&self, expires_at: Timestamp) -> ConnectSession {
        let subscription = self.subscription().await;
        ConnectSession {
            id: self.id(),
            project: self.project.id.clone(),
            user: Some(subscription.user),
            intent: Intent {
                purpose: Purpose::CompletePorting {
                    hide_intro_page: Some(true),
                    hide_outro_page: None,
                },
                subscription: subscription.id,
            },
            callback_url: Some(CallbackUrl::parse("https://shop.example/done?x=1").unwrap()),
            theme: Some(Theme::Dark),
            token_hash: Some(vec![1; 32]),
            status: SessionStatus::Created,
            opened_in: None,
            browser: None,
            planned_steps: Vec::new(),
            outcome: None,
            no_pending_porting: true,
            created_at: self.now(),
            expires_at,
        }
    }
}
