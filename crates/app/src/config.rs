use jiff::SignedDuration;
use portico_domain::session::BrowserLimits;
use portico_outgoing::AddressPolicy;
use portico_store::rate_limits::Limit;

/// What the operator decided for the whole server.
#[derive(Debug, Clone)]
pub struct Config {
    /// What session URLs start with, without a slash at the end.
    pub public_url: String,
    /// Whether subscribers reach us by https; decides about cookie names and HSTS.
    pub is_https: bool,
    /// How long a redeemed session lives.
    pub browser: BrowserLimits,
    /// How often things may happen.
    pub limits: Limits,
    /// What event types start with, dot included.
    pub event_type_prefix: String,
    /// Numbers nobody may port, E.164.
    pub blocked_numbers: Vec<String>,
    /// Recipients whose subscriptions need a user address.
    pub user_address_required: Vec<String>,
    /// Which addresses may be called: webhooks, gateways.
    pub outgoing: AddressPolicy,
    /// How events are delivered.
    pub webhooks: Webhooks,
    /// Whether any page may embed `test` projects; for developers, who have no fixed origin yet.
    pub embeds_anywhere_on_test: bool,
}

/// How events are delivered.
#[derive(Debug, Clone, Copy)]
pub struct Webhooks {
    /// Endpoints a project may have.
    pub endpoints_per_project: u32,
    /// Calls to one endpoint at the same time.
    pub concurrency: u32,
    /// Days after its end at which a delivery is erased from the log.
    pub log_days: u32,
}

impl Default for Webhooks {
    fn default() -> Self {
        Self {
            endpoints_per_project: 20,
            concurrency: 32,
            log_days: 30,
        }
    }
}

/// How often things may happen before the answer is 429.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Sessions created, per subscription.
    pub sessions_per_subscription: Limit,
    /// PINs entered, per porting.
    pub pins_per_porting: Limit,
    /// Wrong link tokens, per client address.
    pub wrong_tokens: Limit,
    /// Open drafts of one user.
    pub drafts_per_user: u32,
}

impl Default for Limits {
    fn default() -> Self {
        let an_hour = SignedDuration::from_hours(1);
        Self {
            sessions_per_subscription: Limit {
                times: 60,
                window: an_hour,
            },
            pins_per_porting: Limit {
                times: 20,
                window: an_hour,
            },
            wrong_tokens: Limit {
                times: 30,
                window: SignedDuration::from_mins(1),
            },
            drafts_per_user: 10,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            public_url: "http://127.0.0.1:8080".to_owned(),
            is_https: false,
            browser: BrowserLimits {
                idle: SignedDuration::from_hours(2),
                absolute: SignedDuration::from_hours(12),
            },
            limits: Limits::default(),
            event_type_prefix: "com.portico.".to_owned(),
            blocked_numbers: Vec::new(),
            user_address_required: Vec::new(),
            outgoing: AddressPolicy::default(),
            webhooks: Webhooks::default(),
            embeds_anywhere_on_test: false,
        }
    }
}
