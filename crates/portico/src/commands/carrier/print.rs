//! Cases for people and programs.

use jiff::{SignedDuration, Timestamp};
use portico_app::carriers::queue::Handout;
use portico_carrier::Handed;
use portico_domain::carrier::{Case, CaseState};
use portico_store::carriers::{cases::Entry, updates::Update};
use serde_json::{Value as Json, json};

use crate::commands::{print as out, print_table, time};

/// The list of open cases.
pub fn queue(entries: &[Entry], now: Timestamp, as_json: bool) {
    if as_json {
        let cases = entries.iter().map(|entry| {
            let mut shown = of(&entry.case);
            shown["phoneNumber"] = json!(entry.phone_number);
            shown["ageSeconds"] = json!(age(&entry.case, now).as_secs());
            shown
        });
        out(json!({ "cases": cases.collect::<Vec<_>>() }));
        return;
    }
    let rows = entries.iter().map(|Entry { case, phone_number }| {
        [
            case.reference.clone(),
            phone_number.clone(),
            case.provider.clone(),
            in_words(age(case, now)),
            state_of(case).to_owned(),
            operator(case).unwrap_or("-").to_owned(),
        ]
    });
    let head = [
        "REFERENCE",
        "NUMBER",
        "PROVIDER",
        "AGE",
        "STATE",
        "OPERATOR",
    ];
    print_table(head, &rows.collect::<Vec<_>>());
}

/// A case with what is to be typed into the portal.
pub fn handout(handout: &Handout, as_json: bool) {
    let Handout {
        case,
        porting,
        request,
        recorded,
    } = handout;
    let request = request.as_ref().map(Handed::from);
    let request = serde_json::to_value(&request).expect("requests have text keys only");
    if as_json {
        let mut shown = of(case);
        shown["phoneNumber"] = json!(porting.phone_number.as_str());
        shown["todo"] = json!(todo(case));
        shown["request"] = request;
        shown["recorded"] = recorded.iter().map(update).collect();
        out(shown);
        return;
    }
    let mut lines = vec![
        ("reference".to_owned(), case.reference.clone()),
        ("project".to_owned(), case.project.clone()),
        ("number".to_owned(), porting.phone_number.international()),
        ("state".to_owned(), state_of(case).to_owned()),
        ("to do".to_owned(), todo(case).to_owned()),
    ];
    flatten("", &request, &mut lines);
    for update in recorded {
        let said = [
            Some(update.said.kind().as_str()),
            update.said.code(),
            update.said.text(),
        ];
        let said: Vec<_> = said.into_iter().flatten().collect();
        let line = format!("{} {}", time(update.received_at), said.join(" "));
        lines.push(("recorded".to_owned(), line));
    }
    let width = lines.iter().map(|(name, _)| name.len()).max();
    let width = width.unwrap_or_default();
    for (name, value) in lines {
        out(format!("{name:<width$}  {value}"));
    }
}

/// How a case stands after something was done with it.
pub fn state(case: &Case, as_json: bool) {
    if as_json {
        out(of(case));
    } else {
        out(format!("{}: {}", case.reference, state_of(case)));
    }
}

/// What of `value` is not null, one line for each text, number and truth.
fn flatten(path: &str, value: &Json, lines: &mut Vec<(String, String)>) {
    match value {
        Json::Null => {}
        Json::Object(fields) => {
            for (name, value) in fields {
                let path = match path {
                    "" => name.clone(),
                    path => format!("{path}.{name}"),
                };
                flatten(&path, value, lines);
            }
        }
        Json::String(text) => lines.push((path.to_owned(), text.clone())),
        other => lines.push((path.to_owned(), other.to_string())),
    }
}

fn of(case: &Case) -> Json {
    json!({
        "reference": case.reference,
        "project": case.project,
        "porting": case.porting.as_str(),
        "provider": case.provider,
        "state": state_of(case),
        "operator": operator(case),
        "takenAt": case.holder.as_ref().map(|holder| holder.since),
        "createdAt": case.created_at,
    })
}

fn update(update: &Update) -> Json {
    json!({
        "type": update.said.kind().as_str(),
        "code": update.said.code(),
        "text": update.said.text(),
        "date": update.said.date(),
        "createdAt": update.received_at,
    })
}

fn operator(case: &Case) -> Option<&str> {
    case.holder.as_ref().map(|holder| holder.operator.as_str())
}

/// How far a case has come, with whether somebody is at it.
fn state_of(case: &Case) -> &'static str {
    match (case.state, &case.holder) {
        (CaseState::Queued, None) => "waiting",
        (CaseState::Queued, Some(_)) => "taken",
        (state, _) => state.as_str(),
    }
}

fn todo(case: &Case) -> &'static str {
    match case.state {
        CaseState::Queued => "hand it in at the carrier's portal, then record accepted",
        CaseState::Submitted => "watch the portal, and record what the carrier says",
        CaseState::CallOff => {
            "call it off in the portal if you handed it in, then record calledOff"
        }
        CaseState::Closed => "nothing",
    }
}

fn age(case: &Case, now: Timestamp) -> SignedDuration {
    now.duration_since(case.created_at)
        .max(SignedDuration::ZERO)
}

/// A time in its two largest units.
fn in_words(time: SignedDuration) -> String {
    let (hours, minutes) = (time.as_hours(), time.as_mins() % 60);
    match hours {
        0 => format!("{minutes}m"),
        1..48 => format!("{hours}h {minutes}m"),
        _ => format!("{}d {}h", hours / 24, hours % 24),
    }
}
