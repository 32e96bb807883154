use crate::id::SubscriptionId;

/// The intents of the contract. Portico serves two; the others are known so that they can be
/// told apart from a typing error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the contract's")]
pub enum IntentKind {
    CancelSubscription,
    ChangeSubscription,
    CheckoutAddon,
    CheckoutNewSubscription,
    CompletePorting,
    ConfirmPayment,
    ResumeSubscription,
    UpdatePaymentMethod,
    UpdateUserAddress,
    UpdateUserFullName,
    ViewEsimInstallation,
    ViewSubscription,
    ViewSubscriptions,
}

impl IntentKind {
    /// Every intent, in the order of the contract.
    pub const ALL: [Self; 13] = [
        Self::CancelSubscription,
        Self::ChangeSubscription,
        Self::CheckoutAddon,
        Self::CheckoutNewSubscription,
        Self::CompletePorting,
        Self::ConfirmPayment,
        Self::ResumeSubscription,
        Self::UpdatePaymentMethod,
        Self::UpdateUserAddress,
        Self::UpdateUserFullName,
        Self::ViewEsimInstallation,
        Self::ViewSubscription,
        Self::ViewSubscriptions,
    ];

    /// The value on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CancelSubscription => "cancelSubscription",
            Self::ChangeSubscription => "changeSubscription",
            Self::CheckoutAddon => "checkoutAddon",
            Self::CheckoutNewSubscription => "checkoutNewSubscription",
            Self::CompletePorting => "completePorting",
            Self::ConfirmPayment => "confirmPayment",
            Self::ResumeSubscription => "resumeSubscription",
            Self::UpdatePaymentMethod => "updatePaymentMethod",
            Self::UpdateUserAddress => "updateUserAddress",
            Self::UpdateUserFullName => "updateUserFullName",
            Self::ViewEsimInstallation => "viewEsimInstallation",
            Self::ViewSubscription => "viewSubscription",
            Self::ViewSubscriptions => "viewSubscriptions",
        }
    }

    /// The intent of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// Whether Portico serves it.
    pub fn is_served(self) -> bool {
        matches!(self, Self::CompletePorting | Self::ViewSubscription)
    }
}

/// What a session is for: one of the two intents Portico serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Intent {
    /// Complete a porting, or only look.
    pub purpose: Purpose,
    /// The subscription it is about.
    pub subscription: SubscriptionId,
}

/// The two intents with what each can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// `completePorting`. `None` where the integrator did not say.
    CompletePorting {
        /// Open at the first question.
        hide_intro_page: Option<bool>,
        /// Go back at once after confirmation.
        hide_outro_page: Option<bool>,
    },
    /// `viewSubscription`.
    ViewSubscription,
}

impl Intent {
    /// Which intent of the contract it is.
    pub fn kind(&self) -> IntentKind {
        match self.purpose {
            Purpose::CompletePorting { .. } => IntentKind::CompletePorting,
            Purpose::ViewSubscription => IntentKind::ViewSubscription,
        }
    }

    /// Whether Connect opens at the first question.
    pub fn hides_intro(&self) -> bool {
        matches!(
            self.purpose,
            Purpose::CompletePorting {
                hide_intro_page: Some(true),
                ..
            }
        )
    }

    /// Whether Connect goes back at once after confirmation.
    pub fn hides_outro(&self) -> bool {
        matches!(
            self.purpose,
            Purpose::CompletePorting {
                hide_outro_page: Some(true),
                ..
            }
        )
    }
}
