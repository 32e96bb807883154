//! What orders mean for an attempt.

use super::order::{Order, Status};
use crate::{
    Answer, Outcome,
    mapping::{Mapper, Reason},
};

/// What the orders of an attempt say together. There is one, unless the carrier split it: then all have
/// to be there before the number is, and one that is declined declines the attempt.
pub(super) fn answers(orders: &[Order], mapper: &Mapper) -> Vec<Answer> {
    let reasons: Vec<_> = orders
        .iter()
        .filter(|order| order.status == Status::Exception)
        .flat_map(reasons)
        .collect();
    if !reasons.is_empty() {
        return mapper.answers(&reasons);
    }
    let all = |status| !orders.is_empty() && orders.iter().all(|order| order.status == status);
    let of = |status| orders.iter().filter(move |order| order.status == status);
    if all(Status::Ported) {
        return said(Outcome::Completed, "ported", of(Status::Ported).next_back());
    }
    if all(Status::Cancelled) {
        return said(
            Outcome::Failed,
            "cancelled",
            of(Status::Cancelled).next_back(),
        );
    }
    let latest = of(Status::FocDateConfirmed)
        .filter_map(|order| Some((order.foc_at?, order)))
        .max_by_key(|(at, _)| *at);
    match latest {
        Some((at, order)) => said(Outcome::Foc { at }, "foc-date-confirmed", Some(order)),
        None => Vec::new(),
    }
}

/// An exception without a detail is a decline without a reason.
fn reasons(order: &Order) -> Vec<Reason> {
    let said_at = order.updated_at;
    let mut reasons: Vec<_> = order
        .details
        .iter()
        .map(|detail| Reason {
            code: detail.code.clone(),
            text: detail.description.clone(),
            said_at,
        })
        .collect();
    if reasons.is_empty() {
        reasons.push(Reason {
            code: Some("exception".to_owned()),
            text: None,
            said_at,
        });
    }
    reasons
}

fn said(outcome: Outcome, status: &str, order: Option<&Order>) -> Vec<Answer> {
    vec![Answer {
        outcome,
        said_at: order.and_then(|order| order.updated_at),
        raw_code: Some(status.to_owned()),
        raw_text: None,
    }]
}

/// Reads an answer of the carrier's, as [`super::Telnyx`] does; for the fuzz target.
#[cfg(fuzzing)]
pub fn fuzz(body: &[u8], mapper: &Mapper) -> Result<Vec<Answer>, &'static str> {
    use super::order::{Unreadable, many, one};
    let orders = many(body).or_else(|_| one(body).map(|order| vec![order]));
    let orders = orders.map_err(|Unreadable(what)| what)?;
    Ok(answers(&orders, mapper))
}

#[cfg(test)]
mod tests {
    use portico_domain::decline::DeclineCode;
    use serde_json::{Value as Json, json};

    use super::{
        super::order::{Unreadable, many},
        *,
    };
    use crate::Kind;

    fn order(status: &str, details: Json) -> Json {
        json!({
            "id": "f1486bae-f067-460c-ad43-73a92848f902",
            "status": { "value": status, "details": details },
            "activation_settings": { "foc_datetime_actual": "2026-04-08T15:00:00Z" },
            "updated_at": "2026-04-01T10:00:00Z",
        })
    }

    fn read(orders: &[Json]) -> Vec<Answer> {
        let body = json!({ "data": orders }).to_string();
        let orders = many(body.as_bytes()).expect("readable");
        answers(&orders, &Mapper::new("telnyx", Kind::Telnyx, Vec::new()))
    }

    fn outcomes(orders: &[Json]) -> Vec<&'static str> {
        read(orders)
            .iter()
            .map(|answer| answer.outcome.name())
            .collect()
    }

    #[test]
    fn each_status_has_its_meaning() {
        for (status, outcome) in [
            ("draft", None),
            ("in-process", None),
            ("submitted", None),
            ("exception", Some("declined")),
            ("foc-date-confirmed", Some("foc")),
            ("ported", Some("completed")),
            ("cancel-pending", None),
            ("cancelled", Some("failed")),
        ] {
            let found = outcomes(&[order(status, json!([]))]);
            assert_eq!(found.first().copied(), outcome, "{status}");
        }
    }

    #[test]
    fn everything_the_carrier_said_is_kept_as_it_was_said() {
        let details = json!([
            { "code": "LSR_PENDING", "description": "Pending order at OSP" },
            { "code": "PASSCODE_PIN_INVALID", "description": "PIN is wrong" },
        ]);
        let answers = read(&[order("exception", details)]);
        let Outcome::Declined { code, .. } = &answers[0].outcome else {
            panic!("{}", answers[0].outcome.name());
        };
        assert_eq!(*code, DeclineCode::AccountPin);
        assert_eq!(answers[0].raw_text.as_deref(), Some("PIN is wrong"));
        assert_eq!(answers[0].said_at, "2026-04-01T10:00:00Z".parse().ok());
        assert_eq!(answers[1].raw_code.as_deref(), Some("LSR_PENDING"));
    }

    #[test]
    fn an_exception_that_only_says_later_is_a_delay() {
        let details = json!([{ "code": "OSP_IRRESPONSIVE", "description": "No response" }]);
        assert_eq!(outcomes(&[order("exception", details)]), ["delayed"]);
    }

    #[test]
    fn an_order_that_was_split_has_moved_when_all_its_parts_have() {
        let (ported, on_its_way) = (order("ported", json!([])), order("submitted", json!([])));
        assert_eq!(outcomes(&[ported.clone(), on_its_way]), [""; 0]);
        assert_eq!(outcomes(&[ported.clone(), ported.clone()]), ["completed"]);
        let declined = order("exception", json!([]));
        assert_eq!(outcomes(&[ported, declined]), ["declined"]);
    }

    #[test]
    fn what_cannot_be_understood_is_neither_success_nor_failure() {
        for body in [
            "",
            "[]",
            "{}",
            r#"{"data":null}"#,
            r#"{"data":[{"id":"x"}]}"#,
            r#"{"data":[{"id":"x","status":{"value":"lost"}}]}"#,
            r#"{"data":[{"id":"../x","status":{"value":"ported"}}]}"#,
            r#"{"data":[{"id":"x","status":{"value":"ported","details":[7]}}]}"#,
        ] {
            let read = many(body.as_bytes());
            assert!(matches!(read, Err(Unreadable(_))), "{body}");
        }
    }
}
