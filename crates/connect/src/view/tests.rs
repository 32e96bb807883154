//! What every page keeps to, checked on every sample in both themes.

use std::collections::BTreeSet;
use std::io::Read as _;

use flate2::read::GzDecoder;

use super::sample::{Sample, frame, samples};
use super::*;

mod embeds;

/// What fits into the first round trip of a new connection.
const BUDGET: usize = 14 * 1024;

/// Pages that have nothing to offer, so that nothing can be the primary action.
const DEAD_ENDS: [&str; 4] = [
    "expired-session",
    "expired-app",
    "expired-unknown",
    "not-taken",
];

fn all() -> Vec<Sample> {
    [Theme::Auto, Theme::Light, Theme::Dark]
        .into_iter()
        .flat_map(samples)
        .collect()
}

/// The page without its style and scripts.
fn markup(html: &str) -> String {
    let mut text = html.to_owned();
    for (open, close) in [("<style", "</style>"), ("<script", "</script>")] {
        while let Some((before, rest)) = text.split_once(open) {
            let (_, after) = rest.split_once(close).expect("the element ends");
            text = format!("{before}{after}");
        }
    }
    text
}

/// Values of an attribute, in order.
fn attributes<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let opening = format!(" {name}=\"");
    let starts = html
        .match_indices(&opening)
        .map(|(at, _)| at + opening.len());
    starts
        .map(|start| html[start..].split('"').next().unwrap_or_default())
        .collect()
}

fn count(html: &str, part: &str) -> usize {
    html.matches(part).count()
}

#[test]
fn names_are_unique_and_every_step_is_shown() {
    let pages = samples(Theme::Auto);
    let names: BTreeSet<_> = pages.iter().map(|page| page.name).collect();
    assert_eq!(names.len(), pages.len());
    let steps: BTreeSet<_> = pages.iter().map(|page| page.step).collect();
    let expected = BTreeSet::from([
        "intro",
        "donorProvider",
        "carrierDetails",
        "holderDetails",
        "address",
        "donorProviderApproval",
        "portProtected",
        "review",
        "outro",
        "status",
        "overview",
        "error",
        "expired",
        "leave",
        "leaving",
        "aborted",
        "unavailable",
        "tooManyRequests",
    ]);
    assert_eq!(steps, expected);
}

#[test]
fn every_page_has_its_landmarks_one_heading_and_one_primary_action() {
    for page in all() {
        let html = markup(&page.html);
        assert_eq!(
            count(&html, &format!("<main data-step=\"{}\">", page.step)),
            1,
            "{}",
            page.name
        );
        for part in [
            "<header>",
            "<footer>",
            "<h1",
            "<title>",
            "<html lang=\"en\" dir=\"ltr\">",
        ] {
            assert_eq!(count(&html, part), 1, "{} {part}", page.name);
        }
        let primary = usize::from(!DEAD_ENDS.contains(&page.name));
        assert_eq!(count(&html, " data-primary"), primary, "{}", page.name);
    }
}

#[test]
fn hooks_stand_where_tests_and_embeds_look_for_them() {
    let with_leave = [
        "intro",
        "donorProvider",
        "carrierDetails",
        "holderDetails",
        "address",
        "donorProviderApproval",
        "portProtected",
        "review",
    ];
    for page in samples(Theme::Auto) {
        let html = markup(&page.html);
        let leave = usize::from(with_leave.contains(&page.step));
        assert_eq!(count(&html, " data-leave"), leave, "{}", page.name);
        assert!(count(&html, " data-return") <= 1, "{}", page.name);
        if ["outro", "leaving", "leaving-framed"].contains(&page.name) {
            assert_eq!(count(&html, "data-primary data-return"), 1, "{}", page.name);
        }
    }
}

