//! A backend that brings numbers, for tests that need something to happen.

use serde_json::{Value, json};

use crate::support::{Home, Server};

/// A backend with a key to a test project.
pub struct Integrator {
    http: reqwest::Client,
    pub key: String,
}

impl Integrator {
    /// One with a new project.
    pub fn of(home: &Home) -> Self {
        home.must(&["project", "create", "acme", "--type", "test"]);
        let key = home.must(&["api-key", "create", "--project", "acme"]);
        Self {
            http: reqwest::Client::new(),
            key: key.trim().to_owned(),
        }
    }

    async fn send(&self, server: &Server, path: &str, body: &Value) -> reqwest::Response {
        let url = server.url(&format!("/projects/acme/{path}"));
        let request = self.http.post(url).bearer_auth(&self.key).json(body);
        request.send().await.expect("an answer")
    }

    async fn resource(&self, server: &Server, (path, status): (&str, u16), body: &Value) -> Value {
        let answer = self.send(server, path, body).await;
        let answered = answer.status();
        let resource: Value = answer.json().await.expect("JSON");
        assert_eq!(answered, status, "{path}: {resource}");
        resource
    }

    /// What it created; its status must be 201.
    pub async fn create(&self, server: &Server, path: &str, body: &Value) -> Value {
        self.resource(server, (path, 201), body).await
    }

    /// Posts to what answers with 200.
    pub async fn post(&self, server: &Server, path: &str, body: &Value) -> Value {
        self.resource(server, (path, 200), body).await
    }

    /// Tries to create what must be refused; the status.
    pub async fn refused(&self, server: &Server, path: &str, body: &Value) -> u16 {
        self.send(server, path, body).await.status().as_u16()
    }

    /// Hands in a porting that has all it needs; its id.
    pub async fn bring(&self, server: &Server, number: &str) -> String {
        self.bring_to("test", server, number).await
    }

    /// The same to another recipient than the simulated one.
    pub async fn bring_to(&self, provider: &str, server: &Server, number: &str) -> String {
        self.bring_from("4711-SECRET", (provider, server), number)
            .await
    }

    /// The same from an account at the donor.
    pub async fn bring_from(
        &self,
        account: &str,
        (provider, server): (&str, &Server),
        number: &str,
    ) -> String {
        let price = json!({ "amount": 1, "currency": "USD" });
        let plan = json!({ "name": "P", "provider": provider, "price": price });
        let plan = self.create(server, "plans", &plan).await["id"].clone();
        let user = json!({ "email": format!("{number}@example.com"), "fullName": "Thora Oak" });
        let user = self.create(server, "users", &user).await["id"].clone();
        let porting = json!({
            "phoneNumber": number,
            "provider": provider,
            "user": user,
            "accountNumber": account,
            // So long that no time or number in a log has it by chance.
            "accountPin": "9021047119",
            "firstName": "Thora",
            "lastName": "SECRETname",
            "address": {
                "line1": "1 SECRET Street", "city": "Portland", "state": "OR",
                "postalCode": "97205", "country": "US",
            },
        });
        let porting = self.create(server, "portings", &porting).await["id"].clone();
        let subscription = json!({ "plan": plan, "user": user, "porting": porting });
        self.create(server, "subscriptions", &subscription).await;
        porting.as_str().expect("an id").to_owned()
    }

    /// A porting as the API shows it.
    pub async fn porting(&self, server: &Server, porting: &str) -> Value {
        let url = server.url(&format!("/projects/acme/portings/{porting}"));
        let answer = self.http.get(url).bearer_auth(&self.key).send().await;
        answer.expect("an answer").json().await.expect("JSON")
    }

    /// How a porting stands.
    pub async fn status(&self, server: &Server, porting: &str) -> String {
        let porting = self.porting(server, porting).await;
        porting["status"].as_str().expect("a status").to_owned()
    }

    /// Asks until a porting has come to `status`.
    pub async fn wait_for(&self, server: &Server, porting: &str, status: &str) {
        while self.status(server, porting).await != status {
            tokio::task::yield_now().await;
        }
    }
}
