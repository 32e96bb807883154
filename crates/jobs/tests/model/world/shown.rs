//! What there is to see after a step.

use portico_app::{AppError, portings, wire::PortingResource};
use portico_domain::{
    id::{PortingId, SubscriptionId},
    porting::Porting,
};

use super::{ACCOUNTS, REASONS, Scene};
use crate::{
    gateway::code,
    model::{BooksShown, PortingShown, Shown, SubscriptionShown},
    story::Slot,
};

impl Scene<'_> {
    pub(super) async fn porting(&self, slot: Slot) -> Option<Porting> {
        self.find(self.porting_in[slot]?).await
    }

    async fn find(&self, id: PortingId) -> Option<Porting> {
        let mut tx = self.world.test.app.read().await.unwrap();
        match portings::get(&mut tx, &self.world.test.project.id, id).await {
            Ok(porting) => Some(porting),
            Err(AppError::NotFound(_)) => None,
            Err(error) => panic!("{error:?}"),
        }
    }

    /// Everything as the API shows it.
    pub async fn shown(&self) -> Shown {
        let mut portings = Vec::new();
        for id in &self.portings {
            portings.push(shown(self.find(*id).await));
        }
        let mut subscriptions = Vec::new();
        for id in &self.subscriptions {
            subscriptions.push(self.subscription(*id).await);
        }
        (portings, subscriptions)
    }

    async fn subscription(&self, id: SubscriptionId) -> SubscriptionShown {
        let now = self.world.test.subscription_now(id).await;
        let porting = self.portings.iter().position(|it| Some(*it) == now.porting);
        (now.status.as_str(), now.phone_number.is_some(), porting)
    }

    /// The carrier's books and what was told. Events have no gap, no attempt came twice.
    pub async fn books(&self) -> BooksShown {
        let mut all = Vec::new();
        for id in &self.portings {
            let mut attempts = Vec::new();
            for attempt in self.world.test.attempts(*id).await {
                let request = self.world.gateway.request(&attempt.reference);
                let request = request.unwrap_or_default();
                assert!(
                    request.times <= 1,
                    "{} came {} times",
                    attempt.reference,
                    request.times
                );
                attempts.push((request.times == 1, request.called_off));
            }
            let events = self.world.test.events(id).await;
            let numbers = events.iter().map(|event| event.sequence);
            assert!(numbers.eq((1..).take(events.len())), "events have gaps");
            let told = events.iter().filter(|it| it.kind == "porting.requested");
            all.push((attempts, u32::try_from(told.count()).unwrap()));
        }
        all
    }
}

fn shown(porting: Option<Porting>) -> PortingShown {
    let Some(porting) = porting else {
        return ("deleted", 0, false, None, None);
    };
    let resource = PortingResource::from(&porting);
    let resource = serde_json::to_value(&resource).unwrap();
    assert_eq!(resource["status"], porting.status().as_str());
    let account = resource["accountNumber"].as_str();
    let reason = resource["declinedCode"].as_str();
    (
        porting.status().as_str(),
        porting.declined_attempts,
        resource["accountPinExists"].as_bool().unwrap(),
        account.map(|text| ACCOUNTS.iter().position(|it| *it == text).unwrap()),
        reason.map(|text| {
            REASONS
                .into_iter()
                .find(|it| code(*it).as_str() == text)
                .unwrap()
        }),
    )
}
