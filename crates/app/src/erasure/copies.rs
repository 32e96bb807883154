//! What is personal in the copies that events carry.

use portico_store::events::Event;
use serde_json::{Map, Value as Json};

/// Whom or what an erasure is about: a porting, or a user with everything that is theirs.
pub(super) struct About<'a>(&'a str);

/// What a porting holds of a person. `declinedMessage` may be a carrier's own words.
const OF_PORTING: [&str; 6] = [
    "accountNumber",
    "address",
    "birthday",
    "declinedMessage",
    "firstName",
    "lastName",
];
/// What a user holds of a person.
const OF_USER: [&str; 3] = ["birthday", "email", "fullName"];

impl<'a> About<'a> {
    pub fn new(id: &'a str) -> Self {
        Self(id)
    }

    /// Erases it from an event. Whether there was anything.
    pub fn erase_from(&self, event: &mut Event) -> bool {
        let kind = self.kind_to_erase(&event.data);
        let mut changed = self.walk(&mut event.data);
        if let Some(previous) = &mut event.previous {
            changed |= self.walk(previous);
            // The top level holds fields of the same resource, without its name.
            if let (Some(kind), Some(fields)) = (kind, previous.as_object_mut()) {
                changed |= erase_fields(fields, &kind);
            }
        }
        changed
    }

    /// Erases it from every resource in `value`.
    fn walk(&self, value: &mut Json) -> bool {
        let kind = self.kind_to_erase(value);
        match value {
            Json::Object(fields) => {
                let mut changed = kind.is_some_and(|kind| erase_fields(fields, &kind));
                for inner in fields.values_mut() {
                    changed |= self.walk(inner);
                }
                changed
            }
            Json::Array(items) => items
                .iter_mut()
                .fold(false, |any, item| self.walk(item) | any),
            _ => false,
        }
    }

    /// Which kind of resource `value` is, if it is one to erase from.
    fn kind_to_erase(&self, value: &Json) -> Option<String> {
        let is_ours = |value: &Json| value.as_str() == Some(self.0);
        let kind = value["object"].as_str()?;
        let applies = match kind {
            "porting" => is_ours(&value["id"]) || is_ours(&value["user"]),
            "user" => is_ours(&value["id"]),
            "subscription" => is_ours(&value["user"]["id"]),
            // A session without a user is here because its subscription is the user's.
            "connectSession" => self.0.starts_with("usr_"),
            _ => false,
        };
        applies.then(|| kind.to_owned())
    }
}

fn erase_fields(fields: &mut Map<String, Json>, kind: &str) -> bool {
    let (names, notes): (&[&str], bool) = match kind {
        "porting" => (&OF_PORTING, false),
        "user" => (&OF_USER, true),
        "connectSession" => (&["callbackUrl"], false),
        "subscription" => (&[], true),
        _ => return false,
    };
    let mut changed = false;
    let mut set = |name: &str, erased: Json| {
        if let Some(value) = fields.get_mut(name).filter(|value| **value != erased) {
            *value = erased;
            changed = true;
        }
    };
    for name in names {
        set(name, Json::Null);
    }
    if notes {
        set("metadata", Json::Object(Map::new()));
    }
    changed
}
