//! What every call has in common in the OpenAPI document: added here, so that no call can forget it.
//!
//! Names in paths come from the same table that checks them, and errors from the same type that is
//! answered with; the rest stands at each handler.

use http::Method;
use utoipa::openapi::{
    Content, HeaderBuilder, Info, License, OpenApi, OpenApiBuilder, Ref, RefOr, Required, Response,
    ResponseBuilder,
    path::{Operation, Parameter, ParameterBuilder, ParameterIn},
    schema::{Components, Object, ObjectBuilder, SchemaType, Type},
    security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
};

use crate::{
    embeds::calls::{AUTH, takes_user_token},
    error_body::{ErrorDetailResource, ErrorResource, ErrorType},
    request::{paging::text_schema, path::NAMES},
};

const API_KEY: &str = "apiKey";
const USER_TOKEN: &str = "userToken";

const DESCRIPTION: &str = "Moves mobile numbers. Every call but the exchange of embeds needs a project's \
    API key as `Authorization: Bearer <key>`; a key sees its own project and nothing of another. A \
    few calls take an embed's user token as well, and then see what is its user's. Unknown \
    properties and parameters, wrong types, empty filter values and values outside an enum are \
    refused, with the property named. New keys may appear in answers at any time.\n\n\
    Accepted and ignored, because Portico does not act on them: `billing`, `device`, `deviceModel` \
    and `sim` of a subscription, and the list filter `sim`.";

/// A response that several calls share: status, name, description.
type Shared = (&'static str, &'static str, &'static str);

const MALFORMED: Shared = (
    "400",
    "Malformed",
    "The body is not JSON, or a header cannot be understood.",
);
const UNAUTHENTICATED: Shared = (
    "401",
    "Unauthenticated",
    "The key is missing, unknown or revoked.",
);
const PERMISSION_DENIED: Shared = (
    "403",
    "PermissionDenied",
    "A user token does not open this.",
);
const NOT_FOUND: Shared = ("404", "NotFound", "There is no such thing in this project.");
const CONFLICT: Shared = (
    "409",
    "Conflict",
    "Another request is in the way, or (code `idempotencyKeyInUse`) the same key is being worked on.",
);
const TOO_LARGE: Shared = ("413", "TooLarge", "The body is larger than 64 KiB.");
const NOT_JSON: Shared = ("415", "NotJson", "Content-Type is not application/json.");
const INVALID: Shared = (
    "422",
    "Invalid",
    "Properties are wrong (see `details`), a rule forbids it (see `code`), or (code \
     `idempotencyKeyReused`) the key belongs to a different request.",
);
const TOO_MANY: Shared = ("429", "TooManyRequests", "Too often; see Retry-After.");
const INTERNAL: Shared = ("500", "Internal", "Something went wrong on our side.");
const NOT_IMPLEMENTED: Shared = (
    "501",
    "NotImplemented",
    "An intent of the contract that Portico does not serve (code `intentNotSupported`).",
);
const UNAVAILABLE: Shared = (
    "503",
    "ServiceUnavailable",
    "The database or the recipient's gateway is not available; see Retry-After.",
);

const ALL: [Shared; 12] = [
    MALFORMED,
    UNAUTHENTICATED,
    PERMISSION_DENIED,
    NOT_FOUND,
    CONFLICT,
    TOO_LARGE,
    NOT_JSON,
    INVALID,
    TOO_MANY,
    INTERNAL,
    NOT_IMPLEMENTED,
    UNAVAILABLE,
];
const OF_EVERY_CALL: [Shared; 5] = [
    UNAUTHENTICATED,
    PERMISSION_DENIED,
    INVALID,
    INTERNAL,
    UNAVAILABLE,
];
const OF_WRITES: [Shared; 4] = [MALFORMED, CONFLICT, TOO_LARGE, NOT_JSON];
/// Calls that are rate-limited.
const LIMITED: [&str; 2] = ["createConnectSession", "updatePorting"];
/// Calls that may be asked for what is not served.
const PARTIAL: [&str; 1] = ["createConnectSession"];

/// The document before any call is in it.
pub fn base() -> OpenApi {
    let mut info = Info::new("Portico", env!("CARGO_PKG_VERSION"));
    info.description = Some(DESCRIPTION.to_owned());
    info.license = Some(License::new("Apache-2.0"));
    OpenApiBuilder::new()
        .info(info)
        .components(Some(components()))
        .security(Some([SecurityRequirement::new(API_KEY, [""; 0])]))
        .build()
}

fn components() -> Components {
    let scheme = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("The API key of a project."))
        .build();
    let user_token = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some(
            "The user token of an embed, from `POST /api/embeds/auth`.",
        ))
        .build();
    let mut components = Components::builder()
        .schema_from::<ErrorResource>()
        .schema_from::<ErrorDetailResource>()
        .schema_from::<ErrorType>()
        .security_scheme(API_KEY, SecurityScheme::Http(scheme))
        .security_scheme(USER_TOKEN, SecurityScheme::Http(user_token));
    for shared in ALL {
        components = components.response(shared.1, error_response(shared));
    }
    components.build()
}

