use std::{net::IpAddr, ops::Deref, sync::Arc};

use futures_util::future::BoxFuture;
use portico_carrier::Gateways;
use portico_domain::id::ApiKeyId;
use portico_store::{Db, Tx};

use crate::{
    AppError, Config,
    api_keys::{self, Opened},
    known_keys::KnownKeys,
    looks::Looks,
};

/// Everything an entry point needs to run operations. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Shared>);

struct Shared {
    inner: Inner,
    key_looks: Looks<ApiKeyId, Option<Opened>>,
    known_keys: KnownKeys,
}

/// The parts of an [`App`].
pub struct Inner {
    /// The database.
    pub db: Db,
    /// The gateways to recipients.
    pub gateways: Gateways,
    /// What the operator decided.
    pub config: Config,
}

impl Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0.inner
    }
}

impl App {
    /// Puts the parts together.
    pub fn new(db: Db, gateways: Gateways, config: Config) -> Self {
        let inner = Inner {
            db,
            gateways,
            config,
        };
        Self(Arc::new(Shared {
            inner,
            key_looks: Looks::default(),
            known_keys: KnownKeys::default(),
        }))
    }

    /// Runs an operation that writes; see [`Db::write`].
    ///
    /// # Errors
    /// What the operation returned, or why it could not be kept.
    pub async fn write<T, F>(&self, mut work: F) -> Result<T, AppError>
    where
        T: Send + 'static,
        F: for<'t> FnMut(&'t mut Tx, Self) -> BoxFuture<'t, Result<T, AppError>> + Send + 'static,
    {
        let app = self.clone();
        self.db.write(move |tx| work(tx, app.clone())).await
    }

    /// What the key of that `text` opens. Those who ask for one key at the same time share a look.
    ///
    /// # Errors
    /// The store failed; `None` for a key that is unknown, wrong or revoked.
    pub async fn authenticate(&self, text: &str) -> Result<Option<Opened>, AppError> {
        let Some(id) = api_keys::id_of(text) else {
            return Ok(None);
        };
        let db = self.db.clone();
        let look = move || {
            let db = db.clone();
            async move { api_keys::opens(&mut db.glance().await?, id).await }
        };
        let found = self.0.key_looks.find(id, look).await?;
        let known = &self.0.known_keys;
        let Some(opened) = found else {
            known.forget(id);
            return Ok(None);
        };
        if !opened.by(text) {
            return Ok(None);
        }
        known.note(opened.clone(), self.db.ambient().now());
        Ok(Some(opened))
    }

    /// What `text` opened a short while ago. Whether it still does has to be asked before anything is
    /// done or told: see [`Opened::is_still_so`].
    pub fn recall(&self, text: &str) -> Option<Opened> {
        let known = &self.0.known_keys;
        let found = known.find(api_keys::id_of(text)?, self.db.ambient().now());
        found.filter(|opened| opened.by(text))
    }

    /// A view for single statements; see [`Db::glance`].
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn glance(&self) -> Result<Tx, AppError> {
        Ok(self.db.glance().await?)
    }

    /// A view for a statement that says everything; see [`Db::look`].
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn look(&self) -> Result<Tx, AppError> {
        Ok(self.db.look().await?)
    }

    /// A consistent view for reading.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn read(&self) -> Result<Tx, AppError> {
        Ok(self.db.read().await?)
    }
}

/// Who sent a request, in its extensions: the peer, or whom a trusted proxy names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientAddr(pub IpAddr);
