//! API keys. The text of a key is `portico_` `apk` id body `_` secret: the id is found by primary
//! key and the whole text compared by hash, in constant time.

use portico_domain::id::ApiKeyId;
use portico_store::{Tx, api_keys};
use secrecy::{ExposeSecret, SecretString};

use crate::{AppError, hashing};

const PREFIX: &str = "portico_";
/// 43 base62 digits are 256 bits.
const SECRET_LEN: usize = 43;

/// Creates a key for a project; its text is known only now.
///
/// # Errors
/// There is no such project.
pub async fn create(tx: &mut Tx, project: &str) -> Result<(ApiKeyId, SecretString), AppError> {
    crate::projects::get(tx, project).await?;
    let id: ApiKeyId = tx.ambient().id();
    let secret = tx.ambient().random.base62(SECRET_LEN);
    let text = SecretString::from(format!("{PREFIX}{}_{secret}", id.body()));
    insert(tx, project, id, &text).await?;
    Ok((id, text))
}

/// Makes `text` a key of a project if it is none yet: for `portico dev`, whose key is fixed.
///
/// # Errors
/// The text has not the form of a key.
pub async fn ensure(tx: &mut Tx, project: &str, text: &SecretString) -> Result<(), AppError> {
    let rule = "must be portico_, 28 letters and digits, an underscore, and at least 43 more.";
    let id = id_of(text.expose_secret()).ok_or_else(|| AppError::invalid("apiKey", rule))?;
    if api_keys::find(tx, id).await?.is_none() {
        insert(tx, project, id, text).await?;
    }
    Ok(())
}

/// The key and project that `text` opens.
///
/// # Errors
/// The store failed; `None` for a key that is unknown, wrong or revoked.
pub async fn authenticate(tx: &mut Tx, text: &str) -> Result<Option<(ApiKeyId, String)>, AppError> {
    let Some(id) = id_of(text) else {
        return Ok(None);
    };
    let found = api_keys::find(tx, id).await?;
    let hash = hashing::token_hash(text);
    Ok(found
        .filter(|key| key.revoked_at.is_none() && hashing::same_hash(&key.secret_hash, &hash))
        .map(|key| (key.id, key.project)))
}

async fn insert(
    tx: &mut Tx,
    project: &str,
    id: ApiKeyId,
    text: &SecretString,
) -> Result<(), AppError> {
    let key = api_keys::ApiKey {
        id,
        project: project.to_owned(),
        secret_hash: hashing::token_hash(text.expose_secret()),
        created_at: tx.now(),
        revoked_at: None,
    };
    Ok(api_keys::insert(tx, &key).await?)
}

fn id_of(text: &str) -> Option<ApiKeyId> {
    let (body, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
    ApiKeyId::from_body(body).filter(|_| secret.len() >= SECRET_LEN && secret.len() <= 128)
}
