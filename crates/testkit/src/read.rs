use portico_app::{AppError, portings::PortingPatch};
use portico_domain::{
    event::Actor,
    id::{PortingId, SubscriptionId},
    porting::{DetailsPatch, Porting},
    subscription::Subscription,
};
use portico_store::{
    attempts::{self, Attempt},
    events::{self, Event},
    jobs, simulator,
};

use crate::{TestApp, make::backend};

impl TestApp {
    /// The porting as it is now.
    pub async fn porting(&self, id: PortingId) -> Porting {
        let mut tx = self.app.read().await.expect("the database reads");
        portico_app::portings::get(&mut tx, &self.project.id, id)
            .await
            .expect("the porting is there")
    }

    /// The subscription as it is now.
    pub async fn subscription_now(&self, id: SubscriptionId) -> Subscription {
        let mut tx = self.app.read().await.expect("the database reads");
        portico_app::subscriptions::get(&mut tx, &self.project.id, id)
            .await
            .expect("the subscription is there")
    }

    /// A resource's events, oldest first.
    pub async fn events(&self, subject: impl std::fmt::Display) -> Vec<Event> {
        let mut tx = self.app.read().await.expect("the database reads");
        events::of_subject(&mut tx, &subject.to_string())
            .await
            .expect("events can be read")
    }

    /// The types of a resource's events, oldest first.
    pub async fn event_types(&self, subject: impl std::fmt::Display) -> Vec<String> {
        let events = self.events(subject).await;
        events.into_iter().map(|event| event.kind).collect()
    }

    /// A porting's attempts, first to last.
    pub async fn attempts(&self, id: PortingId) -> Vec<Attempt> {
        let mut tx = self.app.read().await.expect("the database reads");
        attempts::of_porting(&mut tx, id)
            .await
            .expect("attempts can be read")
    }

    /// What carriers said about a porting, oldest first: `declined 8C applied`, or
    /// `completed SIM-00 kept only` for what came twice or too late.
    pub async fn answers(&self, id: PortingId) -> Vec<String> {
        let mut tx = self.app.read().await.expect("the database reads");
        let answers = attempts::answers_of(&mut tx, id)
            .await
            .expect("answers can be read");
        answers
            .into_iter()
            .map(|answer| {
                let is_kept = answer.raw_text.is_some() || answer.outcome != "declined";
                assert!(is_kept, "the carrier's words are kept");
                let effect = if answer.applied {
                    "applied"
                } else {
                    "kept only"
                };
                let raw = answer.raw_code.unwrap_or_default();
                format!("{} {raw} {effect}", answer.outcome)
            })
            .collect()
    }

    /// How many jobs wait or run.
    pub async fn jobs(&self) -> u32 {
        let mut tx = self.app.read().await.expect("the database reads");
        jobs::count(&mut tx).await.expect("jobs can be counted")
    }

    /// How often `call` about an attempt ended with `result` at the simulator.
    pub async fn simulator_calls(&self, reference: &str, call: &str, result: &str) -> u32 {
        let mut tx = self.app.read().await.expect("the database reads");
        simulator::count_calls(&mut tx, reference, call, result)
            .await
            .expect("the simulator's books can be read")
    }

    /// Changes a porting the way the JSON API's PATCH does.
    ///
    /// # Errors
    /// As [`portico_app::portings::update`].
    pub async fn patch(&self, id: PortingId, details: DetailsPatch) -> Result<Porting, AppError> {
        let before = self.porting(id).await;
        let patch = PortingPatch {
            details,
            ..PortingPatch::default()
        };
        self.app
            .write(move |tx, _| {
                let (before, change) = (before.clone(), (patch.clone(), None));
                Box::pin(async move {
                    portico_app::portings::update(tx, (&backend(), before), change).await
                })
            })
            .await
    }

    /// Cancels a porting the way the JSON API does.
    ///
    /// # Errors
    /// As [`portico_app::portings::cancel`].
    pub async fn cancel(&self, id: PortingId) -> Result<Porting, AppError> {
        let before = self.porting(id).await;
        self.app
            .write(move |tx, _| {
                let before = before.clone();
                let actor: Actor = backend();
                Box::pin(async move { portico_app::portings::cancel(tx, &actor, before).await })
            })
            .await
    }
}
