//! Ids from paths, links and bodies: what is read is written back the same, is of one kind only, and
//! says when it was made.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portico_domain::id::{Id, Kind, PortingId, PortingKind, Session, SessionId, UserKind};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = str::from_utf8(bytes) {
        read::<Session>(text);
        read::<PortingKind>(text);
        read::<UserKind>(text);
    }
    if let Some(parts) = bytes.first_chunk::<20>() {
        made(*parts);
    }
});

fn read<K: Kind>(text: &str) {
    let quoted = serde_json::Value::from(text);
    let from_json = serde_json::from_value::<Id<K>>(quoted.clone());
    let Ok(id) = text.parse::<Id<K>>() else {
        assert!(from_json.is_err());
        return;
    };
    assert_eq!(id.as_str(), text);
    assert!(text.is_ascii() && text.starts_with(K::PREFIX));
    assert!(from_json.is_ok_and(|same| same == id));
    assert_eq!(serde_json::to_value(id).expect("an id is a string"), quoted);
    assert!(Id::<K>::from_body(id.body()).is_some_and(|same| same == id));
    let as_another = format!("usr{}", &text[3..]).parse::<Id<K>>();
    assert_eq!(as_another.is_ok(), K::PREFIX == "usr");
    if let Some((millis, _)) = id.made_at() {
        assert!(millis < 1 << 48);
    }
}

fn made(parts: [u8; 20]) {
    let [a, b, c, d, e, f, g, h, random @ ..] = parts;
    let millis = u64::from_be_bytes([0, 0, a, b, c, d, e, f]);
    let counter = u16::from_be_bytes([g, h]);
    let id = PortingId::from_parts(millis, counter, random);
    assert_eq!(id.made_at(), Some((millis, counter)));
    assert_eq!(id.as_str().parse(), Ok(id));
    assert!(id.as_str().parse::<SessionId>().is_err());
    if let Some(next) = counter.checked_add(1) {
        assert!(PortingId::from_parts(millis, next, [0; 12]) > id);
    }
}
