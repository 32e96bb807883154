//! The calls that are open to embeds: with a user token, and from pages of other origins. The
//! router's answers to both, and the document, go by this table.

use http::Method;

/// Where an embed trades a link's token for a user token.
pub const AUTH: &str = "/api/embeds/auth";

/// A call's template, and its methods.
pub struct OpenCall {
    /// As the router and the document write it.
    pub path: &'static str,
    /// What may be done there, and how `Access-Control-Allow-Methods` says it.
    pub methods: (&'static [Method], &'static str),
}

const READ: (&[Method], &str) = (&[Method::GET, Method::HEAD], "GET, HEAD");

/// Every call that is open to embeds.
pub const CALLS: [OpenCall; 5] = [
    OpenCall {
        path: AUTH,
        methods: (&[Method::POST], "POST"),
    },
    OpenCall {
        path: "/projects/{project}/subscriptions/{subscription}",
        methods: READ,
    },
    OpenCall {
        path: "/projects/{project}/portings/{porting}",
        methods: (
            &[Method::GET, Method::HEAD, Method::PATCH],
            "GET, HEAD, PATCH",
        ),
    },
    OpenCall {
        path: "/serviceProviders",
        methods: READ,
    },
    OpenCall {
        path: "/serviceProviders/{serviceProvider}",
        methods: READ,
    },
];

/// The call of that template, if it is open to embeds.
pub fn find(path: &str) -> Option<&'static OpenCall> {
    CALLS.iter().find(|call| call.path == path)
}

/// Whether a user token may do this.
pub fn takes_user_token(method: &Method, path: &str) -> bool {
    path != AUTH && find(path).is_some_and(|call| call.methods.0.contains(method))
}
