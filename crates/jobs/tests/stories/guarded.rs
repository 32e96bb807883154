//! A simulated carrier that a test stands in front of.

use std::{future::Future, sync::Arc};

use futures_util::future::BoxFuture;
use portico_app::{App, Config};
use portico_carrier::{
    Gateway, GatewayError, Gateways, PortRequest, Portability, Progress, Submitted,
    simulator::Simulator,
};
use portico_domain::phone::PhoneNumber;
use portico_store::Db;

type Guard = dyn Fn(PortRequest) -> BoxFuture<'static, Result<(), GatewayError>> + Send + Sync;

/// What is handed in reaches the simulator when the guard lets it; what is asked of a carrier does in
/// any case.
#[derive(Clone)]
pub struct Guarded {
    pub simulator: Arc<Simulator>,
    guard: Arc<Guard>,
}

impl Guarded {
    pub fn new<F>(db: &Db, guard: impl Fn(PortRequest) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), GatewayError>> + Send + 'static,
    {
        Self {
            simulator: Arc::new(Simulator::new(db.clone(), 1.0)),
            guard: Arc::new(move |request| Box::pin(guard(request))),
        }
    }

    /// An app on that database whose only recipient it is.
    pub fn app(&self, db: &Db) -> App {
        let gateways = Gateways::default().with("test", Arc::new(self.clone()));
        App::new(db.clone(), gateways, Config::default())
    }
}

#[async_trait::async_trait]
impl Gateway for Guarded {
    async fn check(&self, to: &str, number: &PhoneNumber) -> Result<Portability, GatewayError> {
        self.simulator.check(to, number).await
    }
    async fn submit(&self, request: &PortRequest) -> Result<Submitted, GatewayError> {
        (self.guard)(request.clone()).await?;
        self.simulator.submit(request).await
    }
    async fn has(&self, reference: &str) -> Result<bool, GatewayError> {
        self.simulator.has(reference).await
    }
    async fn submitted(&self, reference: &str) -> Result<Submitted, GatewayError> {
        self.simulator.submitted(reference).await
    }
    async fn progress(&self, reference: &str) -> Result<Progress, GatewayError> {
        self.simulator.progress(reference).await
    }
    async fn cancel(&self, reference: &str) -> Result<(), GatewayError> {
        self.simulator.cancel(reference).await
    }
}
