//! What an operator's backend tells of its carrier; see docs/CARRIERS.md.

use axum::response::Response;
use http::StatusCode;
use portico_app::{
    carriers::updates::{self, Told},
    portings,
    wire::CarrierUpdateResource,
};
use portico_domain::{
    carrier::{CarrierUpdate, UpdateKind},
    id::PortingId,
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiError,
    request::{
        Call, Server,
        fields::Fields,
        parse::{choice, date, text},
    },
};

/// How long a sender's name for an update, or a reference, may be.
const MAX_NAME: usize = 100;

pub(crate) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(tell))
}

/// What a carrier said about a porting.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CarrierUpdateCreate {
    /// What kind of thing it is.
    pub r#type: UpdateTypeInput,
    /// What you call this update. Told again under that name it is kept once, whenever that is.
    #[schema(min_length = 1, max_length = 100)]
    pub id: Option<String>,
    /// The attempt it is about, as the request named it; the last one sent when not given.
    #[schema(min_length = 1, max_length = 100)]
    pub reference: Option<String>,
    /// The carrier's own code. What a decline means is looked up by it and `text`.
    #[schema(min_length = 1, max_length = 100, example = "8C")]
    pub code: Option<String>,
    /// The carrier's own words.
    #[schema(min_length = 1, max_length = 2000, example = "Password/PIN incorrect")]
    pub text: Option<String>,
    /// The day the number will move: needed with `foc`, allowed with `delayed`, refused otherwise.
    #[schema(format = Date)]
    pub date: Option<String>,
}

/// What a carrier said.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CarrierUpdateType)]
#[expect(missing_docs, reason = "described at the call")]
pub enum UpdateTypeInput {
    Accepted,
    Delayed,
    Foc,
    Declined,
    Completed,
    Failed,
}

/// Tell what the carrier said
///
/// For portings whose recipient is connected by `kind = "http"`: the backend that was handed the
/// request tells here what its carrier says about it. `accepted`: the carrier took it. `delayed`: it
/// takes longer. `foc`: the day is agreed. `declined`: the donor refused. `completed`: the number has
/// moved. `failed`: broken beyond repair. What the porting becomes follows at once and is told by events.
///
/// An update that comes twice, too late or out of turn is kept and changes nothing.
///
/// Business codes: `carrierUpdateNotSupported`, `portingNotSubmitted`.
#[utoipa::path(post, path = "/projects/{project}/portings/{porting}/carrierUpdate", tag = "Portings",
    operation_id = "tellCarrierUpdate", request_body = CarrierUpdateCreate,
    responses((status = 200, description = "The update as it is kept.",
        body = CarrierUpdateResource)))]
async fn tell(call: Call) -> Result<Response, ApiError> {
    let id: PortingId = call.id("porting")?;
    let told = call.body(read)?;
    call.write(StatusCode::OK, move |tx, by| {
        let told = told.clone();
        Box::pin(async move {
            let porting = portings::get(tx, &by.project.id, id).await?;
            let who = (&by.actor, &porting);
            let kept = updates::tell(tx, &by.app, who, &told).await?;
            Ok(CarrierUpdateResource::new(&porting, kept))
        })
    })
    .await
}

fn read(body: &mut Fields) -> Option<Told> {
    let kind = body.required("type", choice(&UpdateKind::ALL, UpdateKind::as_str));
    let sender_id = name(body, "id");
    let reference = name(body, "reference");
    let code = body.optional("code", text);
    let words = body.optional("text", text);
    let date = body.optional("date", date);
    if !body.is_clean() {
        // A part that could not be read is not to be asked for as well.
        return None;
    }
    let said = CarrierUpdate::with(kind?, code, words, date)
        .map_err(|error| body.refuse(error.part, format!("{}.", error.rule)));
    Some(Told {
        reference,
        sender_id,
        said: said.ok()?,
    })
}

fn name(body: &mut Fields, property: &str) -> Option<String> {
    let name = body.optional(property, text)?;
    if (1..=MAX_NAME).contains(&name.chars().count()) {
        return Some(name);
    }
    body.refuse(property, "must have 1 to 100 characters.");
    None
}
