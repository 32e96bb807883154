//! A phone-plan company's backend, as far as events need one.

use http::Method;
use portico_ambient::Random;
use serde_json::{Value, json};

use crate::remote::{Api, ApiError};

/// The recipient that test projects have.
const PROVIDER: &str = "test";

/// Calls the API as a backend does.
pub struct Backend<'a> {
    pub api: &'a Api,
    random: Random,
}

/// What is known of the account at the old carrier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answers {
    /// Everything: the porting is sent as soon as a subscription takes it.
    All,
    /// All but the account holder's name.
    AllButName,
}

impl<'a> Backend<'a> {
    /// The backend of whoever has the key.
    pub fn new(api: &'a Api) -> Self {
        Self {
            api,
            random: Random::system(),
        }
    }

    /// A new user; the id.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn user(&self) -> Result<String, ApiError> {
        let name = self.random.base62(10).to_lowercase();
        let user = json!({
            "email": format!("trigger-{name}@subscriber.example"),
            "fullName": "Rosalind Quimby",
        });
        self.create("users", &user).await
    }

    /// A draft of that user; the id.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn draft(
        &self,
        user: &str,
        number: &str,
        answers: Answers,
    ) -> Result<String, ApiError> {
        let mut porting = json!({
            "phoneNumber": number,
            "provider": PROVIDER,
            "user": user,
            "accountNumber": "4410027719",
            "accountPin": "482915",
            "address": {
                "line1": "212 Juniper Street", "city": "Portland", "state": "OR",
                "postalCode": "97205", "country": "US",
            },
        });
        if answers == Answers::All {
            porting["firstName"] = json!("Rosalind");
            porting["lastName"] = json!("Quimby");
        }
        self.create("portings", &porting).await
    }

    /// A subscription of that user, which takes the porting if there is one; the id.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn subscription(
        &self,
        user: &str,
        porting: Option<&str>,
    ) -> Result<String, ApiError> {
        let plan = json!({
            "name": "Made by portico trigger",
            "provider": PROVIDER,
            "price": { "amount": 1_500, "currency": "USD" },
        });
        let plan = self.create("plans", &plan).await?;
        let subscription = json!({ "plan": plan, "user": user, "porting": porting });
        self.create("subscriptions", &subscription).await
    }

    /// Hands in a porting for that number with a user and a subscription of its own; the id.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn porting(&self, number: &str, answers: Answers) -> Result<String, ApiError> {
        let user = self.user().await?;
        let porting = self.draft(&user, number, answers).await?;
        self.subscription(&user, Some(&porting)).await?;
        Ok(porting)
    }

    /// A session to complete a porting whose account holder is not named yet; the whole resource.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn session(&self, number: &str) -> Result<Value, ApiError> {
        let user = self.user().await?;
        let porting = self.draft(&user, number, Answers::AllButName).await?;
        let subscription = self.subscription(&user, Some(&porting)).await?;
        let session = json!({
            "user": user,
            "intent": {
                "type": "completePorting",
                "completePorting": { "subscription": subscription },
            },
        });
        self.api
            .change(Method::POST, "connectSessions", Some(&session))
            .await
    }

    /// Creates something; its id.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn create(&self, path: &str, body: &Value) -> Result<String, ApiError> {
        id_of(&self.api.change(Method::POST, path, Some(body)).await?)
    }

    /// Changes something.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn patch(&self, path: &str, body: &Value) -> Result<(), ApiError> {
        let changed = self.api.change(Method::PATCH, path, Some(body)).await;
        changed.map(drop)
    }

    /// Has something done that needs no words.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn act(&self, method: Method, path: &str) -> Result<(), ApiError> {
        self.api.change(method, path, None).await.map(drop)
    }
}

/// A resource's id.
///
/// # Errors
/// It has none.
pub fn id_of(resource: &Value) -> Result<String, ApiError> {
    let id = resource["id"].as_str();
    id.map(str::to_owned).ok_or(ApiError::Unreadable)
}
