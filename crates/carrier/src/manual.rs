//! A carrier that has only a portal: requests wait in a queue for a person, who hands them in and
//! records what the carrier says.
//!
//! Guarantee: a request is in the queue once, and stays until a person has dealt with it. Nothing that
//! the donor checks is copied into the queue; it stays with the porting and goes when that goes.

use async_trait::async_trait;
use jiff::SignedDuration;
use portico_domain::{
    carrier::{Case, CaseState},
    phone::PhoneNumber,
    porting::{Porting, Status},
};
use portico_store::{
    Db, StoreError,
    carriers::{cases, updates},
    portings,
};

use crate::{
    Gateway, GatewayError, Kind, PortRequest, Portability, Progress, Submitted,
    mapping::Mapper,
    told::{self, unavailable},
};

/// How often the queue is looked at when nothing was recorded: what is recorded is seen at once.
const LOOK_EVERY: SignedDuration = SignedDuration::from_hours(6);

/// The gateway of a carrier that is served by hand.
#[derive(Clone)]
pub struct Manual {
    db: Db,
    mapper: Mapper,
}

impl Manual {
    /// A gateway whose queue is in `db`.
    pub fn new(db: Db, mapper: Mapper) -> Self {
        Self { db, mapper }
    }

    async fn enqueue(&self, request: &PortRequest) -> Result<(), StoreError> {
        let (id, reference) = (request.porting, request.reference.clone());
        let written = self.db.write(move |tx| {
            let reference = reference.clone();
            Box::pin(async move {
                // This may come late, after its caller has given up: nobody hands in what is not wanted.
                let is_wanted =
                    |it: &Porting| it.status() == Status::Pending && it.reference() == reference;
                let Some(porting) = portings::get(tx, id).await?.filter(is_wanted) else {
                    return Ok(());
                };
                let case = Case {
                    reference,
                    project: porting.project,
                    porting: id,
                    provider: porting.provider,
                    state: CaseState::Queued,
                    since: tx.now(),
                    holder: None,
                    created_at: tx.now(),
                };
                cases::insert(tx, &case).await.map(drop)
            })
        });
        written.await
    }
}

#[async_trait]
impl Gateway for Manual {
    async fn check(&self, _: &str, _: &PhoneNumber) -> Result<Portability, GatewayError> {
        Ok(Portability::Portable {
            also_required: Vec::new(),
        })
    }

    async fn submit(&self, request: &PortRequest) -> Result<Submitted, GatewayError> {
        self.enqueue(request).await.map_err(unavailable)?;
        self.submitted(&request.reference).await
    }

    async fn has(&self, reference: &str) -> Result<bool, GatewayError> {
        let mut tx = self.db.read().await.map_err(unavailable)?;
        let found = cases::find(&mut tx, reference).await.map_err(unavailable)?;
        Ok(found.is_some())
    }

    async fn submitted(&self, reference: &str) -> Result<Submitted, GatewayError> {
        let mut tx = self.db.read().await.map_err(unavailable)?;
        let answered = updates::has_any(&mut tx, reference).await;
        Ok(match answered.map_err(unavailable)? {
            true => Submitted::Accepted,
            false => Submitted::Kept {
                look_again_at: tx.now() + LOOK_EVERY,
            },
        })
    }

    async fn progress(&self, reference: &str) -> Result<Progress, GatewayError> {
        let news = told::news(&self.db, reference).await?;
        Ok(Progress {
            answers: told::answers(&self.mapper, &news),
            ask_again_at: Some(self.db.ambient().now() + LOOK_EVERY),
        })
    }

    async fn cancel(&self, reference: &str) -> Result<(), GatewayError> {
        let reference = reference.to_owned();
        let called_off = self.db.write(move |tx| {
            let reference = reference.clone();
            Box::pin(async move {
                let Some(before) = cases::find(tx, &reference).await? else {
                    return Ok(());
                };
                let after = before.clone().call_off(tx.now());
                cases::update(tx, &before, &after).await
            })
        });
        called_off.await.map_err(unavailable)
    }

    fn kind(&self) -> Option<Kind> {
        Some(Kind::Manual)
    }
}
