//! API keys. The text of a key is `portico_` `apk` id body `_` secret: the id is found by primary
//! key and the whole text compared by hash, in constant time.

use std::sync::Arc;

use portico_domain::{event::Actor, id::ApiKeyId, project::Project};
use portico_store::{Tx, api_keys};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use crate::{
    AppError,
    changes::{self, Scope},
    hashing,
};

const PREFIX: &str = "portico_";
/// 43 base62 digits are 256 bits.
const SECRET_LEN: usize = 43;

/// Creates a key for a project; its text is known only now.
///
/// # Errors
/// There is no such project.
pub async fn create(
    tx: &mut Tx,
    actor: &Actor,
    project: &str,
) -> Result<(ApiKeyId, SecretString), AppError> {
    crate::projects::get(tx, project).await?;
    let id: ApiKeyId = tx.ambient().id();
    let secret = tx.ambient().random.base62(SECRET_LEN);
    let text = SecretString::from(format!("{PREFIX}{}_{secret}", id.body()));
    insert(tx, (actor, project), id, &text).await?;
    Ok((id, text))
}

/// Revokes a key; it stops working at once. Revoking it twice is no mistake.
///
/// # Errors
/// There is no such key.
pub async fn revoke(tx: &mut Tx, actor: &Actor, id: ApiKeyId) -> Result<(), AppError> {
    let found = api_keys::find(tx, id).await?;
    let key = found.ok_or(AppError::NotFound("API key"))?;
    if api_keys::revoke(tx, id).await? {
        let scope = scope((actor, &key.project), &id);
        changes::audit(tx, scope, "apiKey.revoked", json!({})).await?;
    }
    Ok(())
}

/// Makes `text` a key of a project if it is none yet: for `portico dev`, whose key is fixed.
///
/// # Errors
/// The text has not the form of a key.
pub async fn ensure(tx: &mut Tx, project: &str, text: &SecretString) -> Result<(), AppError> {
    let rule = "must be portico_, 28 letters and digits, an underscore, and at least 43 more.";
    let id = id_of(text.expose_secret()).ok_or_else(|| AppError::invalid("apiKey", rule))?;
    if api_keys::find(tx, id).await?.is_none() {
        insert(tx, (&Actor::System, project), id, text).await?;
    }
    Ok(())
}

/// The key and project that `text` opens.
///
/// # Errors
/// The store failed; `None` for a key that is unknown, wrong or revoked.
pub async fn authenticate(
    tx: &mut Tx,
    text: &str,
) -> Result<Option<(ApiKeyId, Project)>, AppError> {
    let Some(id) = id_of(text) else {
        return Ok(None);
    };
    let found = opens(tx, id).await?;
    let found = found.filter(|opened| opened.by(text));
    Ok(found.map(|opened| (id, opened.project().clone())))
}

/// What a key that was valid opens.
#[derive(Clone)]
pub struct Opened(Arc<api_keys::Opened>);

impl Opened {
    /// The key's id.
    pub fn key(&self) -> ApiKeyId {
        self.0.id
    }

    /// The key's project.
    pub fn project(&self) -> &Project {
        &self.0.project
    }

    /// Whether `text` is the key's.
    pub(crate) fn by(&self, text: &str) -> bool {
        hashing::same_hash(&self.0.secret_hash, &hashing::token_hash(text))
    }

    /// Whether the key is still valid and its project as it was; see [`api_keys::still_opens`].
    ///
    /// # Errors
    /// The store failed.
    pub async fn is_still_so(&self, tx: &mut Tx) -> Result<bool, AppError> {
        Ok(api_keys::still_opens(tx, &self.0).await?)
    }
}

/// What the key of that id opens; nothing, if it is unknown or revoked.
pub(crate) async fn opens(tx: &mut Tx, id: ApiKeyId) -> Result<Option<Opened>, AppError> {
    let found = api_keys::opens(tx, id).await?;
    Ok(found.map(|opened| Opened(Arc::new(opened))))
}

async fn insert(
    tx: &mut Tx,
    who: (&Actor, &str),
    id: ApiKeyId,
    text: &SecretString,
) -> Result<(), AppError> {
    let key = api_keys::ApiKey {
        id,
        project: who.1.to_owned(),
        secret_hash: hashing::token_hash(text.expose_secret()),
        created_at: tx.now(),
        revoked_at: None,
    };
    api_keys::insert(tx, &key).await?;
    changes::audit(tx, scope(who, &id), "apiKey.created", json!({})).await
}

fn scope<'a>(who: (&'a Actor, &'a str), id: &'a ApiKeyId) -> Scope<'a> {
    let (actor, project) = who;
    Scope {
        project,
        subject: id.as_str(),
        actor,
    }
}

/// The id in a key's text.
pub(crate) fn id_of(text: &str) -> Option<ApiKeyId> {
    let (body, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
    ApiKeyId::from_body(body).filter(|_| secret.len() >= SECRET_LEN && secret.len() <= 128)
}
