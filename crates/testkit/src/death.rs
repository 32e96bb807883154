use std::{
    future::poll_fn,
    pin::{Pin, pin},
    task::Poll,
};

/// Works until the `turns`th time it would have to wait, and is dropped there, as if its process had
/// died. What it had begun at the database or elsewhere may still be done there.
pub async fn die_after(turns: usize, work: impl Future<Output = ()>) {
    let mut work = pin!(work);
    let mut left = turns;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        Pin::as_mut(&mut work).poll(context)
    })
    .await;
}
