//! A job this process holds, and the only ways to keep what it achieved.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use portico_app::{App, AppError};
use portico_carrier::{Gateway, GatewayError};
use portico_metrics::metrics;
use portico_store::{
    StoreError, Tx, attempts,
    jobs::{self, Job},
    portings,
};

use crate::{backoff::retry_at, unheard::Unheard};

/// What becomes of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// It is done.
    Finish,
    /// It is done again, later.
    PutBack(Timestamp),
    /// It is done later: it was not tried.
    PutOff(Timestamp),
    /// It still runs; this was a step on the way.
    GoOn,
}

/// A claimed job.
#[derive(Clone)]
pub(crate) struct Held {
    pub app: App,
    pub owner: Arc<str>,
    pub job: Job,
    /// How long a gateway may take to answer one call.
    pub gateway_timeout: Duration,
    /// Of the worker.
    pub unheard: Arc<Mutex<Unheard>>,
}

impl Held {
    pub fn subject(&self) -> &str {
        &self.job.subject
    }

    /// Keeps what `work` writes, together with what that means for the job.
    ///
    /// # Errors
    /// The lease was lost, or `work` failed; then nothing is kept.
    pub async fn settle<T, F>(&self, work: F) -> Result<T, AppError>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx, &'t str) -> BoxFuture<'t, Result<(T, Next), AppError>>
            + Send
            + Sync
            + 'static,
    {
        let work = Arc::new(work);
        let (owner, job) = (self.owner.clone(), self.job.clone());
        self.app
            .write(move |tx, _| {
                let (work, owner, job) = (work.clone(), owner.clone(), job.clone());
                Box::pin(async move {
                    let (value, next) = work(tx, &job.subject).await?;
                    match next {
                        Next::Finish => jobs::finish(tx, &owner, job.id).await?,
                        Next::PutBack(at) => jobs::put_back(tx, &owner, &job, at).await?,
                        Next::PutOff(at) => jobs::put_off(tx, &owner, &job, at).await?,
                        Next::GoOn => go_on(tx, &owner, &job).await?,
                    }
                    Ok(value)
                })
            })
            .await
    }

    /// Removes the job and then does `work`, for work that itself clears away the jobs of its
    /// subject.
    ///
    /// # Errors
    /// As [`Held::settle`].
    pub async fn finish_with<F>(&self, work: F) -> Result<(), AppError>
    where
        F: for<'t> Fn(&'t mut Tx, &'t str) -> BoxFuture<'t, Result<(), AppError>>
            + Send
            + Sync
            + 'static,
    {
        let work = Arc::new(work);
        let (owner, job) = (self.owner.clone(), self.job.clone());
        self.app
            .write(move |tx, _| {
                let (work, owner, job) = (work.clone(), owner.clone(), job.clone());
                Box::pin(async move {
                    jobs::finish(tx, &owner, job.id).await?;
                    work(tx, &job.subject).await
                })
            })
            .await
    }

    /// Removes the job: there is nothing to do.
    ///
    /// # Errors
    /// The lease was lost, or the store failed.
    pub async fn finish(&self) -> Result<(), AppError> {
        self.leave(Next::Finish, false).await
    }

    /// Puts the job back for `at`.
    ///
    /// # Errors
    /// As [`Held::finish`].
    pub async fn put_back(&self, at: Timestamp) -> Result<(), AppError> {
        self.leave(Next::PutBack(at), false).await
    }

    /// Puts the job off until `at`: nothing was tried.
    ///
    /// # Errors
    /// As [`Held::finish`].
    pub async fn put_off(&self, at: Timestamp) -> Result<(), AppError> {
        self.leave(Next::PutOff(at), false).await
    }

    async fn leave(&self, next: Next, has_ended: bool) -> Result<(), AppError> {
        self.settle(move |tx, reference| {
            Box::pin(async move {
                if has_ended {
                    portico_app::portings::call_ended(tx, reference).await?;
                }
                Ok(((), next))
            })
        })
        .await
    }

    /// Puts the job back because the gateway gave no answer.
    ///
    /// # Errors
    /// As [`Held::finish`].
    pub async fn retry(&self, error: &GatewayError) -> Result<(), AppError> {
        self.retry_after(error, false).await
    }

