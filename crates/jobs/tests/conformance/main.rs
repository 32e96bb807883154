//! What every gateway must do, told once and run on each.
//!
//! A gateway takes part by a [`world::Carrier`]: it brings the carrier to a story, lets it go on, and
//! looks into its books. Which stories a carrier is told is written here, so that one it cannot tell is
//! left out in plain sight.

#[cfg(feature = "contract")]
mod contract;
mod ends;
mod http;
mod manual;
mod script;
mod simulator;
mod suite;
mod telnyx;
mod world;

/// The stories of [`suite`] as tests of one carrier.
macro_rules! conformance {
    ($carrier:expr; $($story:ident),* $(,)?) => {
        $(
            #[tokio::test]
            async fn $story() {
                crate::suite::$story(&crate::world::World::of($carrier.await).await).await;
            }
        )*
    };
}

mod on_the_simulator {
    use crate::simulator::Simulated;

    conformance!(async { Simulated };
        it_is_accepted_and_completes,
        a_delay_changes_nothing_but_what_is_known,
        each_decline_is_told_and_what_can_be_repaired_completes,
        a_canceled_port_is_called_off_where_it_got_to,
        a_declined_port_that_is_canceled_is_called_off,
        a_repair_canceled_before_it_was_sent_calls_off_what_was_declined,
        a_port_that_the_carrier_gives_up_expires,
        notices_may_come_twice_and_out_of_turn,
        silence_before_the_carrier_acted_loses_nothing,
        silence_after_the_carrier_acted_sends_nothing_twice,
        a_restart_at_any_point_sends_nothing_twice_and_loses_nothing,
        a_restart_at_any_point_of_a_repair_confirms_it_once,
    );
}

mod on_telnyx {
    use crate::telnyx::FakeCarrier;

    conformance!(FakeCarrier::start();
        it_is_accepted_and_completes,
        a_delay_changes_nothing_but_what_is_known,
        a_fixed_day_is_told_and_waited_for,
        each_decline_is_told_and_what_can_be_repaired_completes,
        a_canceled_port_is_called_off_where_it_got_to,
        a_declined_port_that_is_canceled_is_called_off,
        a_repair_canceled_before_it_was_sent_calls_off_what_was_declined,
        a_port_that_finds_no_end_expires,
        notices_may_come_twice_and_out_of_turn,
        silence_before_the_carrier_acted_loses_nothing,
        silence_after_the_carrier_acted_sends_nothing_twice,
        a_restart_at_any_point_sends_nothing_twice_and_loses_nothing,
        a_restart_at_any_point_of_a_repair_confirms_it_once,
    );
}

mod on_http {
    use crate::http::BehindABackend;

    conformance!(BehindABackend::start();
        it_is_accepted_and_completes,
        a_delay_changes_nothing_but_what_is_known,
        a_fixed_day_is_told_and_waited_for,
        each_decline_is_told_and_what_can_be_repaired_completes,
        a_canceled_port_is_called_off_where_it_got_to,
        a_declined_port_that_is_canceled_is_called_off,
        a_repair_canceled_before_it_was_sent_calls_off_what_was_declined,
        a_port_that_finds_no_end_expires,
        notices_may_come_twice_and_out_of_turn,
        silence_before_the_carrier_acted_loses_nothing,
        silence_after_the_carrier_acted_sends_nothing_twice,
        a_restart_at_any_point_sends_nothing_twice_and_loses_nothing,
        a_restart_at_any_point_of_a_repair_confirms_it_once,
    );
}

mod on_manual {
    use crate::manual::Portal;

    // What was declined is over at a portal: there is nothing to call off.
    conformance!(Portal::open();
        it_is_accepted_and_completes,
        a_delay_changes_nothing_but_what_is_known,
        a_fixed_day_is_told_and_waited_for,
        each_decline_is_told_and_what_can_be_repaired_completes,
        a_canceled_port_is_called_off_where_it_got_to,
        a_port_that_finds_no_end_expires,
        notices_may_come_twice_and_out_of_turn,
        silence_before_the_carrier_acted_loses_nothing,
        silence_after_the_carrier_acted_sends_nothing_twice,
        a_restart_at_any_point_sends_nothing_twice_and_loses_nothing,
        a_restart_at_any_point_of_a_repair_confirms_it_once,
    );
}
