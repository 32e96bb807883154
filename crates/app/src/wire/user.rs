use jiff::Timestamp;
use portico_domain::user::{Metadata, User, UserAddress};
use serde::Serialize;
use utoipa::ToSchema;

/// A user: the subscriber, as the integrator's backend knows them.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = User)]
pub struct UserResource {
    /// Always `user`.
    pub object: &'static str,
    /// `usr_` and 28 letters and digits.
    pub id: String,
    /// The date of birth, `YYYY-MM-DD`.
    #[schema(required, format = Date)]
    pub birthday: Option<String>,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Unique in the project.
    pub email: String,
    /// Whether the integrator vouches for the address.
    pub email_verified: bool,
    /// The name in one piece.
    #[schema(required)]
    pub full_name: Option<String>,
    /// The integrator's notes.
    #[schema(value_type = BTreeMap<String, String>)]
    pub metadata: Metadata,
    /// An IETF language tag.
    pub preferred_locale: String,
    /// `active`, `blocked` or `deleted`.
    pub status: &'static str,
}

impl From<&User> for UserResource {
    fn from(user: &User) -> Self {
        Self {
            object: "user",
            id: user.id.to_string(),
            birthday: user.birthday.map(|birthday| birthday.to_iso()),
            created_at: user.created_at,
            email: user.email.clone(),
            email_verified: user.email_verified,
            full_name: user.full_name.clone(),
            metadata: user.metadata.clone(),
            preferred_locale: user.preferred_locale.clone(),
            status: user.status.as_str(),
        }
    }
}

/// One of a user's addresses.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = UserAddress)]
pub struct UserAddressResource {
    /// Always `userAddress`.
    pub object: &'static str,
    /// `adr_` and 28 letters and digits.
    pub id: String,
    /// City or town.
    pub city: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Street and house number.
    pub line1: String,
    /// Flat, floor and the like.
    #[schema(required)]
    pub line2: Option<String>,
    /// As its country writes it.
    #[schema(required)]
    pub postal_code: Option<String>,
    /// State or province code; US and Canada.
    #[schema(required)]
    pub state: Option<String>,
    /// Whose address it is.
    pub user: String,
}

impl From<&UserAddress> for UserAddressResource {
    fn from(row: &UserAddress) -> Self {
        let address = &row.address;
        Self {
            object: "userAddress",
            id: row.id.to_string(),
            city: address.city.clone(),
            country: address.country.as_str().to_owned(),
            created_at: row.created_at,
            line1: address.line1.clone(),
            line2: address.line2.clone(),
            postal_code: address.postal_code.clone(),
            state: address.state.clone(),
            user: row.user.to_string(),
        }
    }
}
