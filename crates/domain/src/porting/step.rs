use super::{Field, Porting, Repair, Status};
use crate::decline::DeclineCode;

/// A group of questions on one page. The order is the order they are asked in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// Who the donor is.
    DonorProvider,
    /// Account number and PINs.
    CarrierDetails,
    /// Who the account holder is.
    HolderDetails,
    /// The billing address at the donor.
    Address,
    /// That the donor was told and agreed.
    DonorProviderApproval,
}

impl Step {
    /// Every step, in order.
    pub const ALL: [Self; 5] = [
        Self::DonorProvider,
        Self::CarrierDetails,
        Self::HolderDetails,
        Self::Address,
        Self::DonorProviderApproval,
    ];

    /// Its name in pages and addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DonorProvider => "donorProvider",
            Self::CarrierDetails => "carrierDetails",
            Self::HolderDetails => "holderDetails",
            Self::Address => "address",
            Self::DonorProviderApproval => "donorProviderApproval",
        }
    }

    /// The step of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.as_str() == text)
    }

    /// What it asks.
    pub fn fields(self) -> &'static [Field] {
        match self {
            Self::DonorProvider => &[Field::DonorProvider],
            Self::CarrierDetails => &[
                Field::AccountNumber,
                Field::AccountPin,
                Field::BillingPin,
                Field::AccountType,
            ],
            Self::HolderDetails => &[Field::FirstName, Field::LastName, Field::Birthday],
            Self::Address => &[Field::Address],
            Self::DonorProviderApproval => &[Field::DonorProviderApproval],
        }
    }
}

impl Porting {
    /// The fields a step asks for this porting; empty when the step is not for it.
    pub fn fields_of(&self, step: Step) -> Vec<Field> {
        let required = |field: &Field| self.required.contains(field);
        step.fields().iter().copied().filter(required).collect()
    }

    /// The steps a subscriber still has to take, in order: those with a required field that is
    /// empty, or that the donor refused and nobody has changed yet. `repairable` as for
    /// [`Porting::repair`].
    pub fn open_steps(&self, repairable: &[DeclineCode]) -> Vec<Step> {
        if !matches!(
            self.status(),
            Status::InformationRequired | Status::Declined
        ) {
            return Vec::new();
        }
        let refused = match self.repair(repairable) {
            Some(Repair::Change(fields)) => fields,
            _ => &[],
        };
        let missing = self.missing();
        let is_open = |field: &Field| missing.contains(field) || refused.contains(field);
        Step::ALL
            .into_iter()
            .filter(|step| step.fields().iter().any(is_open))
            .collect()
    }
}
