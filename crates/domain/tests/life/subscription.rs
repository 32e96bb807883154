//! What the end of a porting makes of its subscription.

use portico_domain::{
    id::{PlanId, UserId},
    porting::Status,
    subscription::{Subscription, SubscriptionStatus as Is},
};

use crate::support::*;

fn with_status(status: Is) -> Subscription {
    Subscription {
        id: subscription(),
        project: "acme".to_owned(),
        plan: PlanId::from_parts(1, 0, [0; 12]),
        user: UserId::from_parts(1, 0, [0; 12]),
        porting: None,
        phone_number: Some("+12015550199".to_owned()),
        status,
        user_address: None,
        metadata: Default::default(),
        created_at: at(0),
        activated_at: (status != Is::Pending).then(|| at(1)),
        canceled_at: None,
        ended_at: None,
    }
}

#[test]
fn a_waiting_subscription_follows_its_porting() {
    for (end, status, number) in [
        (Status::Completed, Is::Active, "+12015550123"),
        (Status::Canceled, Is::Active, "+12015550199"),
        (Status::Expired, Is::Ended, "+12015550199"),
        (Status::Failed, Is::Pending, "+12015550199"),
        (Status::Declined, Is::Pending, "+12015550199"),
    ] {
        let mut subscription = with_status(Is::Pending);
        let changed = subscription.porting_ended(end, Some("+12015550123"), at(9));
        assert_eq!(changed, status != Is::Pending, "{end}");
        assert_eq!(subscription.status, status, "{end}");
        assert_eq!(subscription.phone_number.as_deref(), Some(number), "{end}");
        assert_eq!(
            subscription.activated_at,
            (status == Is::Active).then(|| at(9))
        );
        assert_eq!(subscription.ended_at, (status == Is::Ended).then(|| at(9)));
    }
}

#[test]
fn an_active_subscription_only_gets_the_number() {
    for end in [Status::Completed, Status::Canceled, Status::Expired] {
        let mut subscription = with_status(Is::Active);
        let changed = subscription.porting_ended(end, Some("+12015550123"), at(9));
        assert_eq!(changed, end == Status::Completed);
        assert_eq!(subscription.status, Is::Active);
        assert_eq!(
            subscription.activated_at,
            Some(at(1)),
            "the first time counts"
        );
    }
}
