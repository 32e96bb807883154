use std::sync::Arc;

use async_trait::async_trait;
use portico_domain::phone::PhoneNumber;
use portico_metrics::metrics;
use tracing::Instrument;

use crate::{
    Gateway, GatewayError, Kind, Notice, NoticeError, PortRequest, Portability, Progress, Submitted,
};

/// A gateway whose every call is timed and traced, so that none can be forgotten. What is said in a
/// call reaches neither.
pub(crate) struct Measured {
    provider: String,
    gateway: Arc<dyn Gateway>,
}

impl Measured {
    pub(crate) fn new(provider: &str, gateway: Arc<dyn Gateway>) -> Self {
        let provider = provider.to_owned();
        Self { provider, gateway }
    }

    async fn measure<T>(
        &self,
        call: &'static str,
        answer: impl Future<Output = Result<T, GatewayError>>,
    ) -> Result<T, GatewayError> {
        let running = metrics().gateways.begin(&self.provider, call);
        let provider = self.provider.as_str();
        let span = tracing::debug_span!(target: "portico::trace", "gateway call", provider, call);
        let answer = answer.instrument(span).await;
        running.end(match &answer {
            Ok(_) => "ok",
            Err(error) => error.kind(),
        });
        answer
    }
}

#[async_trait]
impl Gateway for Measured {
    async fn check(
        &self,
        provider: &str,
        number: &PhoneNumber,
    ) -> Result<Portability, GatewayError> {
        let answer = self.gateway.check(provider, number);
        self.measure("check", answer).await
    }

    async fn submit(&self, request: &PortRequest) -> Result<Submitted, GatewayError> {
        self.measure("submit", self.gateway.submit(request)).await
    }

    async fn has(&self, reference: &str) -> Result<bool, GatewayError> {
        self.measure("has", self.gateway.has(reference)).await
    }

    async fn submitted(&self, reference: &str) -> Result<Submitted, GatewayError> {
        self.gateway.submitted(reference).await
    }

    async fn progress(&self, reference: &str) -> Result<Progress, GatewayError> {
        let answer = self.gateway.progress(reference);
        self.measure("progress", answer).await
    }

    async fn cancel(&self, reference: &str) -> Result<(), GatewayError> {
        self.measure("cancel", self.gateway.cancel(reference)).await
    }

    fn kind(&self) -> Option<Kind> {
        self.gateway.kind()
    }

    fn notice(&self, notice: &Notice<'_>) -> Result<(), NoticeError> {
        self.gateway.notice(notice)
    }
}
