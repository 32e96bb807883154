//! One look for all who ask the same at the same time.
//!
//! Guarantee: what a caller is told was looked up after it had asked. So a key that is revoked is
//! refused from then on, as if each had looked for itself; nothing is remembered.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use portico_store::StoreError;
use tokio::sync::oneshot;

use crate::AppError;

type Caller<V> = oneshot::Sender<Result<V, AppError>>;

/// The looks under way, and who waits for the one after. Cheap to clone.
pub(crate) struct Looks<K, V>(Arc<Mutex<HashMap<K, Vec<Caller<V>>>>>);

impl<K, V> Clone for Looks<K, V> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K, V> Default for Looks<K, V> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K, V> Looks<K, V>
where
    K: Copy + Eq + Hash + Send + 'static,
    V: Clone + Send + 'static,
{
    /// What `look` finds, which is the same for everybody who asks for `key`.
    ///
    /// # Errors
    /// It failed.
    pub(crate) async fn find<F, L>(&self, key: K, look: L) -> Result<V, AppError>
    where
        F: Future<Output = Result<V, AppError>> + Send + 'static,
        L: Fn() -> F + Clone + Send + 'static,
    {
        let (caller, answer) = oneshot::channel();
        if self.is_first(key, caller) {
            let looking = Looking {
                looks: self.clone(),
                key,
                is_over: false,
            };
            // On its own, so that it goes on for the others when this caller is gone.
            tokio::spawn(looking.run(look.clone()));
        }
        match answer.await {
            Ok(found) => found,
            // The look that was shared failed for a reason of its own.
            Err(_) => Box::pin(look()).await,
        }
    }

    fn is_first(&self, key: K, caller: Caller<V>) -> bool {
        let mut callers = self.callers();
        let is_first = !callers.contains_key(&key);
        callers.entry(key).or_default().push(caller);
        is_first
    }

    fn callers(&self) -> MutexGuard<'_, HashMap<K, Vec<Caller<V>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks for a key again and again, as long as somebody has asked since the last look began. Dropping
/// it leaves whoever waits to look themselves.
struct Looking<K: Copy + Eq + Hash, V> {
    looks: Looks<K, V>,
    key: K,
    is_over: bool,
}

impl<K, V> Looking<K, V>
where
    K: Copy + Eq + Hash + Send + 'static,
    V: Clone + Send + 'static,
{
    async fn run<F>(mut self, look: impl Fn() -> F)
    where
        F: Future<Output = Result<V, AppError>>,
    {
        while let Some(callers) = self.next() {
            let found = look().await;
            for caller in callers {
                let found = match &found {
                    Ok(found) => Ok(found.clone()),
                    Err(AppError::Store(error @ StoreError::Unavailable(_))) => {
                        Err(AppError::Store(error.to_another()))
                    }
                    Err(_) => continue,
                };
                // The caller may be gone.
                let _ = caller.send(found);
            }
        }
    }

    /// Who has asked since the last look began; if nobody has, this one is over.
    fn next(&mut self) -> Option<Vec<Caller<V>>> {
        let mut callers = self.looks.callers();
        let waiting = callers.get_mut(&self.key).map(std::mem::take);
        let waiting = waiting.filter(|waiting| !waiting.is_empty());
        if waiting.is_none() {
            callers.remove(&self.key);
            self.is_over = true;
        }
        waiting
    }
}

impl<K: Copy + Eq + Hash, V> Drop for Looking<K, V> {
    fn drop(&mut self) {
        if !self.is_over {
            let callers = &self.looks.0;
            let mut callers = callers.lock().unwrap_or_else(PoisonError::into_inner);
            callers.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

    use futures_util::future::join_all;
    use tokio::{sync::Semaphore, task::JoinHandle};

    use super::*;

    /// Counts looks, each of which waits until it is let through.
    #[derive(Clone)]
    struct Door(Arc<(AtomicU32, Semaphore)>);

    impl Door {
        fn closed() -> Self {
            Self(Arc::new((AtomicU32::new(0), Semaphore::new(0))))
        }

        fn open(&self, times: usize) {
            self.0.1.add_permits(times);
        }

        async fn look(self) -> Result<u32, AppError> {
            let look = self.0.0.fetch_add(1, SeqCst) + 1;
            self.0.1.acquire().await.unwrap().forget();
            Ok(look)
        }
    }

    async fn find(looks: &Looks<u8, u32>, door: &Door) -> u32 {
        let door = door.clone();
        let look = move || door.clone().look();
        looks.find(1, look).await.unwrap()
    }

    /// Somebody who asks, and waits in a look that has begun.
    async fn somebody(looks: &Looks<u8, u32>, door: &Door) -> JoinHandle<u32> {
        let before = door.0.0.load(SeqCst);
        let asking = (looks.clone(), door.clone());
        let asking = tokio::spawn(async move { find(&asking.0, &asking.1).await });
        while door.0.0.load(SeqCst) == before {
            tokio::task::yield_now().await;
        }
        asking
    }

    #[tokio::test]
    async fn who_asks_during_a_look_is_told_by_the_next_one() {
        let (looks, door) = (Looks::default(), Door::closed());
        let first = somebody(&looks, &door).await;
        let later = join_all((0..5).map(|_| find(&looks, &door)));
        let (later, ()) = tokio::join!(later, async { door.open(2) });
        assert_eq!(first.await.unwrap(), 1);
        assert_eq!(later, [2; 5], "one more look for all of them");
        door.open(1);
        assert_eq!(find(&looks, &door).await, 3, "nothing is remembered");
    }

    #[tokio::test]
    async fn a_caller_who_goes_takes_nothing_from_the_others() {
        let (looks, door) = (Looks::default(), Door::closed());
        let gone = somebody(&looks, &door).await;
        gone.abort();
        assert!(gone.await.unwrap_err().is_cancelled());
        let (told, ()) = tokio::join!(find(&looks, &door), async { door.open(2) });
        assert_eq!(told, 2);
    }
}
