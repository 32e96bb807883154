//! What happens in a project, read from its list of events.
//!
//! Guarantee: every event that is committed after the feed was opened is given once, at the latest
//! [`LOOK_BACK_EVERY`] after it could be read. An event's id is drawn before its transaction commits,
//! and on several nodes by several clocks, so one can appear behind others that were read already:
//! the last [`LOOK_BACK`] are looked through again and again.

use std::{collections::BTreeSet, time::Duration};

use bytes::Bytes;
use portico_domain::id::EventId;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::time::Instant;

use crate::remote::{Api, ApiError};

/// How far an event can appear behind another one, in milliseconds.
const LOOK_BACK: u64 = 60_000;
/// How often that is looked through.
const LOOK_BACK_EVERY: Duration = Duration::from_secs(5);
/// Events asked for at a time.
const PAGE: u8 = 100;

/// An event as it is sent to webhook endpoints.
#[derive(Debug)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// Its type, with the server's prefix.
    pub kind: String,
    /// The whole of it, byte for byte.
    pub body: Bytes,
}

/// What a look at the list brought.
#[derive(Debug, Default)]
pub struct Look {
    /// What was not given before, oldest first.
    pub events: Vec<Event>,
    /// Whether the list goes on.
    pub has_more: bool,
}

/// A project's events.
pub struct Feed<'a> {
    api: &'a Api,
    /// After which event the next look begins.
    position: EventId,
    newest: EventId,
    given: BTreeSet<EventId>,
    looked_back: Instant,
}

impl<'a> Feed<'a> {
    /// Begins after `since`, or with what happens from now on.
    ///
    /// # Errors
    /// The server does not give its events.
    pub async fn open(api: &'a Api, since: Option<EventId>) -> Result<Self, ApiError> {
        let newest = match since {
            Some(since) => since,
            None => newest(api).await?.unwrap_or_else(oldest_possible),
        };
        let mut feed = Self {
            api,
            position: before(newest),
            newest,
            given: BTreeSet::from([newest]),
            looked_back: Instant::now(),
        };
        feed.pass_over(newest).await?;
        Ok(feed)
    }

    /// The newest event that was passed over or given.
    pub fn newest(&self) -> EventId {
        self.newest
    }

    /// Looks at the next page.
    ///
    /// # Errors
    /// The server does not give its events; nothing is passed over by that.
    pub async fn look(&mut self) -> Result<Look, ApiError> {
        let page = page_after(self.api, self.position).await?;
        self.newest = self.newest.max(page.last().unwrap_or(self.newest));
        self.position = match page.last().filter(|_| page.has_more) {
            Some(last) => last,
            None => self.next_start(),
        };
        let mut events = page.events;
        events.retain(|event| self.given.insert(event.id));
        let has_more = page.has_more;
        Ok(Look { events, has_more })
    }

    /// Notes what happened before as given.
    async fn pass_over(&mut self, newest: EventId) -> Result<(), ApiError> {
        loop {
            let page = page_after(self.api, self.position).await?;
            let old = page.events.iter().map(|event| event.id);
            self.given.extend(old.filter(|id| *id <= newest));
            match page.last().filter(|last| page.has_more && *last < newest) {
                Some(last) => self.position = last,
                None => break,
            }
        }
        self.position = newest;
        Ok(())
    }

    fn next_start(&mut self) -> EventId {
        if self.looked_back.elapsed() < LOOK_BACK_EVERY {
            return self.newest;
        }
        self.looked_back = Instant::now();
        let start = before(self.newest);
        // What lies before is not read again.
        self.given = self.given.split_off(&start);
        start
    }
}

/// One page, oldest first.
struct Page {
    events: Vec<Event>,
    has_more: bool,
}

impl Page {
    fn last(&self) -> Option<EventId> {
        self.events.last().map(|event| event.id)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct List<'a> {
    #[serde(borrow)]
    items: Vec<&'a RawValue>,
    more_items_before: Option<EventId>,
}

#[derive(Deserialize)]
struct Head {
    id: EventId,
    #[serde(rename = "type")]
    kind: String,
}

async fn page_after(api: &Api, after: EventId) -> Result<Page, ApiError> {
    read(api, &format!("events?before={after}&limit={PAGE}")).await
}

async fn newest(api: &Api) -> Result<Option<EventId>, ApiError> {
    Ok(read(api, "events?limit=1").await?.last())
}

async fn read(api: &Api, path: &str) -> Result<Page, ApiError> {
    let answer = api.get(path).await?;
    let list: List<'_> = serde_json::from_slice(&answer).map_err(|_| ApiError::Unreadable)?;
    // The list has the newest first.
    let events = list.items.iter().rev().map(|item| {
        let head: Head = serde_json::from_str(item.get()).map_err(|_| ApiError::Unreadable)?;
        Ok(Event {
            id: head.id,
            kind: head.kind,
            body: answer.slice_ref(item.get().as_bytes()),
        })
    });
    Ok(Page {
        events: events.collect::<Result<_, ApiError>>()?,
        has_more: list.more_items_before.is_some(),
    })
}

/// The least id of the time [`LOOK_BACK`] before an event.
fn before(event: EventId) -> EventId {
    let millis = event.made_at().map_or(0, |(millis, _)| millis);
    EventId::from_parts(millis.saturating_sub(LOOK_BACK), 0, [0; 12])
}

fn oldest_possible() -> EventId {
    EventId::from_parts(0, 0, [0; 12])
}

/// The greatest id that is less, whether an event has it or not.
pub fn just_before(event: EventId) -> EventId {
    let mut digits = event.body().as_bytes().to_vec();
    for digit in digits.iter_mut().rev() {
        // In the order of ASCII, as ids are: 0 to 9, A to Z, a to z.
        *digit = match *digit {
            b'0' => b'z',
            b'A' => b'9',
            b'a' => b'Z',
            other => other - 1,
        };
        if *digit != b'z' {
            break;
        }
    }
    let body = String::from_utf8(digits).expect("digits are ASCII");
    EventId::from_body(&body).expect("as many digits as before")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_lies_between_an_id_and_the_one_just_before_it() {
        for (id, expected) in [
            (
                "00AMPmTq0000000000000000001a",
                "00AMPmTq0000000000000000001Z",
            ),
            (
                "00AMPmTq0000000000000000001A",
                "00AMPmTq00000000000000000019",
            ),
            (
                "00AMPmTq00000000000000000zz1",
                "00AMPmTq00000000000000000zz0",
            ),
            (
                "00AMPmTq0000000000000000A000",
                "00AMPmTq00000000000000009zzz",
            ),
        ] {
            let id = EventId::from_body(id).expect("an id");
            assert_eq!(just_before(id).body(), expected);
        }
    }
}
