//! The stories.

use jiff::SignedDuration;
use portico_domain::{id::PortingId, porting::State};

use crate::world::{Story, World};

/// A port that goes well.
pub async fn it_is_accepted_and_completes(world: &World) {
    let id = world.port(Story::Completes).await;
    world.work().await;
    assert_eq!(world.status(id).await, "requested");
    world.carrier_goes_on(id).await;
    assert_eq!(world.status(id).await, "completed");
    world.check_books(id).await;
    assert_eq!(world.test.attempts(id).await[0].calls, 1);
}

/// A delay is not an answer.
pub async fn a_delay_changes_nothing_but_what_is_known(world: &World) {
    let id = world.port(Story::Delays).await;
    world.work().await;
    world.carrier_goes_on(id).await;
    let porting = world.test.porting(id).await;
    let is_delayed = matches!(
        porting.state,
        State::Requested {
            delayed_at: Some(_)
        }
    );
    assert!(is_delayed, "it is {}", porting.status());
    world.ask(id).await;
    world.carrier_goes_on(id).await;
    assert_eq!(world.status(id).await, "completed");
    let delays = answers_that_start(world, id, "delayed").await;
    assert_eq!(delays, 1, "what it repeats is not written down again");
    world.check_books(id).await;
}

/// A day that is fixed is not an end either.
pub async fn a_fixed_day_is_told_and_waited_for(world: &World) {
    let id = world.port(Story::FixesADay).await;
    world.work().await;
    world.carrier_goes_on(id).await;
    let porting = world.test.porting(id).await;
    assert_eq!(porting.status().as_str(), "requested");
    assert!(porting.details.scheduled_on.is_some(), "the day is known");
    world.ask(id).await;
    assert_eq!(answers_that_start(world, id, "foc").await, 1);
    world.carrier_goes_on(id).await;
    assert_eq!(world.status(id).await, "completed");
    world.check_books(id).await;
}

/// Whatever the carrier refuses, it is told as what it is, kept as it was said, and can be sent again.
pub async fn each_decline_is_told_and_what_can_be_repaired_completes(world: &World) {
    for decline in world.carrier.declines() {
        let id = world.port(Story::Declines(decline.clone())).await;
        world.work().await;
        world.carrier_goes_on(id).await;
        let porting = world.test.porting(id).await;
        let State::Declined(told) = &porting.state else {
            panic!("after {decline:?} it is {}", porting.status());
        };
        assert_eq!(told.code, decline.means, "{decline:?}");
        let kept = world.test.answers(id).await;
        assert_eq!(kept, [format!("declined {} applied", decline.code)]);
        if !decline.means.can_be_repaired() {
            continue;
        }
        world.repair(id).await;
        world.work().await;
        assert_eq!(world.status(id).await, "requested", "{decline:?}");
        world.ask(id).await;
        assert_eq!(
            world.status(id).await,
            "requested",
            "an old answer is not a new one"
        );
        world.carrier_goes_on(id).await;
        assert_eq!(world.status(id).await, "completed", "{decline:?}");
        world.check_books(id).await;
        if let Some(requests) = world.carrier.requests(porting.phone_number.as_str()) {
            assert_eq!(requests, 1, "what was declined is changed, not made again");
        }
    }
}

/// A port that is called off after it may have got there is called off at the carrier.
pub async fn a_canceled_port_is_called_off_where_it_got_to(world: &World) {
    let id = world.port(Story::SilentAfter).await;
    world.work().await;
    assert_eq!(world.status(id).await, "pending");
    world.test.cancel(id).await.expect("it can be canceled");
    world.work_later().await;
    assert_eq!(world.status(id).await, "canceled");
    let reference = format!("{id}-1");
    assert!(world.carrier.called_off(world, &reference).await);
    assert_eq!(world.carrier.taken(world, &reference).await, 1);
    assert_eq!(world.test.jobs().await, 0, "nothing is left to do");
}

/// One that was declined is still with the carrier, and is called off there too.
pub async fn a_declined_port_that_is_canceled_is_called_off(world: &World) {
    let decline = world.carrier.declines().remove(0);
    let id = world.port(Story::Declines(decline)).await;
    world.work().await;
    world.carrier_goes_on(id).await;
    assert_eq!(world.status(id).await, "declined");
    world.test.cancel(id).await.expect("it can be canceled");
    world.work_later().await;
    assert!(world.carrier.called_off(world, &format!("{id}-1")).await);
    assert_eq!(world.test.jobs().await, 0, "nothing is left to do");
}

