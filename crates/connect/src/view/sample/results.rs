//! The pages that tell a result, and those at the edges of the flow.

use crate::view::sample::forms::page;
use crate::view::sample::{Sample, frame, framed_frame, nameless_frame, other_frame};
use crate::view::*;

pub(super) fn samples(theme: Theme) -> Vec<Sample> {
    let mut all = outcomes(theme);
    all.extend(declines(theme));
    all.extend(overviews(theme));
    all.extend(links(theme));
    all.extend(ways_out(theme));
    all
}

fn back() -> WayOut {
    WayOut::Back {
        action: "/portal/s/csn_sample/return".to_owned(),
        form_token: "form-token".to_owned(),
    }
}

fn stay() -> WayOut {
    WayOut::Stay {
        refresh_href: "/portal/s/csn_sample/status".to_owned(),
    }
}

fn transfer() -> Transfer {
    Transfer {
        act: Act::Transfer,
        phone_number: "+1 959-555-0100".to_owned(),
        donor: Some("Verizon".to_owned()),
        reference: "prt_0SNlurA049MEWV2gQoxxxxxxyz12".to_owned(),
        expected: Some("within 24 hours".to_owned()),
    }
}

fn outcomes(theme: Theme) -> Vec<Sample> {
    let outro = |frame, is_held, way_out| Outro {
        frame,
        transfer: transfer(),
        is_held,
        status_href: "/portal/s/csn_sample/status".to_owned(),
        way_out,
    };
    let status = |frame, stage, way_out| Status {
        frame,
        transfer: transfer(),
        stage,
        as_of: Some("November 23, 3:20 PM".to_owned()),
        way_out,
        refresh_href: "/portal/s/csn_sample/status".to_owned(),
    };
    let scheduled = Stage::Scheduled {
        on: "Monday, December 1".to_owned(),
    };
    let mut unknown = status(frame(theme), Stage::Requested, stay());
    unknown.transfer.donor = None;
    unknown.transfer.expected = None;
    let mut cancel = outro(frame(theme), false, back());
    cancel.transfer.act = Act::CancelOnly;
    vec![
        page("outro", "outro", &outro(frame(theme), false, back())),
        page("outro-held", "outro", &outro(frame(theme), true, back())),
        page(
            "outro-stay",
            "outro",
            &outro(other_frame(theme), false, stay()),
        ),
        page(
            "status-pending",
            "status",
            &status(frame(theme), Stage::Pending, back()),
        ),
        page(
            "status-requested",
            "status",
            &status(other_frame(theme), Stage::Requested, back()),
        ),
        page(
            "status-scheduled",
            "status",
            &status(frame(theme), scheduled, back()),
        ),
        page(
            "status-delayed",
            "status",
            &status(frame(theme), Stage::Delayed, back()),
        ),
        page(
            "status-held",
            "status",
            &status(frame(theme), Stage::Held, back()),
        ),
        page("status-unknown", "status", &unknown),
        page("outro-cancel", "outro", &cancel),
    ]
}

fn declines(theme: Theme) -> Vec<Sample> {
    let of = |frame, code: &str, way_out| Declined {
        frame,
        code: code.to_owned(),
        transfer: transfer(),
        way_out,
    };
    let not_active = "portingPhoneNumberNotActive";
    let mismatch = "portingUserInformationMismatch";
    vec![
        page("error", "error", &of(frame(theme), not_active, back())),
        page(
            "error-no-contact",
            "error",
            &of(other_frame(theme), mismatch, back()),
        ),
        page(
            "error-stay",
            "error",
            &of(frame(theme), "portingDeclined", stay()),
        ),
        page(
            "error-alone",
            "error",
            &of(other_frame(theme), "somethingNew", stay()),
        ),
    ]
}

