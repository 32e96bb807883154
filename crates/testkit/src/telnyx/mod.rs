//! A carrier that speaks Telnyx's porting API on loopback, keeps books, and behaves as badly as a test
//! wants. That its answers are like the real one's is checked by a proxy that knows the carrier's own
//! document; see `scripts/carrier-contract`.

mod books;
mod notices;
mod resources;
mod routes;

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
};

use books::Books;
pub use books::Confirmation;
pub use notices::PushedNotice;
use tokio::net::TcpListener;

/// The API key that the carrier takes.
pub const API_KEY: &str = "KEY0123456789";

/// How the next call that fits goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mishap {
    /// It is answered with this status and an empty body, and nothing is done.
    Status(u16),
    /// It is done, and answered with this status and an empty body.
    DoneButStatus(u16),
    /// Nothing is done, and no answer comes.
    Silence,
    /// It is done, and no answer comes.
    DoneButSilence,
    /// It is refused with this code and text.
    Refusal(String, String),
    /// It is done and answered with this text.
    Garbage(String),
}

/// The carrier. Cheap to clone; clones are the same.
#[derive(Clone)]
pub struct FakeTelnyx {
    address: SocketAddr,
    books: Arc<Mutex<Books>>,
}

impl FakeTelnyx {
    /// A carrier on a port of its own; it ends with the runtime.
    ///
    /// # Panics
    /// There is no free port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let fake = Self {
            address: listener.local_addr().expect("a bound socket"),
            books: Arc::default(),
        };
        let routes = routes::router(fake.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        fake
    }

    /// Its API's URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().expect("no holder of this lock panics")
    }

    /// Lets the next call whose method and path end with `call`, `POST confirm` for example, go wrong.
    pub fn next(&self, call: &str, mishap: Mishap) {
        self.books().mishaps.push((call.to_owned(), mishap));
    }

    /// Lets everything go wrong until [`FakeTelnyx::come_back`].
    pub fn go_down(&self) {
        self.books().is_down = true;
    }

    /// Answers again.
    pub fn come_back(&self) {
        self.books().is_down = false;
    }

    /// Does not port a number.
    pub fn refuse_number(&self, number: &str) {
        self.books().not_portable.insert(number.to_owned());
    }

    /// Makes two orders of everything that comes from now on: one with the number and one without.
    pub fn split_new_orders(&self) {
        self.books().splits = true;
    }

    /// Puts the order of that reference into exception, for reasons of code and text.
    pub fn decline(&self, reference: &str, reasons: &[(&str, &str)]) {
        self.books().decline(reference, reasons);
    }

    /// Fixes the date.
    pub fn fix_date(&self, reference: &str, at: &str) {
        self.books().fix_date(reference, at);
    }

    /// Moves an order to another status.
    pub fn set_status(&self, reference: &str, status: &str) {
        self.books().set_status(reference, status);
    }

    /// Moves an order's number into another order, as the carrier's people do.
    pub fn split(&self, reference: &str) {
        self.books().split(reference);
    }

    /// Every time an order was handed in, with what was in it.
    pub fn confirmations(&self) -> Vec<Confirmation> {
        self.books().confirmations.clone()
    }

    /// How often the attempt was handed in.
    pub fn handed_in(&self, reference: &str) -> usize {
        let books = self.books();
        let of = books.confirmations.iter();
        of.filter(|it| it.reference == reference).count()
    }

    /// How many orders there are for a number; deleted ones do not count.
    pub fn orders_for(&self, number: &str) -> usize {
        let books = self.books();
        let orders = books.orders.iter();
        orders
            .filter(|order| order.numbers.iter().any(|it| it == number))
            .count()
    }

    /// The status of the order of that reference.
    pub fn status(&self, reference: &str) -> Option<String> {
        let books = self.books();
        let order = books.find(reference)?;
        Some(order.status.clone())
    }

    /// Every call that came, as method and path.
    pub fn calls(&self) -> Vec<String> {
        self.books().calls.clone()
    }
}