#[test]
fn a_strict_policy_is_enough() {
    for page in all() {
        let html = markup(&page.html);
        assert!(!html.contains(" style="), "{}: inline style", page.name);
        let handler = html.match_indices(" on").find(|(at, _)| {
            let name_end = html[at + 1..].find(|c: char| !c.is_ascii_lowercase());
            name_end.is_some_and(|end| html[at + 1 + end..].starts_with('='))
        });
        assert_eq!(handler, None, "{}: event handler", page.name);
        assert!(!html.contains("javascript:"), "{}", page.name);
        for src in attributes(&html, "src") {
            assert!(!src.contains("//"), "{}: {src} is not ours", page.name);
        }
        assert!(
            page.html.contains("<style nonce=\"c2FtcGxl\">"),
            "{}",
            page.name
        );
        assert_eq!(
            count(&page.html, "<script"),
            count(&page.html, "<script nonce=\"c2FtcGxl\">")
        );
    }
}

#[test]
fn ids_are_unique_and_every_reference_finds_its_target() {
    for page in all() {
        let html = markup(&page.html);
        let list = attributes(&html, "id");
        let ids: BTreeSet<_> = list.iter().copied().collect();
        assert_eq!(ids.len(), list.len(), "{}: {list:?}", page.name);
        let described = attributes(&html, "aria-describedby");
        let labelled = attributes(&html, "aria-labelledby");
        let words = described
            .iter()
            .chain(&labelled)
            .flat_map(|value| value.split(' '));
        let anchors = attributes(&html, "href")
            .into_iter()
            .filter_map(|href| href.strip_prefix('#'));
        let targets = attributes(&html, "for")
            .into_iter()
            .chain(attributes(&html, "form"));
        for target in words.chain(anchors).chain(targets) {
            assert!(
                ids.contains(target),
                "{}: nothing has the id {target}",
                page.name
            );
        }
    }
}

#[test]
fn errors_are_in_the_title_in_the_summary_and_at_the_control() {
    for page in samples(Theme::Auto) {
        let html = markup(&page.html);
        let has_error = html.contains("class=\"box bad\"");
        assert_eq!(html.contains("<title>Error: "), has_error, "{}", page.name);
        assert_eq!(
            page.name.ends_with("-error") || page.name == "carrier-pac",
            has_error,
            "{}",
            page.name
        );
        let anchors = attributes(&html, "href")
            .into_iter()
            .filter(|href| href.starts_with('#'));
        for anchor in anchors {
            let link = format!("<a href=\"{anchor}\">");
            let (_, after) = html.split_once(&link).expect("the link is there");
            let words = after.split('<').next().unwrap_or_default();
            assert_eq!(count(&html, words), 2, "{}: {words}", page.name);
        }
        let focus = if has_error {
            "tabindex=\"-1\" autofocus>\n<h2"
        } else {
            "autofocus"
        };
        assert!(
            page.step == "intro" || html.contains(focus),
            "{}",
            page.name
        );
        assert!(count(&html, "autofocus") <= 1, "{}", page.name);
    }
}

#[test]
fn a_warning_is_confirmed_by_sending_the_same_form_again() {
    let pages = samples(Theme::Auto);
    let page = pages
        .iter()
        .find(|page| page.name == "carrier-warning")
        .expect("it is there");
    let hidden = "name=\"confirm_warnings\" value=\"accountNumberIsPhoneNumber,pinLength\"";
    assert!(page.html.contains(hidden));
    assert!(!page.html.contains("Error:"));
    assert!(!page.html.contains("aria-invalid=\"true\""));
}

#[test]
fn what_people_type_is_text_and_never_markup() {
    let hostile = "\"><script>alert(1)</script><b onclick='x'>&";
    let mut frame = frame(Theme::Auto);
    frame.brand.name = Some(hostile.to_owned());
    let step = Step {
        phone_number: Some(hostile.to_owned()),
        progress: Some(Progress { step: 1, of: 1 }),
        action: hostile.to_owned(),
        repair: Some(Repair {
            code: hostile.to_owned(),
            old_value: Some(hostile.to_owned()),
        }),
        ..Step::default()
    };
    let page = HolderDetails {
        frame,
        step,
        first_name: Some(TextInput::with_value(hostile)),
        last_name: None,
        birthday: Some(BirthdayInput {
            day: hostile.to_owned(),
            ..BirthdayInput::default()
        }),
    };
    let html = markup(&html(&page));
    let written = hostile
        .replace('&', "&#38;")
        .replace('"', "&#34;")
        .replace('\'', "&#39;");
    let written = written.replace('<', "&#60;").replace('>', "&#62;");
    assert!(count(&html, &written) >= 8, "{html}");
    for part in ["<script>alert", "<b onclick", "\"><script"] {
        assert!(!html.contains(part), "{part} in {html}");
    }
}

