//! Who runs next. A lane is a task with a transaction: an operation that finds one free runs at once,
//! alone; those that have to wait are taken together by the next one.
//!
//! Guarantee: an operation that was put here is taken, whether or not its caller still waits for it.
//! While every lane is busy with something long, [`Lanes::rescue`] opens more.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::Operation;

/// How many lanes there are while none is busy for long and fewer than [`MANY`] wait: one gathers and
/// asks while another commits.
const LANES: usize = 2;
/// How many operations have to wait for one lane more. With more lanes groups are smaller, each costs the
/// database about as much, and lanes meet more often; see docs/PERFORMANCE.md.
const MANY: usize = 12;

/// The queue and its lanes. Cheap to clone.
#[derive(Clone)]
pub(super) struct Lanes {
    state: Arc<Mutex<State>>,
    /// How many lanes there may be at the most.
    most: usize,
}

#[derive(Default)]
struct State {
    /// Each with its number.
    waiting: VecDeque<(u64, Box<dyn Operation>)>,
    /// The number of the next one.
    next: u64,
    open: usize,
}

/// The right to run what waits. It begins with an operation.
pub(super) struct Lane {
    lanes: Lanes,
    is_open: bool,
}

impl State {
    /// How many lanes are worth having.
    fn lanes(&self) -> usize {
        LANES + usize::from(self.waiting.len() >= MANY)
    }
}

impl Lanes {
    pub(super) fn new(most: usize) -> Self {
        let state = Arc::default();
        Self { state, most }
    }

    /// Puts an operation behind the others. A lane, if one is to be opened, with what it runs first.
    pub(super) fn put(&self, operation: Box<dyn Operation>) -> Option<(Lane, Box<dyn Operation>)> {
        let mut state = self.state();
        let number = state.next;
        state.next += 1;
        state.waiting.push_back((number, operation));
        let lanes = state.lanes();
        self.open(state, lanes.min(self.most))
    }

    /// One more lane, if somebody waits.
    pub(super) fn rescue(&self) -> Option<(Lane, Box<dyn Operation>)> {
        self.open(self.state(), self.most)
    }

    /// Whether no lane is open.
    pub(super) fn are_idle(&self) -> bool {
        self.state().open == 0
    }

    /// How many operations wait.
    pub(super) fn waiting(&self) -> usize {
        self.state().waiting.len()
    }

    fn open(
        &self,
        mut state: MutexGuard<'_, State>,
        most: usize,
    ) -> Option<(Lane, Box<dyn Operation>)> {
        if state.open >= most {
            return None;
        }
        let (_, first) = state.waiting.pop_front()?;
        state.open += 1;
        let lane = Lane {
            lanes: self.clone(),
            is_open: true,
        };
        Some((lane, first))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lane {
    /// Those who wait now. They go on waiting until they are taken, so that another lane may do so.
    pub(super) fn those_who_wait(&self) -> Others<'_> {
        Others {
            lanes: &self.lanes,
            end: self.lanes.state().next,
        }
    }

    /// The first operation of a new group. Nobody waits, or there are more lanes than are worth having:
    /// then this one is closed, and the others or [`Lanes::rescue`] take those who wait.
    pub(super) fn first(&mut self) -> Option<Box<dyn Operation>> {
        let mut state = self.lanes.state();
        let first = match state.open > state.lanes() {
            true => None,
            false => state.waiting.pop_front().map(|(_, operation)| operation),
        };
        if first.is_none() {
            state.open -= 1;
            self.is_open = false;
        }
        first
    }
}

/// Operations that waited at some moment.
pub(super) struct Others<'l> {
    lanes: &'l Lanes,
    /// The number of the first that came later.
    end: u64,
}

impl Others<'_> {
    /// The next of them that nobody has taken.
    pub(super) fn next(&self) -> Option<Box<dyn Operation>> {
        let waiting = &mut self.lanes.state().waiting;
        let taken = waiting.pop_front_if(|(number, _)| *number < self.end);
        taken.map(|(_, operation)| operation)
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        if self.is_open {
            self.lanes.state().open -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;
    use crate::{StoreError, db::operation::operation};

    fn some_operation() -> Box<dyn Operation> {
        let nothing =
            operation::<(), StoreError, _>(|_| Box::pin(async { Ok(()) }), Instant::now());
        nothing.0
    }

    #[test]
    fn a_third_lane_is_opened_for_many_and_closed_when_few_are_left() {
        let lanes = Lanes::new(8);
        let mut open: Vec<Lane> = Vec::new();
        let put = || lanes.put(some_operation()).map(|(lane, _)| lane);
        open.extend([put(), put()].into_iter().flatten());
        assert_eq!(open.len(), 2, "one for each of the first");
        let more: Vec<_> = (0..MANY).map(|_| put()).collect();
        let opened: Vec<_> = more.iter().map(Option::is_some).collect();
        assert_eq!(opened, [vec![false; MANY - 1], vec![true]].concat());
        open.extend(more.into_iter().flatten());
        assert_eq!(lanes.waiting(), MANY - 1);
        assert!(open[0].first().is_none(), "three are too many for so few");
        assert!(open[1].first().is_some() && open[2].first().is_some());
        assert_eq!(lanes.waiting(), MANY - 3);
        assert!(lanes.rescue().is_some(), "both may be busy for long");
        open.clear();
        assert!(lanes.are_idle());
    }
}
