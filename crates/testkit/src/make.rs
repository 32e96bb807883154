use portico_app::{
    AppError, MetadataPatch, api_keys, plans, portings, sessions, subscriptions, users,
};
use portico_domain::{
    event::Actor,
    id::UserId,
    phone::PhoneNumber,
    plan::{Plan, PlanStatus},
    porting::{Behavior, DetailsPatch, Porting},
    session::{CallbackUrl, ConnectSession, Intent, Purpose},
    subscription::Subscription,
    user::User,
};
use secrecy::SecretString;

use crate::{TestApp, sample};

/// Who the samples are made by.
pub(crate) fn backend() -> Actor {
    Actor::ApiKey("apk_test".to_owned())
}

impl TestApp {
    /// A new user with an e-mail address of their own.
    pub async fn user(&self) -> User {
        let name = self.app.db.ambient().random.base62(12);
        let project = self.project.clone();
        self.app
            .write(move |tx, _| {
                let (project, new) = (project.clone(), sample::user(&name));
                Box::pin(async move { users::create(tx, &backend(), &project, new).await })
            })
            .await
            .expect("a sample user can be created")
    }

    /// A plan of the simulated US recipient, `test`.
    pub async fn plan(&self) -> Plan {
        self.plan_of("test").await
    }

    /// A plan of a recipient.
    pub async fn plan_of(&self, provider: &str) -> Plan {
        let (project, provider) = (self.project.clone(), provider.to_owned());
        self.app
            .write(move |tx, _| {
                let (project, provider) = (project.clone(), provider.clone());
                Box::pin(async move {
                    let status = PlanStatus::Available;
                    let who = (&backend(), &project);
                    plans::create(tx, who, provider, status, sample::plan()).await
                })
            })
            .await
            .expect("a sample plan can be created")
    }

    /// A complete draft of a new user, to the recipient of the number's country. `number` is E.164,
    /// or the last four digits of the simulator's US range: `"0110"`.
    pub async fn draft(&self, number: &str) -> Porting {
        self.draft_with(number, sample::details()).await
    }

    /// A draft of a new user that holds nothing yet.
    pub async fn empty_draft(&self, number: &str) -> Porting {
        self.draft_with(number, DetailsPatch::default()).await
    }

    /// A draft of a new user.
    pub async fn draft_with(&self, number: &str, details: DetailsPatch) -> Porting {
        let user = self.user().await;
        self.try_draft(user.id, number, details)
            .await
            .expect("a sample draft can be created")
    }

    /// A draft, or why it is refused.
    ///
    /// # Errors
    /// As [`portings::portability`] and [`portings::create`].
    pub async fn try_draft(
        &self,
        user: UserId,
        number: &str,
        details: DetailsPatch,
    ) -> Result<Porting, AppError> {
        let phone_number = sample::number(number);
        let provider = match phone_number.country().map(|country| country.to_string()) {
            Some(country) if country == "GB" => "t12",
            Some(country) if country == "DE" => "tde",
            _ => "test",
        };
        self.try_draft_to(provider, user, phone_number, details)
            .await
    }

    /// A draft to a recipient, or why it is refused.
    ///
    /// # Errors
    /// As [`portings::portability`] and [`portings::create`].
    pub async fn try_draft_to(
        &self,
        provider: &str,
        user: UserId,
        phone_number: PhoneNumber,
        details: DetailsPatch,
    ) -> Result<Porting, AppError> {
        let required =
            portings::portability(&self.app, &self.project, provider, &phone_number).await?;
        let project = self.project.clone();
        let new = portings::NewPorting {
            user,
            phone_number,
            provider: provider.to_owned(),
            behavior: Behavior::PortIn,
            details,
            required,
        };
        self.app
            .write(move |tx, app| {
                let (project, new) = (project.clone(), new.clone());
                Box::pin(
                    async move { portings::create(tx, &app, (&backend(), &project), new).await },
                )
            })
            .await
    }

    /// A new subscription of the porting's user that takes it: a complete porting is on its way.
    pub async fn subscription_with(&self, porting: &Porting) -> Subscription {
        let plan = self.plan_of(&porting.provider).await;
        self.subscribe(plan, porting.user, Some(porting)).await
    }

    /// A new subscription without a porting.
    pub async fn subscription(&self) -> Subscription {
        let plan = self.plan().await;
        let user = self.user().await;
        self.subscribe(plan, user.id, None).await
    }

    async fn subscribe(&self, plan: Plan, user: UserId, porting: Option<&Porting>) -> Subscription {
        let project = self.project.clone();
        let new = subscriptions::NewSubscription {
            plan: plan.id,
            user,
            porting: porting.map(|porting| porting.id),
            user_address: None,
            metadata: MetadataPatch::default(),
        };
        self.app
            .write(move |tx, app| {
                let (project, new) = (project.clone(), new.clone());
                Box::pin(async move {
                    subscriptions::create(tx, &app, (&backend(), &project), new).await
                })
            })
            .await
            .expect("a sample subscription can be created")
    }

    /// A session to complete the subscription's porting, and its link.
    pub async fn session(&self, subscription: &Subscription) -> (ConnectSession, String) {
        let purpose = Purpose::CompletePorting {
            hide_intro_page: None,
            hide_outro_page: None,
        };
        self.session_for(subscription, purpose).await
    }

    /// A session of the subscription's user, and its link. It leads back to `https://shop.example/done`.
    pub async fn session_for(
        &self,
        subscription: &Subscription,
        purpose: Purpose,
    ) -> (ConnectSession, String) {
        let project = self.project.clone();
        let callback = CallbackUrl::parse("https://shop.example/done");
        let new = sessions::NewSession {
            intent: Intent {
                purpose,
                subscription: subscription.id,
            },
            user: Some(subscription.user),
            callback_url: Some(callback.expect("a well-formed callback")),
            theme: None,
        };
        self.app
            .write(move |tx, app| {
                let (project, new) = (project.clone(), new.clone());
                Box::pin(
                    async move { sessions::create(tx, &app, (&backend(), &project), new).await },
                )
            })
            .await
            .expect("a sample session can be created")
    }

    /// A new API key of the project, as a caller would send it.
    pub async fn api_key(&self) -> SecretString {
        let project = self.project.id.clone();
        let (_, key) = self
            .app
            .write(move |tx, _| {
                let project = project.clone();
                Box::pin(async move { api_keys::create(tx, &backend(), &project).await })
            })
            .await
            .expect("an API key can be created");
        key
    }
}
