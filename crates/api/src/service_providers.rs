//! The carriers numbers come from and go to. They ship with Portico and are the same for every
//! project.

use axum::response::Response;
use portico_app::wire::ServiceProviderResource;
use portico_domain::{
    country::Country,
    service_provider::{self, ServiceProvider},
};
use portico_store::{Page, PageRequest};
use serde_json::Value as Json;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiError,
    request::{
        Call, Server,
        fields::{Fields, Parsed, wrong},
        ok,
        paging::{List, Paging, paging_by},
        parse::{by, text},
    },
};

pub(crate) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get))
}

/// Which service providers to list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct ServiceProviderFilter {
    /// Whose numbers this recipient takes.
    #[param(min_length = 1, max_length = 40, example = "test")]
    pub recipient_provider: Option<String>,
    /// Of this country, ISO 3166-1 alpha-2.
    #[param(pattern = "^[A-Z]{2}$", example = "US")]
    pub country: Option<String>,
}

/// An id of a service provider, which is shorter than others.
pub(crate) fn provider_id(value: &Json) -> Parsed<String> {
    let text = text(value)?;
    let body = text.strip_prefix("svp_").unwrap_or_default();
    if body.len() == 22 && body.bytes().all(|it| it.is_ascii_alphanumeric()) {
        return Ok(text);
    }
    wrong("is not an id of the form `svp_` followed by 22 letters and digits.")
}

type Filter = (Option<String>, Option<Country>, PageRequest);

fn read_filter(query: &mut Fields) -> Option<Filter> {
    let recipient = query.optional("recipientProvider", text);
    let country = query.optional("country", by(Country::parse));
    Some((recipient, country, paging_by(query, provider_id)))
}

/// The page of a list that never changes: its order is the one it ships in.
fn page_of(
    all: &[&'static ServiceProvider],
    request: &PageRequest,
) -> Page<&'static ServiceProvider> {
    let at = |id: &Option<String>| {
        let id = id.as_deref()?;
        all.iter().position(|provider| provider.id == id)
    };
    let limit = request.limit as usize;
    // An id that is not in the list has nothing before or after it.
    let (from, to) = match (&request.after, &request.before) {
        (Some(_), _) => {
            let from = at(&request.after).map_or(all.len(), |at| at + 1);
            (from, (from + limit).min(all.len()))
        }
        (None, Some(_)) => {
            let to = at(&request.before).unwrap_or(0);
            (to.saturating_sub(limit), to)
        }
        (None, None) => (0, limit.min(all.len())),
    };
    let items = all[from..to].to_vec();
    let id = |provider: &&ServiceProvider| provider.id.to_owned();
    Page {
        more_after: items.last().filter(|_| to < all.len()).map(id),
        more_before: items.first().filter(|_| from > 0).map(id),
        items,
    }
}

/// List service providers
///
/// Donors: by country, then by name, "Other" last.
#[utoipa::path(get, path = "/serviceProviders", tag = "Service providers",
    operation_id = "listServiceProviders", params(ServiceProviderFilter, Paging),
    responses((status = 200, description = "The service providers.",
        body = List<ServiceProviderResource>)))]
async fn list(call: Call) -> Result<Response, ApiError> {
    let (recipient, country, page) = call.query(read_filter)?;
    let takes = |provider: &&ServiceProvider| {
        recipient
            .as_deref()
            .is_none_or(|it| provider.recipients().contains(&it))
    };
    let all: Vec<_> = service_provider::all()
        .iter()
        .filter(|provider| country.is_none_or(|country| provider.country == country))
        .filter(takes)
        .collect();
    let found = page_of(&all, &page);
    ok(&List::from(found.map(ServiceProviderResource::from)))
}

/// Get a service provider
#[utoipa::path(get, path = "/serviceProviders/{serviceProvider}", tag = "Service providers",
    operation_id = "getServiceProvider",
    responses((status = 200, description = "The service provider.",
        body = ServiceProviderResource)))]
async fn get(call: Call) -> Result<Response, ApiError> {
    let found = service_provider::find(call.path_text("serviceProvider"));
    let found = found.ok_or_else(|| ApiError::not_found("service provider"))?;
    call.no_query()?;
    ok(&ServiceProviderResource::from(found))
}