#[test]
fn a_pin_is_never_sent_back() {
    let secret = "483920";
    let pin = |kind| {
        let note = Note::Error(Problem::Characters(Control::AccountPin));
        let input = SecretInput {
            saved: None,
            input: TextInput {
                value: secret.to_owned(),
                note,
            },
        };
        Some(Pin {
            kind,
            input,
            ..Pin::default()
        })
    };
    let page = CarrierDetails {
        frame: frame(Theme::Auto),
        step: Step::default(),
        donor: None,
        account_number: None,
        account_pin: pin(PinKind::TransferPin),
        billing_pin: pin(PinKind::BillingPin),
        account_type: None,
        lock_note: None,
    };
    assert!(!html(&page).contains(secret));
}

#[test]
fn an_unknown_link_offers_nothing() {
    let pages = samples(Theme::Auto);
    let page = pages
        .iter()
        .find(|page| page.name == "expired-unknown")
        .expect("it is there");
    assert!(!markup(&page.html).contains("Juniper"));
    assert!(!markup(&page.html).contains("<a "));
    let expired = Expired {
        frame: frame(Theme::Auto),
        reason: ExpiredReason::Unknown,
        back_href: Some("https://elsewhere.example".to_owned()),
    };
    assert!(!html(&expired).contains("elsewhere"));
}

#[test]
fn every_problem_has_its_words() {
    let frame = frame(Theme::Auto);
    let controls = [
        Control::DonorProvider,
        Control::AccountNumber,
        Control::AccountPin,
        Control::BillingPin,
        Control::AccountType,
        Control::FirstName,
        Control::LastName,
        Control::Birthday,
        Control::Line1,
        Control::Line2,
        Control::City,
        Control::State,
        Control::PostalCode,
        Control::Country,
        Control::DonorProviderApproval,
        Control::Authorization,
        Control::ProtectionDisabled,
    ];
    for control in controls {
        let problems = [
            Problem::Missing(control),
            Problem::Invalid(control),
            Problem::Characters(control),
            Problem::TooLong { control, max: 25 },
            Problem::SameAsRejected(control),
        ];
        for problem in problems {
            // A missing message or variable panics.
            assert!(problem.message(&frame).ends_with('.'), "{problem:?}");
        }
    }
    let lengths = Problem::PinLength {
        expected: vec![4, 6, 8],
    }
    .message(&frame);
    assert!(lengths.contains("4, 6 or 8 digits"), "{lengths}");
    let lengths = Problem::AccountNumberLength { expected: vec![9] }.message(&frame);
    assert!(lengths.contains("have 9 digits"), "{lengths}");
}

#[test]
fn the_project_decides_the_theme_only_if_it_wants() {
    let css = |theme| frame(theme).colors().to_string();
    assert!(css(Theme::Auto).contains("prefers-color-scheme:dark"));
    assert!(!css(Theme::Light).contains("prefers-color-scheme"));
    assert!(css(Theme::Dark).starts_with(":root{color-scheme:dark"));
}

#[test]
fn pages_fit_the_first_round_trip() {
    let mut sizes: Vec<(usize, &str)> = Vec::new();
    let pages = samples(Theme::Auto);
    for page in &pages {
        let mut unzipped = String::new();
        let mut reader = GzDecoder::new(&*page.gzip);
        reader.read_to_string(&mut unzipped).expect("a gzip body");
        assert_eq!(unzipped, page.html, "{}", page.name);
        sizes.push((page.gzip.len(), page.name));
    }
    sizes.sort_unstable();
    for (size, name) in &sizes {
        println!("{size:>6} bytes  {name}");
    }
    let (largest, name) = sizes.last().expect("there are pages");
    assert!(*largest <= BUDGET, "{name} has {largest} bytes");
}
