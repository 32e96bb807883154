//! Connections that stay open between requests. While one waits, the server keeps only its socket.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use crate::{
    metrics,
    support::{Home, Server},
};

const GET: &str = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
/// The largest answer there is.
const LARGE: &str = "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n";
/// How long a request's head may take.
const FIRST_REQUEST: Duration = Duration::from_secs(10);
/// How long a test waits for a number of connections.
const PATIENCE: Duration = Duration::from_secs(30);
const POST: &str = "POST /portal/entry HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\
                    Content-Type: application/x-www-form-urlencoded\r\n\r\n";

/// A server, and what it tells of its connections.
struct Watched {
    _home: Home,
    server: Server,
    metrics: String,
}

impl Watched {
    fn start() -> Self {
        Self::start_in(Home::migrated())
    }

    fn start_in(home: Home) -> Self {
        let (home, server, metrics) = metrics::serve(home);
        Self {
            _home: home,
            server,
            metrics,
        }
    }

    fn visit(&self) -> Visitor {
        Visitor(BufReader::new(self.server.connect()))
    }

    /// Waits until so many connections wait for a request.
    async fn idle(&self, count: f64) {
        let begun = Instant::now();
        loop {
            let page = metrics::scrape(&self.metrics).await;
            let idle = metrics::value(&page, "portico_http_connections_idle ");
            if idle == Some(count) {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "{idle:?} idle, not {count}");
        }
    }

    /// Waits for longer than it takes an idle connection to be put to rest, while `others` are idle.
    async fn pass_time(&self, others: f64) {
        let mut clock = self.visit();
        clock.send(GET);
        assert_eq!(clock.answer().status(), "200");
        self.idle(others + 1.0).await;
        drop(clock);
        self.idle(others).await;
    }
}

struct Visitor(BufReader<TcpStream>);

impl Visitor {
    fn send(&mut self, text: &str) {
        self.0.get_mut().write_all(text.as_bytes()).expect("sent");
    }

    /// The next answer.
    fn answer(&mut self) -> Answer {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            let size = self.0.read_line(&mut head).expect("a line");
            assert_ne!(size, 0, "the connection was closed after {head:?}");
        }
        let lower = head.to_lowercase();
        let length = lower.split("content-length: ").nth(1).expect("a length");
        let length = length.lines().next().expect("a line").parse();
        let mut body = vec![0; length.expect("a number")];
        self.0.read_exact(&mut body).expect("a body");
        let body = String::from_utf8(body).expect("text");
        Answer { head, body }
    }

    /// Waits until the server closes the connection, without another word.
    fn ends(mut self) {
        let mut rest = Vec::new();
        let read = self.0.read_to_end(&mut rest);
        read.expect("closed, and not kept open");
        assert_eq!(String::from_utf8_lossy(&rest), "");
    }
}

struct Answer {
    head: String,
    body: String,
}

impl Answer {
    fn status(&self) -> &str {
        self.head.split(' ').nth(1).expect("a status")
    }
}

#[tokio::test]
async fn a_connection_that_was_idle_goes_on() {
    let watched = Watched::start();
    let mut visitor = watched.visit();
    for (request, status) in [(GET, "200"), (LARGE, "200"), (GET, "200")] {
        visitor.send(request);
        assert_eq!(visitor.answer().status(), status);
        watched.idle(1.0).await;
    }
    // What has a body comes to rest too.
    visitor.send(&format!("{POST}session=x"));
    assert!(visitor.answer().status().starts_with('4'));
    watched.idle(1.0).await;
    visitor.send(GET);
    assert_eq!(visitor.answer().status(), "200");
}

#[tokio::test]
async fn requests_sent_together_are_all_answered() {
    let watched = Watched::start();
    let mut visitor = watched.visit();
    let (half, rest) = GET.split_at(20);
    visitor.send(&format!("{}{half}", GET.repeat(40)));
    for _ in 0..40 {
        assert_eq!(visitor.answer().status(), "200");
    }
    watched.pass_time(0.0).await;
    visitor.send(rest);
    assert_eq!(visitor.answer().status(), "200");
}

#[tokio::test]
async fn a_request_may_pause_in_its_head_and_in_its_body() {
    let watched = Watched::start();
    let mut visitor = watched.visit();
    visitor.send(GET);
    assert_eq!(visitor.answer().status(), "200");
    watched.idle(1.0).await;
    let (half, rest) = GET.split_at(20);
    visitor.send(half);
    watched.idle(0.0).await;
    watched.pass_time(0.0).await;
    visitor.send(rest);
    assert_eq!(visitor.answer().status(), "200");
    watched.idle(1.0).await;

    visitor.send(&format!("{POST}sess"));
    watched.idle(0.0).await;
    watched.pass_time(0.0).await;
    visitor.send("ion=x");
    assert!(visitor.answer().status().starts_with('4'));
    visitor.send(GET);
    assert_eq!(
        visitor.answer().status(),
        "200",
        "the body was not taken for a request"
    );
}

#[tokio::test]
async fn a_slow_reader_gets_every_byte() {
    /// More than the system keeps for a connection.
    const ANSWERS: usize = 200;
    let watched = Watched::start();
    let mut visitor = watched.visit();
    visitor.send(LARGE);
    let expected = visitor.answer().body;
    visitor.send(&LARGE.repeat(ANSWERS));
    watched.idle(0.0).await;
    watched.pass_time(0.0).await;
    for _ in 0..ANSWERS {
        assert!(visitor.answer().body == expected);
    }
    watched.idle(1.0).await;
}

#[tokio::test]
async fn idle_connections_do_not_hold_up_the_end() {
    let mut watched = Watched::start();
    let mut visitor = watched.visit();
    visitor.send(GET);
    assert_eq!(visitor.answer().status(), "200");
    let silent = watched.visit();
    watched.idle(2.0).await;
    let told = Instant::now();
    watched.server.terminate();
    visitor.ends();
    silent.ends();
    assert!(watched.server.wait().success());
    let took = told.elapsed();
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[tokio::test]
async fn whoever_says_nothing_more_is_let_go() {
    let home = Home::migrated().with("PORTICO_LIMITS_KEEP_ALIVE_SECONDS", "1");
    let watched = Watched::start_in(home);
    let begun = Instant::now();
    let [mut content, mut slow, silent] = [(); 3].map(|()| watched.visit());
    content.send(GET);
    assert_eq!(content.answer().status(), "200");
    // Who has begun with a request has longer than who may come again, and so has who never came.
    slow.send(&format!("{GET}GET /healthz HTTP/1.1\r\nX-Slow: "));
    assert_eq!(slow.answer().status(), "200");
    content.ends();
    for other in [slow, silent] {
        other.ends();
        assert!(begun.elapsed() >= FIRST_REQUEST, "let go too early");
    }
    watched.idle(0.0).await;
}

#[tokio::test]
async fn whoever_may_come_again_is_let_go_early_where_places_are_few() {
    let home = Home::migrated().with("PORTICO_LIMITS_CONNECTIONS", "4");
    let watched = Watched::start_in(home);
    let visitors = [(); 4].map(|()| {
        let mut visitor = watched.visit();
        visitor.send(GET);
        assert_eq!(visitor.answer().status(), "200");
        visitor
    });
    let [_first, _second, _third, last] = visitors;
    // It took the last place, and that is free again long before the 75 s of the others.
    last.ends();
    watched.idle(3.0).await;
}
