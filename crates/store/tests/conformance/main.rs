//! What every engine under the store must do, written once and run on each of them.
//!
//! A case is a function over a [`World`](harness::World): an empty, migrated database of the engine
//! with a clock that is moved by hand. Adding an engine is a constructor in `harness` and one more
//! `conformance!` line at the end of this file.

#![expect(
    clippy::unwrap_used,
    reason = "cases are tests, though only the macro below marks them as such"
)]

#[macro_use]
mod harness;

mod attempts;
mod backup;
mod carriers;
mod erasures;
mod events;
mod granted;
mod idempotency;
mod jobs;
mod keys;
mod migrations;
mod paging;
mod people;
mod plans_and_subscriptions;
mod portings;
mod projects;
mod rate_limits;
mod samples;
mod schema;
mod sealing;
mod sessions;
mod simulator;
mod tables;
mod transfer;
mod user_tokens;
mod visits;
mod webhook_deliveries;
mod webhook_endpoints;
mod webhook_outbox;
mod writing;

macro_rules! cases {
    ($engine:ident $($module:ident: $($case:ident),+;)+) => {$(
        mod $module {$(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                crate::$module::$case(crate::harness::$engine().await).await;
            }
        )+}
    )+};
}

macro_rules! conformance {
    ($engine:ident) => {
        mod $engine {
            cases! { $engine
                schema:
                    migrating_again_changes_nothing,
                    an_empty_database_is_older_until_it_is_migrated,
                    what_a_later_version_added_is_noticed;
                migrations:
                    every_row_of_before_is_there_after_the_tables_became_smaller;
                projects:
                    settings_and_logo_round_trip,
                    an_id_is_taken_once,
                    keys_are_found_until_revoked;
                people:
                    a_user_round_trips_and_belongs_to_one_project,
                    an_email_address_is_unique_among_the_living_of_a_project,
                    an_erased_user_leaves_nothing_personal,
                    addresses_belong_to_their_user;
                plans_and_subscriptions:
                    a_plan_round_trips,
                    a_subscription_round_trips_in_every_status,
                    subscriptions_are_listed_by_user_plan_and_status,
                    what_does_not_exist_cannot_be_referred_to;
                portings:
                    every_field_round_trips,
                    every_state_round_trips,
                    a_change_over_a_changed_row_is_refused,
                    a_number_is_in_one_open_porting_of_a_project,
                    filters_and_counts,
                    the_table_itself_refuses_impossible_rows;
                sessions:
                    a_session_round_trips_through_its_life,
                    a_change_over_a_changed_session_is_refused,
                    overdue_links_are_found_oldest_first;
                visits:
                    columns_that_a_later_version_adds_disturb_nobody,
                    a_session_is_found_with_what_it_is_about,
                    what_a_session_has_not_is_not_found,
                    what_is_of_another_project_is_not_found;
                events:
                    sequences_count_for_each_subject_without_gaps,
                    concurrent_events_of_a_subject_are_all_numbered,
                    events_are_found_and_filtered,
                    the_audit_trail_keeps_its_order;
                erasures:
                    what_a_porting_left_is_due_when_its_waiting_is_over,
                    everything_of_a_user_is_due_at_once,
                    only_what_has_ended_is_erased;
                keys:
                    a_key_that_is_needed_is_missed_at_once,
                    keyed_hashes_outlive_a_change_of_keys,
                    everything_sealed_is_sealed_anew_and_says_the_same,
                    an_interrupted_rotation_goes_on_where_it_was,
                    values_under_an_unknown_key_stop_a_rotation,
                    no_two_columns_share_a_name;
                transfer:
                    there_and_back_over_both_engines_nothing_is_lost,
                    an_interrupted_move_goes_on_where_it_was,
                    a_target_that_holds_anything_is_refused_and_stays_as_it_is,
                    what_was_written_meanwhile_is_noticed;
                tables:
                    the_list_is_the_schema,
                    every_sealed_column_is_bytes;
                attempts:
                    an_attempt_goes_one_way,
                    answers_are_kept_word_for_word;
                carriers:
                    what_was_told_is_kept_in_its_order_word_for_word,
                    an_update_that_names_itself_is_there_once,
                    a_case_is_in_the_queue_once,
                    of_several_who_take_a_case_one_does,
                    what_waits_is_counted_by_recipient_and_state;
                jobs:
                    concurrent_claimers_never_get_the_same_job,
                    jobs_are_claimed_when_due_and_oldest_first,
                    a_lease_is_taken_over_unless_it_was_renewed,
                    of_several_who_take_over_one_does,
                    who_lost_the_lease_keeps_nothing,
                    a_job_put_back_comes_again_later,
                    news_make_a_job_due_at_once,
                    news_for_a_job_that_runs_make_it_run_again,
                    void_leases_free_every_job,
                    the_backlog_is_what_is_due,
                    work_is_forgotten_by_subject,
                    new_work_wakes_a_waiter_once_it_is_committed;
                idempotency:
                    an_answer_is_kept_for_a_day,
                    keys_belong_to_their_project;
                granted:
                    what_is_usual_costs_no_second_run,
                    what_is_not_as_it_was_taken_for_granted_is_not_kept,
                    where_it_was_not_so_just_now_nothing_is_taken_for_granted,
                    a_key_that_was_valid_is_asked_for_again,
                    a_key_that_another_process_revokes_is_not_taken_for_open_any_more,
                    a_key_that_was_open_for_nothing_is_asked_for_again,
                    a_key_is_asked_for_again_after_a_change_in_the_same_transaction;
                rate_limits:
                    a_window_holds_so_many_and_then_begins_anew,
                    a_window_of_the_future_is_over,
                    exhaustion_is_seen_without_counting,
                    concurrent_uses_are_all_counted,
                    a_use_that_is_taken_along_counts_only_with_what_it_comes_with,
                    of_concurrent_uses_that_are_taken_along_as_many_are_kept_as_may_be;
                user_tokens:
                    a_token_opens_its_session_until_its_time_is_over,
                    a_token_is_void_without_its_user;
                paging:
                    pages_lead_forwards_and_backwards_to_every_item,
                    the_ends_say_so,
                    an_anchor_outside_the_list_promises_nothing,
                    a_limit_of_none_gives_an_empty_page;
                simulator:
                    a_reference_is_received_once_and_counted_for_its_porting;
                writing:
                    an_error_undoes_its_own_operation_only,
                    so_does_an_error_after_something_was_written,
                    an_insertion_that_is_refused_undoes_its_own_operation_only,
                    a_panic_undoes_its_own_operation_only,
                    so_does_a_panic_after_something_was_written,
                    each_operation_sees_what_those_before_it_wrote,
                    what_was_answered_is_seen_by_every_operation_that_is_asked_for_then,
                    concurrent_writes_are_all_there_after_reopening,
                    a_write_goes_on_when_its_caller_is_gone,
                    a_reader_sees_one_moment,
                    a_closed_database_says_so;
                webhook_endpoints:
                    an_endpoint_round_trips_and_belongs_to_one_project,
                    a_rotated_secret_stays_beside_the_new_one,
                    an_endpoints_health_is_kept;
                webhook_outbox:
                    an_event_is_marked_where_somebody_may_want_it,
                    only_an_event_that_somebody_may_want_wakes_the_senders,
                    concurrent_takers_never_get_the_same_event,
                    an_event_that_was_made_ready_is_of_that_time,
                    events_are_found_by_time;
                webhook_deliveries:
                    a_delivery_round_trips_and_is_there_once,
                    many_deliveries_are_written_and_settled_at_once,
                    deliveries_are_taken_when_due_and_by_one,
                    a_silent_sender_loses_what_it_holds,
                    the_log_is_filtered_and_swept;
                sealing:
                    nothing_personal_is_stored_in_clear,
                    another_key_opens_nothing;
            }
        }
    };
}

conformance!(sqlite);
conformance!(postgres);

/// What holds where several transactions are under way at once.
mod several_writers {
    cases! { postgres
        writing: operations_that_take_long_hold_nobody_up;
    }
}
