//! Telnyx's porting API.
//!
//! Guarantee: an attempt is one order at most, however often it is handed in. Its reference is the
//! order's `customer_reference`, and before anything is sent the carrier is asked for orders of that
//! reference; so nothing needs to be remembered here, and a crash between two requests is continued
//! where it happened: an order that was made is filled in, one that was filled in is confirmed.
//!
//! A repair changes the order that was declined instead of making another, because a new order can
//! begin at the end of the donor's queue. The order then gets the new attempt's reference and, in
//! `customer_group_reference`, a mark: the newest event of the order. As long as that is the newest
//! one, what the order says is about the attempt before, and it has not been confirmed again.

mod api;
mod fill;
mod notice;
mod order;
mod reading;

use std::time::Duration;

use async_trait::async_trait;
use jiff::SignedDuration;
use portico_ambient::Ambient;
use portico_domain::phone::PhoneNumber;
use portico_outgoing::{Client, Target};
use secrecy::SecretString;

use crate::{
    Gateway, GatewayError, Notice, NoticeError, Outcome, PortRequest, Portability, Progress,
    Submitted, mapping::Mapper,
};
use api::{Api, Written};
use order::{Order, Status};

/// How Telnyx is reached.
#[derive(Debug, Clone)]
pub struct Options {
    /// The API, with the prefix that all paths share.
    pub base: Target,
    /// The key.
    pub api_key: SecretString,
    /// What notices are verified with. Without it none are taken.
    pub public_key: Option<[u8; 32]>,
    /// Where notices are sent; the attempt's reference follows.
    pub notice_url: Option<String>,
    /// A requirement group that an order's documents are taken from, by id.
    pub requirement_group: Option<String>,
    /// How often an order is read.
    pub poll: Duration,
    /// How long one request may take.
    pub timeout: Duration,
}

/// The gateway.
pub struct Telnyx {
    api: Api,
    mapper: Mapper,
    ambient: Ambient,
    fill: fill::Fill,
    public_key: Option<[u8; 32]>,
    poll: SignedDuration,
}

impl Telnyx {
    /// A gateway that calls through `client`, under its policy.
    pub fn new(client: Client, options: Options, mapper: Mapper, ambient: Ambient) -> Self {
        let client = client.with_total(options.timeout);
        Self {
            api: Api::new(client, options.base, options.api_key),
            mapper,
            ambient,
            fill: fill::Fill {
                notice_url: options.notice_url.filter(|_| options.public_key.is_some()),
                requirement_group: options.requirement_group,
            },
            public_key: options.public_key,
            poll: SignedDuration::try_from(options.poll).unwrap_or(SignedDuration::MAX),
        }
    }

    /// The orders that the request is to go on with: its own, or else those of an earlier attempt of the
    /// same porting that are not over.
    async fn orders_for(&self, request: &PortRequest) -> Result<Vec<Order>, GatewayError> {
        let all = self.api.orders_of_number(&request.phone_number).await?;
        let (own, others): (Vec<_>, Vec<_>) = all
            .into_iter()
            .partition(|order| order.is_of(&request.reference));
        if !own.is_empty() {
            return Ok(own);
        }
        let earlier = format!("{}-", request.porting);
        let goes_on = |order: &Order| {
            let reference = order.customer_reference.as_deref().unwrap_or_default();
            reference.starts_with(&earlier) && !order.status.is_called_off()
        };
        Ok(others.into_iter().filter(goes_on).collect())
    }

    /// Brings an order to where the carrier works on this attempt.
    async fn bring_on(
        &self,
        order: &Order,
        request: &PortRequest,
    ) -> Result<Written<()>, GatewayError> {
        let is_own = order.is_of(&request.reference);
        let must_confirm = match order.status {
            Status::Draft => true,
            Status::Exception if is_own && self.is_confirmed(order).await? => {
                return Ok(Written::Done(()));
            }
            Status::Exception => true,
            _ if is_own => return Ok(Written::Done(())),
            // It went on by itself after it was declined: it gets the new data all the same.
            _ => false,
        };
        let mark = match order.status {
            Status::Exception => Some(self.newest_event(order).await?),
            _ => None,
        };
        let change = self.fill.change(request, mark.as_deref());
        if let Written::Refused(reasons) = self.api.change(&order.id, &change).await? {
            return Ok(Written::Refused(reasons));
        }
        if !must_confirm {
            return Ok(Written::Done(()));
        }
        let Written::Refused(reasons) = self.api.confirm(&order.id).await? else {
            return Ok(Written::Done(()));
        };
        // Also what was confirmed a moment ago is refused: then the order is on its way.
        let now = self.api.order(&order.id).await?;
        let is_on_its_way = !matches!(now.status, Status::Draft | Status::Exception);
        Ok(if is_on_its_way {
            Written::Done(())
        } else {
            Written::Refused(reasons)
        })
    }