/// So is one whose repair was canceled before the carrier had it.
pub async fn a_repair_canceled_before_it_was_sent_calls_off_what_was_declined(world: &World) {
    let mut declines = world.carrier.declines().into_iter();
    let decline = declines.find(|it| it.means.can_be_repaired());
    let decline = decline.expect("something can be repaired");
    let id = world.port(Story::Declines(decline)).await;
    world.work().await;
    world.carrier_goes_on(id).await;
    world.repair(id).await;
    world.test.cancel(id).await.expect("it can be canceled");
    world.work_later().await;
    assert!(world.carrier.called_off(world, &format!("{id}-1")).await);
    assert_eq!(world.test.jobs().await, 0, "nothing is left to do");
}

/// A port without an end expires and is called off.
pub async fn a_port_that_finds_no_end_expires(world: &World) {
    let id = world.port(Story::NeverEnds).await;
    world.work().await;
    assert_eq!(world.status(id).await, "requested");
    world.test.advance(SignedDuration::from_hours(30 * 24));
    world.work().await;
    assert_eq!(world.status(id).await, "expired");
    world.work_later().await;
    assert!(world.carrier.called_off(world, &format!("{id}-1")).await);
    world.check_books(id).await;
}

/// The carrier gives a port up by itself: there is nothing to call off.
pub async fn a_port_that_the_carrier_gives_up_expires(world: &World) {
    let id = world.port(Story::Expires).await;
    world.work().await;
    assert_eq!(world.status(id).await, "requested");
    world.work_later().await;
    assert_eq!(world.status(id).await, "expired");
    assert!(!world.carrier.called_off(world, &format!("{id}-1")).await);
    world.check_books(id).await;
}

/// Notices only make us ask: twice, early, late and after the end.
pub async fn notices_may_come_twice_and_out_of_turn(world: &World) {
    let id = world.port(Story::Delays).await;
    let reference = format!("{id}-1");
    world.notice(&reference).await;
    world.work().await;
    for _ in 0..2 {
        world
            .carrier
            .go_on(world, &world.test.porting(id).await)
            .await;
        world.notice(&reference).await;
        world.notice(&reference).await;
        world.work().await;
    }
    assert_eq!(
        world.status(id).await,
        "completed",
        "without waiting for the next look"
    );
    let before = world.test.events(id).await.len();
    world.notice(&reference).await;
    world.notice("nobody's").await;
    world.work_later().await;
    assert_eq!(world.test.events(id).await.len(), before);
    world.check_books(id).await;
}

/// The carrier had not acted: it gets the request when it is there again.
pub async fn silence_before_the_carrier_acted_loses_nothing(world: &World) {
    let id = world.port(Story::SilentBefore).await;
    comes_through(world, id).await;
}

/// The carrier had acted: it does not get the request again.
pub async fn silence_after_the_carrier_acted_sends_nothing_twice(world: &World) {
    let id = world.port(Story::SilentAfter).await;
    comes_through(world, id).await;
}

async fn comes_through(world: &World, id: PortingId) {
    world.work().await;
    assert_eq!(world.status(id).await, "pending", "kept, and will be sent");
    let mut tx = world.test.app.read().await.expect("the store answers");
    let porting = world.test.porting(id).await;
    let is_held = portico_app::portings::is_held(&mut tx, &porting).await;
    assert!(
        is_held.expect("the store answers"),
        "the subscriber is told so"
    );
    drop(tx);
    for _ in 0..3 {
        world.work_later().await;
    }
    completes(world, id, "the carrier answers again").await;
}

/// It is completed, or is as soon as the carrier goes on, and nothing was sent twice.
async fn completes(world: &World, id: PortingId, after: &str) {
    if world.status(id).await != "completed" {
        world.carrier_goes_on(id).await;
    }
    assert_eq!(world.status(id).await, "completed", "{after}");
    world.check_books(id).await;
}

/// Wherever the process ends, the request reaches the carrier once.
pub async fn a_restart_at_any_point_sends_nothing_twice_and_loses_nothing(world: &World) {
    for turns in (1..60).step_by(3) {
        let id = world.port(Story::Completes).await;
        world.work_and_die(turns).await;
        world.work_later().await;
        completes(world, id, &format!("died after {turns} turns")).await;
    }
}

/// The same for a request that mends a declined one.
pub async fn a_restart_at_any_point_of_a_repair_confirms_it_once(world: &World) {
    let mut declines = world.carrier.declines().into_iter();
    let decline = declines.find(|it| it.means.can_be_repaired());
    let decline = decline.expect("something can be repaired");
    for turns in (1..60).step_by(3) {
        let id = world.port(Story::Declines(decline.clone())).await;
        world.work().await;
        world.carrier_goes_on(id).await;
        assert_eq!(world.status(id).await, "declined");
        world.repair(id).await;
        world.work_and_die(turns).await;
        world.work_later().await;
        completes(world, id, &format!("died after {turns} turns")).await;
    }
}

async fn answers_that_start(world: &World, id: PortingId, outcome: &str) -> usize {
    let answers = world.test.answers(id).await;
    answers.iter().filter(|it| it.starts_with(outcome)).count()
}
