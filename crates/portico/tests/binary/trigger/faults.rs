//! `portico trigger` where connections break and the server is unwell.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::{
    developer::Developer,
    front::{Fate, Front, Seen},
};

/// Whether the server does something at this request.
fn acts(seen: &Seen) -> bool {
    seen.line.starts_with("POST ") || seen.line.starts_with("DELETE ")
}

/// Makes an event happen through `front`; what was said to standard error meanwhile.
fn trigger_through(front: &Front, developer: &Developer, event: &str) -> String {
    let args = ["trigger", event, "--project", "acme", "--server"];
    let args = [&args[..], &[&front.url]].concat();
    let mut command = developer.home.command(&args);
    let output = command.env("PORTICO_API_KEY", &developer.key).output();
    let output = output.expect("a process");
    let errors = String::from_utf8(output.stderr).expect("text");
    assert!(output.status.success(), "{event}: {errors}");
    errors
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_after_the_server_acted_doubles_nothing() {
    let developer = Developer::new();
    let front = Front::of(&developer.server, |seen| {
        if acts(seen) && seen.is_on_kept_connection {
            Fate::Cut
        } else {
            Fate::Answered
        }
    });
    let front = front.await;
    for event in ["connectSession.completed", "webhookEndpoint.disabled"] {
        trigger_through(&front, &developer, event);
    }
    let backend = developer.backend();
    for made in ["users", "portings", "subscriptions"] {
        let list = backend.get(made).await;
        let items = list["items"].as_array().expect("a list");
        assert_eq!(items.len(), 1, "{made}");
    }
    let seen = front.seen();
    let (api, forms): (Vec<_>, Vec<_>) = seen
        .iter()
        .filter(|it| acts(it))
        .partition(|it| it.line.contains(" /projects/"));
    assert!(
        api.iter().any(|it| it.is_on_kept_connection),
        "none was cut"
    );
    assert!(
        forms.len() > 1 && forms.iter().all(|it| !it.is_on_kept_connection),
        "forms have no key, and go where nothing is sent again: {forms:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passing_error_while_it_waits_does_not_end_it() {
    let developer = Developer::new();
    let looks = AtomicUsize::new(0);
    let front = Front::of(&developer.server, move |seen| {
        let is_look = seen.line.contains("/events?subject=");
        match is_look.then(|| looks.fetch_add(1, Ordering::Relaxed)) {
            Some(0 | 1) => Fate::Unavailable,
            _ => Fate::Answered,
        }
    });
    let errors = trigger_through(&front.await, &developer, "user.created");
    let said = "--server: answers 503 Service Unavailable; asking again until it answers\n";
    assert_eq!(errors, said, "once");
}