    /// Whether an order in exception was confirmed for the attempt whose reference it has.
    async fn is_confirmed(&self, order: &Order) -> Result<bool, GatewayError> {
        match &order.customer_group_reference {
            None => Ok(true),
            Some(mark) => Ok(self.newest_event(order).await? != *mark),
        }
    }

    async fn newest_event(&self, order: &Order) -> Result<String, GatewayError> {
        let newest = self.api.newest_status_event(&order.id).await?;
        Ok(newest.unwrap_or_else(|| NO_EVENT.to_owned()))
    }

    /// The answers to a request that the carrier will not take. One that only says "later" is none.
    fn refused(&self, reasons: &[crate::mapping::Reason]) -> Result<Submitted, GatewayError> {
        let answers = self.mapper.answers(reasons);
        let leads = answers.first().map(|answer| &answer.outcome);
        match leads {
            Some(Outcome::Declined { .. }) => Ok(Submitted::Refused(answers)),
            _ => Err(GatewayError::Unavailable(
                "the carrier asks to come later".to_owned(),
            )),
        }
    }
}

/// The mark of an order without events.
const NO_EVENT: &str = "none";

#[async_trait]
impl Gateway for Telnyx {
    async fn check(&self, _: &str, number: &PhoneNumber) -> Result<Portability, GatewayError> {
        self.api.portability(number).await
    }

    async fn submit(&self, request: &PortRequest) -> Result<Submitted, GatewayError> {
        let mut orders = self.orders_for(request).await?;
        if orders.is_empty() {
            let number = &request.phone_number;
            match self.api.create(number, &request.reference).await? {
                Written::Done(created) => orders = created,
                Written::Refused(reasons) => return self.refused(&reasons),
            }
        }
        for order in &orders {
            if let Written::Refused(reasons) = self.bring_on(order, request).await? {
                return self.refused(&reasons);
            }
        }
        Ok(Submitted::Accepted)
    }

    async fn has(&self, reference: &str) -> Result<bool, GatewayError> {
        let orders = self.api.orders_of(reference).await?;
        for order in &orders {
            let is_handed_in = match order.status {
                Status::Draft => false,
                Status::Exception => self.is_confirmed(order).await?,
                _ => true,
            };
            if !is_handed_in {
                return Ok(false);
            }
        }
        Ok(!orders.is_empty())
    }

    async fn progress(&self, reference: &str) -> Result<Progress, GatewayError> {
        let orders = self.api.orders_of(reference).await?;
        if orders.is_empty() {
            let message = "there is no order of this reference any more";
            return Err(GatewayError::Unreadable(message.to_owned()));
        }
        let mut current = Vec::with_capacity(orders.len());
        for order in orders {
            if order.status != Status::Exception || self.is_confirmed(&order).await? {
                current.push(order);
            }
        }
        Ok(Progress {
            answers: reading::answers(&current, &self.mapper),
            ask_again_at: Some(self.next_look()),
        })
    }

    async fn cancel(&self, reference: &str) -> Result<(), GatewayError> {
        for order in self.api.orders_of(reference).await? {
            let called_off = match order.status {
                Status::CancelPending | Status::Cancelled | Status::Ported => continue,
                Status::Draft => self.api.delete(&order.id).await?,
                _ => self.api.cancel(&order.id).await?,
            };
            if let Written::Refused(_) = called_off {
                // Asked again until the order has come to an end, and shown to an operator meanwhile.
                let message = "the carrier does not call the order off";
                return Err(GatewayError::Unreadable(message.to_owned()));
            }
        }
        Ok(())
    }

    fn notice(&self, notice: &Notice<'_>) -> Result<(), NoticeError> {
        let key = self.public_key.as_ref().ok_or(NoticeError::NotTaken)?;
        notice::verify(key, notice)
    }
}

impl Telnyx {
    /// After the interval, and up to a quarter of it sooner, so that orders of one moment are not read in
    /// one moment for ever.
    fn next_look(&self) -> jiff::Timestamp {
        let scattered = self
            .poll
            .mul_f64(1.0 - self.ambient.random.fraction() / 4.0);
        self.ambient.now() + scattered
    }
}

#[cfg(fuzzing)]
pub use reading::fuzz;
