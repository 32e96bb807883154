use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};

use super::Mishap;

/// Once that an order was handed in.
#[derive(Debug, Clone)]
pub struct Confirmation {
    /// The order.
    pub order: String,
    /// The reference it had.
    pub reference: String,
    /// The customer's data it held.
    pub end_user: Json,
}

pub(super) struct Order {
    pub id: String,
    pub numbers: Vec<String>,
    pub reference: Option<String>,
    pub group_reference: Option<String>,
    pub status: String,
    pub details: Vec<(String, String)>,
    pub end_user: Json,
    pub webhook_url: Option<String>,
    pub foc_at: Option<String>,
    pub created_at: String,
    pub updated_at: String,
}

pub(super) struct Event {
    pub id: String,
    pub order: String,
    pub status: Json,
    pub reference: Option<String>,
    pub at: String,
}

#[derive(Default)]
pub(super) struct Books {
    pub orders: Vec<Order>,
    pub events: Vec<Event>,
    pub confirmations: Vec<Confirmation>,
    pub mishaps: Vec<(String, Mishap)>,
    pub not_portable: HashSet<String>,
    pub calls: Vec<String>,
    pub is_down: bool,
    pub splits: bool,
    ticks: i64,
}

impl Books {
    /// Time passes with each thing that happens.
    pub fn now(&mut self) -> String {
        self.ticks += 1;
        let start: Timestamp = crate::START.parse().expect("a time");
        (start + SignedDuration::from_secs(self.ticks)).to_string()
    }

    fn uuid(&mut self) -> String {
        self.ticks += 1;
        format!("00000000-0000-4000-8000-{:012}", self.ticks)
    }

    pub fn make(&mut self, numbers: Vec<String>, reference: Option<String>) -> String {
        let (id, now) = (self.uuid(), self.now());
        self.orders.push(Order {
            id: id.clone(),
            numbers,
            reference,
            group_reference: None,
            status: "draft".to_owned(),
            details: Vec::new(),
            end_user: json!({ "admin": {}, "location": {} }),
            webhook_url: None,
            foc_at: None,
            created_at: now.clone(),
            updated_at: now,
        });
        id
    }

    pub fn by_id(&mut self, id: &str) -> Option<&mut Order> {
        self.orders.iter_mut().find(|order| order.id == id)
    }

    /// The order of that reference that has a number.
    pub fn find(&self, reference: &str) -> Option<&Order> {
        self.orders.iter().find(|order| {
            order.reference.as_deref() == Some(reference) && !order.numbers.is_empty()
        })
    }

    fn id_of(&self, reference: &str) -> String {
        let order = self.find(reference);
        order
            .unwrap_or_else(|| panic!("there is no order {reference}"))
            .id
            .clone()
    }

    pub fn change_status(&mut self, id: &str, status: &str) {
        let (event, now) = (self.uuid(), self.now());
        let order = self.by_id(id).expect("the order is there");
        order.status = status.to_owned();
        order.updated_at.clone_from(&now);
        let happened = Event {
            id: event,
            order: order.id.clone(),
            status: super::resources::status(order),
            reference: order.reference.clone(),
            at: now,
        };
        self.events.push(happened);
    }

    pub fn set_status(&mut self, reference: &str, status: &str) {
        let id = self.id_of(reference);
        self.by_id(&id).expect("the order is there").details.clear();
        self.change_status(&id, status);
    }

    pub fn decline(&mut self, reference: &str, reasons: &[(&str, &str)]) {
        let id = self.id_of(reference);
        let reasons = reasons.iter();
        let reasons = reasons.map(|(code, text)| ((*code).to_owned(), (*text).to_owned()));
        self.by_id(&id).expect("the order is there").details = reasons.collect();
        self.change_status(&id, "exception");
    }

    pub fn fix_date(&mut self, reference: &str, at: &str) {
        let id = self.id_of(reference);
        self.by_id(&id).expect("the order is there").foc_at = Some(at.to_owned());
        self.change_status(&id, "foc-date-confirmed");
    }

    pub fn split(&mut self, reference: &str) {
        let id = self.id_of(reference);
        let order = self.by_id(&id).expect("the order is there");
        let (numbers, status) = (std::mem::take(&mut order.numbers), order.status.clone());
        // The new order has none of the customer's words.
        let part = self.make(numbers, None);
        self.by_id(&part).expect("it was made").status = status;
    }

    /// Hands an order in; `false` when it is in no status for that.
    pub fn confirm(&mut self, id: &str) -> bool {
        let Some(order) = self.by_id(id) else {
            return false;
        };
        if !matches!(order.status.as_str(), "draft" | "exception") {
            return false;
        }
        order.details.clear();
        let confirmation = Confirmation {
            order: order.id.clone(),
            reference: order.reference.clone().unwrap_or_default(),
            end_user: order.end_user.clone(),
        };
        self.confirmations.push(confirmation);
        self.change_status(id, "in-process");
        true
    }
}
