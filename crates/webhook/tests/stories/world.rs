use std::{ops::Deref, time::Duration};

use jiff::SignedDuration;
use portico_app::{Config, webhooks};
use portico_domain::{
    event::Actor,
    id::{EventId, WebhookEndpointId},
    webhook::{DeliveryState, EndpointStatus, TypePattern, WebhookEndpoint},
};
use portico_outgoing::{AddressPolicy, Client};
use portico_store::{
    PageRequest,
    webhooks::deliveries::{self, Delivery},
};
use portico_testkit::{Options, TestApp, receiver::Receiver};
use portico_webhook::Dispatcher;
use secrecy::{ExposeSecret, SecretString};

/// How long a call may take in these tests.
const LIMIT: Duration = Duration::from_millis(600);
/// The same for [`World::patient`].
pub const PATIENCE: Duration = Duration::from_secs(5);

/// A test app with a dispatcher.
pub struct World {
    test: TestApp,
    pub dispatcher: Dispatcher,
}

impl Deref for World {
    type Target = TestApp;

    fn deref(&self) -> &TestApp {
        &self.test
    }
}

impl World {
    pub async fn new() -> Self {
        let config = Config {
            outgoing: AddressPolicy::with_loopback(),
            ..Config::default()
        };
        let options = Options {
            config,
            ..Options::default()
        };
        Self::around(TestApp::with(options).await)
    }

    fn around(test: TestApp) -> Self {
        let dispatcher = dispatcher(&test);
        Self { test, dispatcher }
    }

    /// What the next process finds: the same database, a dispatcher of another name, and no lease of
    /// the old one: they were voided, or have run out.
    pub async fn restart(self) -> Self {
        let world = Self::around(self.test.reopen().await);
        let voided = world.app.write(|tx, _| {
            Box::pin(async move { Ok(portico_store::webhooks::senders::void_leases(tx).await?) })
        });
        voided.await.unwrap();
        world
    }

    /// The same with more time for a call: enough for every receiver that answers at all.
    pub fn patient(self) -> Self {
        let client = Client::new(self.test.app.config.outgoing.clone()).with_total(PATIENCE);
        let dispatcher = Dispatcher::with_client(self.test.app.clone(), client);
        Self { dispatcher, ..self }
    }

    /// Another dispatcher on the same database.
    pub fn another(&self) -> Dispatcher {
        dispatcher(&self.test)
    }

    /// An endpoint that is told everything.
    pub async fn endpoint(&self, url: &str) -> (WebhookEndpoint, SecretString) {
        self.endpoint_of(url, &["*"]).await
    }

    pub async fn endpoint_of(&self, url: &str, types: &[&str]) -> (WebhookEndpoint, SecretString) {
        let types = types
            .iter()
            .map(|it| TypePattern::parse(it, "com.portico."));
        let new = webhooks::Create {
            url: url.to_owned(),
            types: types.collect::<Result<_, _>>().unwrap(),
            description: None,
            status: EndpointStatus::Enabled,
        };
        let project = self.project.clone();
        let made = self.app.write(move |tx, app| {
            let (project, new) = (project.clone(), new.clone());
            Box::pin(async move { webhooks::create(tx, &app, (&backend(), &project), new).await })
        });
        made.await.unwrap()
    }

    pub async fn endpoint_now(&self, id: WebhookEndpointId) -> WebhookEndpoint {
        let mut tx = self.app.read().await.unwrap();
        webhooks::get(&mut tx, "acme", id).await.unwrap()
    }

    pub async fn change(&self, id: WebhookEndpointId, change: webhooks::Update) {
        let changed = self.app.write(move |tx, app| {
            let change = change.clone();
            Box::pin(async move {
                let before = webhooks::get(tx, "acme", id).await?;
                webhooks::update(tx, &app, (&backend(), before), change).await
            })
        });
        changed.await.unwrap();
    }

    pub async fn rotate(&self, id: WebhookEndpointId) -> SecretString {
        let rotated = self.app.write(move |tx, _| {
            Box::pin(async move {
                let endpoint = webhooks::get(tx, "acme", id).await?;
                webhooks::rotate_secret(tx, &backend(), &endpoint).await
            })
        });
        rotated.await.unwrap()
    }

    /// An endpoint's deliveries, oldest first.
    pub async fn deliveries(&self, id: WebhookEndpointId) -> Vec<Delivery> {
        let page = PageRequest {
            limit: 200,
            ..PageRequest::default()
        };
        let mut tx = self.app.read().await.unwrap();
        let found = deliveries::list(&mut tx, id, (None, None), &page).await;
        found.unwrap().items.into_iter().rev().collect()
    }

    /// An endpoint's deliveries in a few words: `waiting 3` is a delivery tried three times.
    pub async fn log(&self, id: WebhookEndpointId) -> Vec<String> {
        let all = self.deliveries(id).await;
        let words = |it: &Delivery| format!("{} {}", it.state.as_str(), it.attempts.len());
        all.iter().map(words).collect()
    }

    pub async fn only(&self, id: WebhookEndpointId) -> Delivery {
        let mut all = self.deliveries(id).await;
        assert_eq!(all.len(), 1);
        all.remove(0)
    }

    /// Moves the clock and delivers what has become due.
    pub async fn after_seconds(&self, seconds: i64) {
        self.advance(SignedDuration::from_secs(seconds));
        self.dispatcher.drain().await;
    }

    pub async fn resend(&self, event: EventId, endpoint: Option<WebhookEndpointId>) -> u32 {
        let sent = self.app.write(move |tx, _| {
            Box::pin(async move { webhooks::redeliver_event(tx, "acme", event, endpoint).await })
        });
        sent.await.unwrap()
    }
}

pub fn backend() -> Actor {
    Actor::ApiKey("apk_test".to_owned())
}

fn dispatcher(test: &TestApp) -> Dispatcher {
    let client = Client::new(test.app.config.outgoing.clone()).with_total(LIMIT);
    Dispatcher::with_client(test.app.clone(), client)
}

/// Whether the independent implementation takes a request for one that `secret` signed.
pub fn is_signed(receiver: &Receiver, nth: usize, secret: &SecretString) -> bool {
    let request = receiver.received().remove(nth);
    let verifier = standardwebhooks::Webhook::new(secret.expose_secret()).unwrap();
    let mut headers = http::HeaderMap::new();
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        headers.insert(name, request.header(name).parse().unwrap());
    }
    verifier.verify(request.body.as_bytes(), &headers).is_ok()
}

pub fn is_delivered(delivery: &Delivery) -> bool {
    delivery.state == DeliveryState::Delivered
}