fn overviews(theme: Theme) -> Vec<Sample> {
    let of = |status, porting, way_out| Overview {
        frame: frame(theme),
        plan: "Roam Light".to_owned(),
        price: Some("$20.00 per month".to_owned()),
        allowances: vec![
            "5 GB of data".to_owned(),
            "Unlimited calls and texts".to_owned(),
        ],
        phone_number: Some("+1 959-555-0100".to_owned()),
        status,
        porting,
        way_out,
    };
    let porting = |state, on: Option<&str>| {
        let phone_number = "+1 959-555-0100".to_owned();
        Some(LastPorting {
            phone_number,
            act: Act::Transfer,
            state,
            on: on.map(str::to_owned),
        })
    };
    let done = porting(PortingState::Completed, Some("November 21, 2026"));
    let mut bare = of(SubscriptionStatus::Pending, None, stay());
    bare.price = None;
    bare.allowances.clear();
    bare.phone_number = None;
    let failed = porting(PortingState::Expired, Some("November 2, 2026"));
    vec![
        page(
            "overview",
            "overview",
            &of(SubscriptionStatus::Active, done, back()),
        ),
        page("overview-bare", "overview", &bare),
        page(
            "overview-ended",
            "overview",
            &of(SubscriptionStatus::Ended, failed, back()),
        ),
    ]
}

fn links(theme: Theme) -> Vec<Sample> {
    let back_href = || Some("/portal/s/csn_sample/return".to_owned());
    let of = |frame, reason, back_href| Expired {
        frame,
        reason,
        back_href,
    };
    let unknown = of(nameless_frame(theme), ExpiredReason::Unknown, None);
    let ended = of(frame(theme), ExpiredReason::SessionEnded, None);
    vec![
        page(
            "expired-used",
            "expired",
            &of(frame(theme), ExpiredReason::AlreadyUsed, back_href()),
        ),
        page(
            "expired-link",
            "expired",
            &of(frame(theme), ExpiredReason::LinkExpired, back_href()),
        ),
        page("expired-session", "expired", &ended),
        page(
            "expired-app",
            "expired",
            &of(frame(theme), ExpiredReason::OpenFromApp, None),
        ),
        page("expired-unknown", "expired", &unknown),
    ]
}

fn ways_out(theme: Theme) -> Vec<Sample> {
    let leave = |returns| Leave {
        frame: frame(theme),
        action: "/portal/s/csn_sample/leave".to_owned(),
        form_token: "form-token".to_owned(),
        stay_href: "/portal/s/csn_sample/carrier".to_owned(),
        returns,
    };
    let web = Destination::Web {
        host: "app.juniper.example".to_owned(),
    };
    let to_web = "https://app.juniper.example/back?a=1&session_id=csn_sample&status=success";
    let to_app = "juniper://port?session_id=csn_sample&status=success";
    let leaving = |target: &str, destination| Leaving {
        frame: frame(theme),
        target: target.to_owned(),
        destination,
    };
    let framed = Leaving {
        frame: framed_frame(theme),
        ..leaving(to_web, web.clone())
    };
    let aborted = Aborted {
        frame: frame(theme),
        resume_href: "/portal/s/csn_sample/carrier".to_owned(),
    };
    let retry_href = || "/portal/s/csn_sample".to_owned();
    let busy = Unavailable {
        frame: frame(theme),
        trouble: Trouble::Busy,
        retry_href: Some(retry_href()),
    };
    let not_taken = Unavailable {
        frame: nameless_frame(theme),
        trouble: Trouble::NotTaken,
        retry_href: None,
    };
    let slow = TooManyRequests {
        frame: frame(theme),
        wait_minutes: 3,
        retry_href: retry_href(),
    };
    vec![
        page("leave", "leave", &leave(true)),
        page("leave-stay", "leave", &leave(false)),
        page("leaving", "leaving", &leaving(to_web, web)),
        page("leaving-framed", "leaving", &framed),
        page("leaving-app", "leaving", &leaving(to_app, Destination::App)),
        page("aborted", "aborted", &aborted),
        page("unavailable", "unavailable", &busy),
        page("not-taken", "unavailable", &not_taken),
        page("too-many", "tooManyRequests", &slow),
    ]
}
