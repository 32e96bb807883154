//! Values that take a while to make and are asked for again and again.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// How many it keeps: of a busy installation, the brands of many projects.
const ROOM: usize = 256;

/// Keeps what was made for a key. When it is full it begins anew.
pub(super) struct Memo<K, V>(Mutex<Option<HashMap<K, V>>>);

impl<K: Eq + Hash, V: Clone> Memo<K, V> {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// What was made for that key, or is made now. Nobody waits for somebody else's.
    pub(super) fn get(&self, key: K, make: impl FnOnce(&K) -> V) -> V {
        if let Some(value) = self.kept().get_or_insert_default().get(&key) {
            return value.clone();
        }
        let value = make(&key);
        let mut kept = self.kept();
        let kept = kept.get_or_insert_default();
        if kept.len() == ROOM {
            kept.clear();
        }
        kept.insert(key, value.clone());
        value
    }

    fn kept(&self) -> MutexGuard<'_, Option<HashMap<K, V>>> {
        // A key has only one value, so whatever broke off in here left nothing wrong behind.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_made_once_as_long_as_there_is_room() {
        let memo = Memo::new();
        let made = |key| {
            let mut made = false;
            let value = memo.get(key, |key| {
                made = true;
                key * 2
            });
            (value, made)
        };
        assert_eq!(made(1), (2, true));
        assert_eq!(made(1), (2, false));
        for key in 2..=ROOM {
            assert_eq!(made(key), (key * 2, true));
        }
        assert_eq!(made(1), (2, false));
        assert_eq!(made(0), (0, true));
        assert_eq!(made(1), (2, true), "it began anew");
    }
}