    /// The same when the attempt was handed in, which notes whether that call has ended.
    ///
    /// # Errors
    /// As [`Held::finish`].
    pub async fn hand_in_again(&self, error: &GatewayError) -> Result<(), AppError> {
        self.retry_after(error, !error.may_be_under_way()).await
    }

    async fn retry_after(&self, error: &GatewayError, has_ended: bool) -> Result<(), AppError> {
        let (kind, tries) = (&self.job.kind, self.job.tries);
        let why = error.kind();
        tracing::warn!(
            kind,
            subject = self.subject(),
            tries,
            why,
            "the gateway gave no answer"
        );
        metrics().jobs.put_back(kind, why);
        if !matches!(error, GatewayError::Unreadable(_)) {
            return self.leave(Next::PutBack(self.retry_at()), has_ended).await;
        }
        self.put_back_unreadable(has_ended).await
    }

    /// Puts the job back and remembers since when the carrier says nothing readable: an operator is
    /// told when that is long.
    async fn put_back_unreadable(&self, has_ended: bool) -> Result<(), AppError> {
        let at = self.retry_at();
        let since = self
            .settle(move |tx, reference| {
                Box::pin(async move {
                    if has_ended {
                        portico_app::portings::call_ended(tx, reference).await?;
                    }
                    let since = portico_app::portings::note_unreadable(tx, reference).await?;
                    Ok((since, Next::PutBack(at)))
                })
            })
            .await?;
        if let Some(since) = since {
            let reference = self.subject();
            tracing::error!(
                reference,
                %since,
                "the carrier says nothing readable about this attempt; look at it there"
            );
        }
        Ok(())
    }

    /// How long it is to be waited until the attempt's open call is not carried out any more.
    pub fn rest_of(&self, open_call: Option<u32>) -> Option<Duration> {
        if open_call == Some(0) {
            return None;
        }
        let now = self.app.db.ambient().clock.elapsed();
        let mut unheard = self.unheard.lock().expect("no holder of this lock panics");
        unheard.rest(self.subject(), open_call, now)
    }

    /// When to try again.
    pub fn retry_at(&self) -> Timestamp {
        retry_at(self.app.db.ambient(), self.job.tries)
    }

    /// Renews the lease. Whether it is still held.
    ///
    /// # Errors
    /// The store failed.
    pub async fn renew(&self) -> Result<bool, AppError> {
        let (owner, id) = (self.owner.clone(), self.job.id);
        self.app
            .write(move |tx, _| {
                let owner = owner.clone();
                Box::pin(async move { Ok(jobs::renew(tx, &owner, id).await?) })
            })
            .await
    }

    /// The recipient of the attempt that the job is about; `None` when there is no such attempt any
    /// more, and then the job is over too.
    ///
    /// # Errors
    /// The store failed.
    pub async fn provider(&self) -> Result<Option<String>, AppError> {
        let mut tx = self.app.read().await?;
        let Some(attempt) = attempts::find(&mut tx, self.subject()).await? else {
            return Ok(None);
        };
        let porting = portings::get(&mut tx, attempt.porting).await?;
        Ok(porting.map(|porting| porting.provider))
    }

    /// The gateway of a recipient.
    ///
    /// # Errors
    /// One that is not set up any more is one that is down: the porting waits for its return.
    pub fn gateway(&self, provider: &str) -> Result<Arc<dyn Gateway>, GatewayError> {
        let found = self.app.gateways.find(provider).cloned();
        found.ok_or_else(|| GatewayError::Unavailable(format!("{provider} is not set up")))
    }

    /// Calls a gateway, for as long as that may take.
    ///
    /// # Errors
    /// What the gateway says, or [`GatewayError::TimedOut`].
    pub async fn ask<T>(
        &self,
        call: impl Future<Output = Result<T, GatewayError>>,
    ) -> Result<T, GatewayError> {
        tokio::time::timeout(self.gateway_timeout, call)
            .await
            .unwrap_or(Err(GatewayError::TimedOut))
    }
}

async fn go_on(tx: &mut Tx, owner: &str, job: &Job) -> Result<(), AppError> {
    if jobs::renew(tx, owner, job.id).await? {
        Ok(())
    } else {
        Err(StoreError::Stale("the job").into())
    }
}

/// Whether an error only says that somebody else was faster.
pub(crate) fn is_lost_race(error: &AppError) -> bool {
    matches!(error, AppError::Store(StoreError::Stale(_)))
}
