//! Embeds: the token for a link, what it opens, and which pages may ask.

mod exchange;
mod pages;
mod repair;
mod tokens;

use http::Method;
use serde_json::{Value as Json, json};

use crate::support::{Reply, World};

const AUTH: &str = "/api/embeds/auth";

impl World {
    /// A link's token, and its session.
    async fn secret(&self, user: &str, subscription: &str) -> (String, String) {
        let intent = json!({ "type": "completePorting",
                             "completePorting": { "subscription": subscription } });
        let body = json!({ "intent": intent, "user": user });
        let reply = self.post("connectSessions", body).await.expect(201);
        let url = reply.body["url"].as_str().unwrap();
        let secret = url.split("token=").nth(1).unwrap().to_owned();
        (secret, reply.id())
    }

    /// Asks for a user token as a page at `origin` does; without one, as an app.
    async fn exchange(&self, secret: &str, origin: Option<&str>) -> Reply {
        let body = json!({ "secret": secret }).to_string();
        self.call_from_page(None, (Method::POST, AUTH), origin, body)
            .await
    }

    /// A call as a page at `origin` makes it.
    async fn call_from_page(
        &self,
        token: Option<&str>,
        call: (Method, &str),
        origin: Option<&str>,
        body: String,
    ) -> Reply {
        let mut request = self.request_as(token, call.0, call.1);
        if !body.is_empty() {
            request = request.header("content-type", "application/json");
        }
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        self.send(request.body(body.into()).unwrap()).await
    }

    /// A call with a user token.
    async fn as_user(&self, token: &str, method: Method, path: &str, body: Option<Json>) -> Reply {
        let path = match path.starts_with('/') {
            true => path.to_owned(),
            false => format!("/projects/acme/{path}"),
        };
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        self.call_from_page(Some(token), (method, &path), None, body)
            .await
    }

    async fn user_token(&self, user: &str, subscription: &str) -> String {
        let (secret, _) = self.secret(user, subscription).await;
        access_token(&self.exchange(&secret, None).await.expect(200))
    }

    async fn embed_origins(&self, origins: Json) {
        let body = json!({ "embedOrigins": origins });
        self.patch("/projects/acme", body).await.expect(200);
    }
}

fn access_token(reply: &Reply) -> String {
    reply.body["token"]["access_token"]
        .as_str()
        .expect("a token")
        .to_owned()
}
