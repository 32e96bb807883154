//! What a test says to a running server.

use serde_json::{Value, json};

use crate::support::{Home, Server};

/// An integrator's backend.
pub struct Backend {
    pub http: reqwest::Client,
    base: String,
    pub key: String,
}

impl Backend {
    /// Of a new project, `acme`.
    pub fn new(home: &Home, server: &Server) -> Self {
        home.must(&["project", "create", "acme", "--type", "test"]);
        let key = home.must(&["api-key", "create", "--project", "acme"]);
        Self::with_key(server, key.trim())
    }

    pub fn with_key(server: &Server, key: &str) -> Self {
        Self {
            http: reqwest::Client::new(),
            base: server.url("/projects/acme"),
            key: key.to_owned(),
        }
    }

    pub async fn post(&self, path: &str, body: Value) -> Value {
        let request = self.http.post(format!("{}/{path}", self.base));
        let request = request.bearer_auth(&self.key).json(&body);
        let answer = request.send().await.expect("an answer");
        let status = answer.status();
        let resource: Value = answer.json().await.expect("JSON");
        assert!(status.is_success(), "{path}: {resource}");
        resource
    }

    pub async fn get(&self, path: &str) -> Value {
        let request = self.http.get(format!("{}/{path}", self.base));
        let answer = request.bearer_auth(&self.key).send().await;
        answer.expect("an answer").json().await.expect("JSON")
    }

    pub async fn user(&self, name: &str) -> String {
        let email = format!("{name}@subscriber.example");
        let user = json!({ "email": email, "fullName": "Rosalind Quimby" });
        id_of(&self.post("users", user).await)
    }

    pub async fn draft(&self, user: &str) -> String {
        let porting = json!({
            "phoneNumber": "+19595550100",
            "provider": "test",
            "user": user,
            "accountNumber": "8830014477",
            "accountPin": "004217",
        });
        id_of(&self.post("portings", porting).await)
    }
}

pub fn id_of(resource: &Value) -> String {
    resource["id"].as_str().expect("an id").to_owned()
}