fn error_response((status, _, description): Shared) -> Response {
    let content = Content::new(Some(Ref::from_schema_name("Error")));
    let response = ResponseBuilder::new()
        .description(description)
        .content("application/json", content);
    let response = match status {
        "429" | "503" => response.header("Retry-After", seconds()),
        _ => response,
    };
    response.build()
}

fn seconds() -> utoipa::openapi::Header {
    let whole = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(1));
    HeaderBuilder::new()
        .schema(Some(whole.build()))
        .description(Some("After how many seconds it may be tried again."))
        .build()
}

/// Adds to every call what it has in common with others.
pub fn complete(mut document: OpenApi) -> OpenApi {
    for (path, item) in &mut document.paths.paths {
        // It needs no key and answers errors of its own shape.
        if path == AUTH {
            continue;
        }
        let writes = [
            (&mut item.post, true),
            (&mut item.delete, true),
            (&mut item.patch, false),
        ];
        for (operation, is_keyed) in writes {
            let Some(operation) = operation else { continue };
            add_responses(operation, &OF_WRITES);
            add_path(operation, path);
            if !is_keyed && takes_user_token(&Method::PATCH, path) {
                open_to_user_tokens(operation);
            }
            if is_keyed {
                add_parameter(operation, idempotency_key());
            }
        }
        if let Some(operation) = &mut item.get {
            add_path(operation, path);
            if takes_user_token(&Method::GET, path) {
                open_to_user_tokens(operation);
            }
        }
    }
    document
}

fn open_to_user_tokens(operation: &mut Operation) {
    let either = [API_KEY, USER_TOKEN].map(|name| SecurityRequirement::new(name, [""; 0]));
    operation.security = Some(either.to_vec());
}

fn add_path(operation: &mut Operation, path: &str) {
    add_responses(operation, &OF_EVERY_CALL);
    let id = operation.operation_id.clone().unwrap_or_default();
    if LIMITED.contains(&id.as_str()) {
        add_responses(operation, &[TOO_MANY]);
    }
    if PARTIAL.contains(&id.as_str()) {
        add_responses(operation, &[NOT_IMPLEMENTED]);
    }
    for name in path.split('/').filter_map(in_braces) {
        add_responses(operation, &[NOT_FOUND]);
        add_parameter(operation, path_parameter(name));
    }
}

fn in_braces(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

fn add_responses(operation: &mut Operation, shared: &[Shared]) {
    for (status, name, _) in shared {
        let response = RefOr::Ref(Ref::from_response_name(*name));
        let responses = &mut operation.responses.responses;
        responses.insert((*status).to_owned(), response);
    }
}

fn add_parameter(operation: &mut Operation, parameter: Parameter) {
    let parameters = operation.parameters.get_or_insert_default();
    parameters.push(RefOr::T(parameter));
}

fn path_parameter(name: &str) -> Parameter {
    let known = NAMES.iter().find(|known| known.name == name);
    let (description, pattern) = match known {
        Some(known) => (format!("The {name}'s id."), known.pattern()),
        None => (
            "The project's id; the key must belong to it.".to_owned(),
            "^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$".to_owned(),
        ),
    };
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some(description))
        .schema(Some(text_schema(&pattern)))
        .build()
}

fn idempotency_key() -> Parameter {
    let text = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some("^[!-~]([ -~]*[!-~])?$"))
        .min_length(Some(1))
        .max_length(Some(255))
        .build();
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "Makes it safe to send the request again: for 24 hours the first successful answer is \
             repeated, with `Idempotent-Replayed: true`. Bare or in quotes.",
        ))
        .schema(Some(text))
        .build()
}

/// Notes on a new resource, for the document.
pub(crate) fn new_metadata() -> Object {
    notes("Your own notes: at most 10 keys.")
}

/// A change of notes, for the document.
pub(crate) fn metadata_patch() -> Object {
    notes("Notes to set; `null` deletes a key. At most 10 keys in all.")
}

fn notes(description: &str) -> Object {
    let value = ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .max_length(Some(255));
    let key = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(40))
        .build();
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Object, Type::Null]))
        .description(Some(description))
        .property_names(Some(key))
        .additional_properties(Some(value))
        .build()
}
