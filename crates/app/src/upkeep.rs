//! What time alone makes necessary. Each may run at any moment, any number of times.

use jiff::SignedDuration;
use portico_store::{Tx, idempotency, rate_limits, sessions, user_tokens};

use crate::AppError;

/// How many sessions one transaction expires.
const BATCH: u32 = 100;
/// No window is longer; counters older than this are dead.
const LONGEST_WINDOW: SignedDuration = SignedDuration::from_hours(24);

/// Marks links that were not opened in time. Whether more are waiting.
///
/// # Errors
/// The store failed.
pub async fn expire_sessions(tx: &mut Tx) -> Result<bool, AppError> {
    let overdue = sessions::overdue(tx, BATCH).await?;
    for session in &overdue {
        crate::sessions::expire(tx, session).await?;
    }
    Ok(overdue.len() == BATCH as usize)
}

/// Erases kept answers, user tokens and counters whose time is over.
///
/// # Errors
/// The store failed.
pub async fn erase_old(tx: &mut Tx) -> Result<(), AppError> {
    idempotency::erase_old(tx).await?;
    user_tokens::erase_old(tx).await?;
    let before = tx.now() - LONGEST_WINDOW;
    rate_limits::erase_old(tx, before).await?;
    Ok(())
}
