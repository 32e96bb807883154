use std::{net::IpAddr, ops::Deref, sync::Arc};

use futures_util::future::BoxFuture;
use portico_carrier::Gateways;
use portico_store::{Db, Tx};

use crate::{AppError, Config};

/// Everything an entry point needs to run operations. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

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
        &self.0
    }
}

impl App {
    /// Puts the parts together.
    pub fn new(db: Db, gateways: Gateways, config: Config) -> Self {
        Self(Arc::new(Inner {
            db,
            gateways,
            config,
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

    /// A view for single statements; see [`Db::glance`].
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn glance(&self) -> Result<Tx, AppError> {
        Ok(self.db.glance().await?)
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
