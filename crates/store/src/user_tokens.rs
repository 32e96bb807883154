//! User tokens: what an embed got for a link. Kept as hashes, found by id.

use jiff::Timestamp;
use portico_domain::{
    id::{SessionId, UserId, UserTokenId},
    project::Project,
};

use crate::{StoreError, Tx, projects, value::args};

const TABLE: &str = "user_tokens";

/// A user token without its secret.
#[derive(Debug, Clone)]
pub struct UserToken {
    /// Its id, part of the token's text.
    pub id: UserTokenId,
    /// The project of the session.
    pub project: String,
    /// Whose subscriptions and portings it opens.
    pub user: UserId,
    /// The session whose link it was given for.
    pub session: SessionId,
    /// SHA-256 of the whole token.
    pub secret_hash: Vec<u8>,
    /// When it was given.
    pub created_at: Timestamp,
    /// When it stops working.
    pub expires_at: Timestamp,
}

/// What a token opens.
#[derive(Debug)]
pub struct Opened {
    /// SHA-256 of the token's text, to be compared with what was sent.
    pub secret_hash: Vec<u8>,
    /// Whose it is.
    pub user: UserId,
    /// The session it was given for.
    pub session: SessionId,
    /// The session's project.
    pub project: Project,
}

/// Adds a token.
///
/// # Errors
/// The store failed.
pub async fn insert(tx: &mut Tx, token: &UserToken) -> Result<(), StoreError> {
    let sql = "INSERT INTO user_tokens \
               (id, project, user_id, session_id, secret_hash, created_at, expires_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let row = args![
        token.id,
        token.project.as_str(),
        token.user,
        token.session,
        token.secret_hash.as_slice(),
        token.created_at,
        token.expires_at,
    ];
    tx.defer(sql, row);
    Ok(())
}

/// What the token of that id opens; `None` when its time is over, its user is not active, or its
/// session's subscription has ended or is another's.
///
/// # Errors
/// The store failed.
pub async fn opens(tx: &mut Tx, id: UserTokenId) -> Result<Option<Opened>, StoreError> {
    let now = tx.now();
    let sql = "SELECT p.id, p.type, p.settings, p.logo_type, p.created_at, \
               t.secret_hash, t.user_id, t.session_id FROM user_tokens AS t \
               JOIN projects AS p ON p.id = t.project \
               JOIN users AS u ON u.id = t.user_id AND u.status = 'active' \
               JOIN connect_sessions AS c ON c.id = t.session_id \
               JOIN subscriptions AS s ON s.id = c.subscription_id \
               AND s.user_id = t.user_id AND s.status <> 'ended' \
               WHERE t.id = $1 AND t.expires_at > $2";
    let row = tx.optional(TABLE, sql, args![id, now]).await?;
    row.map(|row| {
        Ok(Opened {
            secret_hash: row.blob("secret_hash")?,
            user: row.parse("user_id")?,
            session: row.parse("session_id")?,
            project: projects::project(&row)?,
        })
    })
    .transpose()
}

/// Erases tokens whose time is over. How many.
///
/// # Errors
/// The store failed.
pub async fn erase_old(tx: &mut Tx) -> Result<u64, StoreError> {
    let now = tx.now();
    let sql = "DELETE FROM user_tokens WHERE expires_at <= $1";
    tx.execute(sql, args![now]).await
}
