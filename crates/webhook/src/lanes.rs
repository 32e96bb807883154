//! The lanes that are open, and what is known of endpoints between their lanes.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use portico_app::App;
use portico_domain::id::WebhookEndpointId;
use portico_outgoing::Client;
use portico_store::{StoreError, webhooks::endpoints};
use tokio::sync::{Notify, Semaphore};

use crate::{
    attempt::Work,
    holds::Holds,
    lane::{self, Lane},
    recipient::Recipient,
    recorder::Recorder,
};

/// Calls at the same time beyond the one that every lane may always make.
const EXTRA_CALLS: usize = 512;
/// Deliveries held in memory for each call a lane may make.
const QUEUED_PER_CALL: usize = 16;

/// Every lane, and what they share. Cheap to clone.
#[derive(Clone)]
pub struct Lanes(Arc<Inner>);

struct Inner {
    parts: Parts,
    state: Mutex<State>,
    emptied: Notify,
}

/// What every lane works with.
#[derive(Clone)]
pub struct Parts {
    pub app: App,
    pub owner: Arc<str>,
    pub client: Client,
    pub recorder: Recorder,
    pub holds: Holds,
    pub extra_calls: Arc<Semaphore>,
    /// Calls to one endpoint at the same time.
    pub concurrency: usize,
}

#[derive(Default)]
struct State {
    lanes: HashMap<WebhookEndpointId, Arc<Lane>>,
    known: HashMap<WebhookEndpointId, Known>,
    is_stopping: bool,
}

/// What outlives an endpoint's lane.
#[derive(Default)]
struct Known {
    recipient: Option<Arc<Recipient>>,
    /// Calls at the same time, when it has been failing.
    pace: Option<usize>,
    held_until: Option<Timestamp>,
}

impl Parts {
    pub fn new(app: App, owner: Arc<str>, client: Client, recorder: Recorder) -> Self {
        Self {
            concurrency: app.config.webhooks.concurrency.max(1) as usize,
            app,
            owner,
            client,
            recorder,
            holds: Holds::default(),
            extra_calls: Arc::new(Semaphore::new(EXTRA_CALLS)),
        }
    }
}

impl Lanes {
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(Inner {
            parts,
            state: Mutex::default(),
            emptied: Notify::new(),
        }))
    }

    pub fn parts(&self) -> &Parts {
        &self.0.parts
    }

    /// The endpoint, ready to be called; made anew when it has changed.
    ///
    /// # Errors
    /// Its secrets do not open.
    pub fn recipient(&self, stored: &endpoints::Recipient) -> Result<Arc<Recipient>, StoreError> {
        let id = stored.endpoint.id;
        let known = self
            .state()
            .known
            .get(&id)
            .and_then(|it| it.recipient.clone());
        if let Some(known) = known.filter(|known| known.version == stored.version) {
            return Ok(known);
        }
        let parts = self.parts();
        let made = Arc::new(Recipient::new(stored, parts.app.db.vault(), &parts.client)?);
        let mut state = self.state();
        let known = state.known.entry(id).or_default();
        known.recipient = Some(made.clone());
        Ok(made)
    }

    /// How many deliveries the endpoint's lane can take at once. None while it has older ones on
    /// disk: those go first.
    pub fn room(&self, id: WebhookEndpointId, now: Timestamp) -> usize {
        let state = self.state();
        if state.is_stopping || state.is_held(id, now) {
            return 0;
        }
        let most = state.pace(id, self.parts().concurrency) * QUEUED_PER_CALL;
        match state.lanes.get(&id) {
            Some(lane) => lane.room(most),
            None => most,
        }
    }

    /// Gives a lane what is held for it, opening it if need be.
    pub fn push(&self, recipient: &Arc<Recipient>, works: Vec<Work>) {
        let mut state = self.state();
        let lane = self.lane(&mut state, recipient.id);
        lane.push(recipient, works);
    }

    /// Tells a lane that something waits for it on disk, opening it if need be.
    pub fn wake(&self, id: WebhookEndpointId) {
        let mut state = self.state();
        if !state.is_stopping {
            self.lane(&mut state, id).expect_more();
        }
    }

    fn lane(&self, state: &mut State, id: WebhookEndpointId) -> Arc<Lane> {
        let open = |id| {
            let lane = Arc::new(Lane::new(id));
            tokio::spawn(lane::run(lane.clone(), self.clone()));
            lane
        };
        state
            .lanes
            .entry(id)
            .or_insert_with_key(|id| open(*id))
            .clone()
    }

    /// Closes a lane, unless something came in.
    pub fn close(&self, lane: &Lane) -> bool {
        let mut state = self.state();
        if !lane.is_idle() {
            return false;
        }
        state.lanes.remove(&lane.id);
        if state.lanes.is_empty() {
            self.0.emptied.notify_waiters();
        }
        true
    }

    /// How many calls at the same time the endpoint bears.
    pub fn pace(&self, id: WebhookEndpointId) -> usize {
        self.state().pace(id, self.parts().concurrency)
    }

    /// Keeps how many calls at the same time the endpoint bears.
    pub fn set_pace(&self, id: WebhookEndpointId, pace: usize) {
        let pace = Some(pace).filter(|pace| *pace < self.parts().concurrency);
        self.state().known.entry(id).or_default().pace = pace;
    }

    /// Leaves an endpoint alone until then.
    pub fn hold(&self, id: WebhookEndpointId, until: Timestamp) {
        self.state().known.entry(id).or_default().held_until = Some(until);
    }

    pub fn is_held(&self, id: WebhookEndpointId, now: Timestamp) -> bool {
        self.state().is_held(id, now)
    }

    pub fn is_stopping(&self) -> bool {
        self.state().is_stopping
    }

    /// Resolves when no lane is open.
    pub async fn idle(&self) {
        loop {
            let mut emptied = std::pin::pin!(self.0.emptied.notified());
            emptied.as_mut().enable();
            if self.state().lanes.is_empty() {
                return;
            }
            emptied.await;
        }
    }

    /// Ends every lane: what is on its way comes to its end, the rest is put back.
    pub async fn stop(&self) {
        let open: Vec<_> = {
            let mut state = self.state();
            state.is_stopping = true;
            state.lanes.values().cloned().collect()
        };
        open.iter().for_each(|lane| lane.nudge());
        self.idle().await;
    }

    /// Closes connections nobody used for a while.
    pub fn close_unused(&self) {
        let state = self.state();
        let recipients = state.known.values().filter_map(|it| it.recipient.as_ref());
        recipients.for_each(|it| it.close_unused());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn pace(&self, id: WebhookEndpointId, most: usize) -> usize {
        self.known.get(&id).and_then(|it| it.pace).unwrap_or(most)
    }

    fn is_held(&self, id: WebhookEndpointId, now: Timestamp) -> bool {
        let known = self.known.get(&id).and_then(|it| it.held_until);
        known.is_some_and(|until| now < until)
    }
}
