//! What can be told to an integrator: the event types of the contract.

/// A kind of event. On the wire each has the server's prefix in front, `com.portico.` by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the contract's")]
pub enum EventType {
    PortingCreated,
    PortingUpdated,
    PortingDeleted,
    PortingRequested,
    PortingInformationRequired,
    PortingDeclined,
    PortingCompleted,
    PortingCanceled,
    PortingExpired,
    PortingFailed,
    SessionCreated,
    SessionUpdated,
    SessionOpened,
    SessionCompleted,
    SessionAborted,
    SessionExpired,
    SubscriptionCreated,
    SubscriptionActivated,
    SubscriptionUpdated,
    SubscriptionCanceled,
    SubscriptionEnded,
    UserCreated,
    UserUpdated,
    UserDeleted,
    WebhookEndpointDisabled,
}

impl EventType {
    /// Every kind.
    pub const ALL: [Self; 25] = [
        Self::PortingCreated,
        Self::PortingUpdated,
        Self::PortingDeleted,
        Self::PortingRequested,
        Self::PortingInformationRequired,
        Self::PortingDeclined,
        Self::PortingCompleted,
        Self::PortingCanceled,
        Self::PortingExpired,
        Self::PortingFailed,
        Self::SessionCreated,
        Self::SessionUpdated,
        Self::SessionOpened,
        Self::SessionCompleted,
        Self::SessionAborted,
        Self::SessionExpired,
        Self::SubscriptionCreated,
        Self::SubscriptionActivated,
        Self::SubscriptionUpdated,
        Self::SubscriptionCanceled,
        Self::SubscriptionEnded,
        Self::UserCreated,
        Self::UserUpdated,
        Self::UserDeleted,
        Self::WebhookEndpointDisabled,
    ];

    /// The name after the prefix.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PortingCreated => "porting.created",
            Self::PortingUpdated => "porting.updated",
            Self::PortingDeleted => "porting.deleted",
            Self::PortingRequested => "porting.requested",
            Self::PortingInformationRequired => "porting.informationRequired",
            Self::PortingDeclined => "porting.declined",
            Self::PortingCompleted => "porting.completed",
            Self::PortingCanceled => "porting.canceled",
            Self::PortingExpired => "porting.expired",
            Self::PortingFailed => "porting.failed",
            Self::SessionCreated => "connectSession.created",
            Self::SessionUpdated => "connectSession.updated",
            Self::SessionOpened => "connectSession.opened",
            Self::SessionCompleted => "connectSession.completed",
            Self::SessionAborted => "connectSession.aborted",
            Self::SessionExpired => "connectSession.expired",
            Self::SubscriptionCreated => "subscription.created",
            Self::SubscriptionActivated => "subscription.activated",
            Self::SubscriptionUpdated => "subscription.updated",
            Self::SubscriptionCanceled => "subscription.canceled",
            Self::SubscriptionEnded => "subscription.ended",
            Self::UserCreated => "user.created",
            Self::UserUpdated => "user.updated",
            Self::UserDeleted => "user.deleted",
            Self::WebhookEndpointDisabled => "webhookEndpoint.disabled",
        }
    }

    /// Whether it is the first that can happen to its resource.
    pub fn is_creation(self) -> bool {
        self.as_str().ends_with(".created")
    }

    /// Whether the event carries `previousData`.
    pub fn is_update(self) -> bool {
        self.as_str().ends_with(".updated")
    }
}

/// Who caused a change: the `actor` of an event and of the audit trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A subscriber, in Connect or through an embed.
    User(String),
    /// A backend, by its API key's id.
    ApiKey(String),
    /// An operator.
    Member(String),
    /// Portico itself: a carrier's answer, a timer.
    System,
}

impl Actor {
    /// Whoever has the command line: an operator whose name nobody asked for.
    pub fn operator() -> Self {
        Self::Member("cli".to_owned())
    }

    /// The type on the wire.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::ApiKey(_) => "apiKey",
            Self::Member(_) => "member",
            Self::System => "system",
        }
    }

    /// Who exactly; `None` for the system.
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::User(id) | Self::ApiKey(id) | Self::Member(id) => Some(id),
            Self::System => None,
        }
    }
}
