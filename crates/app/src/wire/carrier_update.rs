use jiff::{Timestamp, civil::Date};
use portico_domain::porting::Porting;
use portico_store::carriers::updates::Update;
use serde::Serialize;
use utoipa::ToSchema;

/// What a carrier said about a porting, as the operator's backend told it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CarrierUpdate)]
pub struct CarrierUpdateResource {
    /// Always `carrierUpdate`.
    pub object: &'static str,
    /// What its sender calls it, or `cup_` and 28 letters and digits.
    pub id: String,
    /// The carrier's own code.
    #[schema(required)]
    pub code: Option<String>,
    /// When it came.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// The day the number will move.
    #[schema(required, value_type = Option<String>, format = Date)]
    pub date: Option<Date>,
    /// The porting's id.
    pub porting: String,
    /// The attempt it is about.
    pub reference: String,
    /// The carrier's own words.
    #[schema(required)]
    pub text: Option<String>,
    /// `accepted`, `delayed`, `foc`, `declined`, `completed` or `failed`.
    pub r#type: &'static str,
}

impl CarrierUpdateResource {
    /// An update about `porting`.
    pub fn new(porting: &Porting, update: Update) -> Self {
        let said = &update.said;
        Self {
            object: "carrierUpdate",
            code: said.code().map(str::to_owned),
            created_at: update.received_at,
            date: said.date(),
            porting: porting.id.to_string(),
            text: said.text().map(str::to_owned),
            r#type: said.kind().as_str(),
            id: update.sender_id.unwrap_or_else(|| update.id.to_string()),
            reference: update.reference,
        }
    }
}
