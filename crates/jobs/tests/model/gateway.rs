//! A carrier that does what the story says, and keeps books.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard},
};

use portico_carrier::{
    Answer, Gateway, GatewayError, Outcome, PortRequest, Portability, Progress, Submitted,
};
use portico_domain::{decline::DeclineCode, phone::PhoneNumber};

use crate::story::{Carrier, Reason, Word};

pub struct Scripted(Mutex<Books>);

struct Books {
    carrier: Carrier,
    requests: HashMap<String, Request>,
}

#[derive(Clone, Default)]
pub struct Request {
    /// How often it came.
    pub times: u32,
    pub called_off: bool,
    words: Vec<Word>,
}

impl Scripted {
    pub fn new() -> Self {
        Self(Mutex::new(Books {
            carrier: Carrier::Answers,
            requests: HashMap::new(),
        }))
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.0.lock().unwrap()
    }

    /// The books of a carrier that is not down.
    fn listening(&self) -> Result<MutexGuard<'_, Books>, GatewayError> {
        let books = self.books();
        match books.carrier {
            Carrier::IsDown => Err(GatewayError::Unavailable("as told".to_owned())),
            Carrier::Answers | Carrier::AnswersTooLate => Ok(books),
        }
    }

    pub fn carrier(&self) -> Carrier {
        self.books().carrier
    }

    pub fn behave(&self, carrier: Carrier) {
        self.books().carrier = carrier;
    }

    pub fn say(&self, reference: &str, word: Word, overtakes: bool) {
        if let Some(request) = self.books().requests.get_mut(reference) {
            let at = if overtakes { 0 } else { request.words.len() };
            request.words.insert(at, word);
        }
    }

    pub fn request(&self, reference: &str) -> Option<Request> {
        self.books().requests.get(reference).cloned()
    }
}

#[async_trait::async_trait]
impl Gateway for Scripted {
    async fn check(&self, _: &str, _: &PhoneNumber) -> Result<Portability, GatewayError> {
        drop(self.listening()?);
        Ok(Portability::Portable {
            also_required: Vec::new(),
        })
    }

    async fn submit(&self, request: &PortRequest) -> Result<Submitted, GatewayError> {
        tokio::task::yield_now().await;
        let carrier = {
            let mut books = self.listening()?;
            let reference = request.reference.clone();
            books.requests.entry(reference).or_default().times += 1;
            books.carrier
        };
        tokio::task::yield_now().await;
        match carrier {
            Carrier::Answers => Ok(Submitted::Accepted),
            _ => Err(GatewayError::TimedOut),
        }
    }

    async fn has(&self, reference: &str) -> Result<bool, GatewayError> {
        tokio::task::yield_now().await;
        Ok(self.listening()?.requests.contains_key(reference))
    }

    /// Says everything twice.
    async fn progress(&self, reference: &str) -> Result<Progress, GatewayError> {
        tokio::task::yield_now().await;
        let words = match self.listening()?.requests.get(reference) {
            Some(request) => request.words.clone(),
            None => Vec::new(),
        };
        Ok(Progress {
            answers: words
                .iter()
                .flat_map(|word| [answer(*word), answer(*word)])
                .collect(),
            ask_again_at: None,
        })
    }

    async fn cancel(&self, reference: &str) -> Result<(), GatewayError> {
        tokio::task::yield_now().await;
        if let Some(request) = self.listening()?.requests.get_mut(reference) {
            request.called_off = true;
        }
        Ok(())
    }
}

fn answer(word: Word) -> Answer {
    let outcome = match word {
        Word::Delayed => Outcome::Delayed,
        Word::Completed => Outcome::Completed,
        Word::Expired => Outcome::Expired,
        Word::Failed => Outcome::Failed,
        Word::Declined(reason) => Outcome::Declined {
            code: code(reason),
            message: "as told".to_owned(),
        },
    };
    Answer {
        outcome,
        said_at: None,
        raw_code: None,
        raw_text: None,
    }
}

pub fn code(reason: Reason) -> DeclineCode {
    match reason {
        Reason::Pin => DeclineCode::AccountPin,
        Reason::Account => DeclineCode::AccountNumber,
        Reason::Protected => DeclineCode::PortProtected,
        Reason::Other => DeclineCode::Declined,
    }
}
