//! A server that takes webhooks on a real socket, and behaves as badly as a test wants.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// How a receiver answers.
#[derive(Debug, Clone)]
pub enum Behavior {
    /// With this status, and these lines among the headers.
    Answer(u16, Vec<String>),
    /// Not at all; the connection stays open.
    Silence,
    /// With headers that never end, a few bytes at a time.
    SlowHead,
    /// With a body that never ends, a few bytes at a time.
    SlowBody,
    /// With a 200 and a body of so many bytes.
    Huge(usize),
    /// With more headers than anybody needs.
    HugeHead,
    /// By closing the connection.
    Hangup,
    /// With something that is no HTTP.
    Garbage,
}

impl Behavior {
    /// With this status.
    pub fn status(status: u16) -> Self {
        Self::Answer(status, Vec::new())
    }
}

/// One request as it arrived.
#[derive(Debug, Clone)]
pub struct Received {
    /// The request line.
    pub line: String,
    /// The headers, names in lower case.
    pub headers: HashMap<String, String>,
    /// The body.
    pub body: String,
}

impl Received {
    /// A header's value.
    ///
    /// # Panics
    /// It is not there.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.unwrap_or_else(|| panic!("the request has no {name}"))
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// It is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect("the body is JSON")
    }
}

/// A server on a port of its own; it ends with the runtime.
#[derive(Clone)]
pub struct Receiver {
    address: SocketAddr,
    behavior: Arc<Mutex<Behavior>>,
    received: Arc<Mutex<Vec<Received>>>,
    arrived: watch::Sender<usize>,
}

impl Receiver {
    /// A receiver that answers 200.
    ///
    /// # Panics
    /// There is no free port.
    pub async fn start() -> Self {
        Self::that(Behavior::status(200)).await
    }

    /// A receiver with that behaviour.
    ///
    /// # Panics
    /// There is no free port.
    pub async fn that(behavior: Behavior) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let receiver = Self {
            address: listener.local_addr().expect("a bound socket"),
            behavior: Arc::new(Mutex::new(behavior)),
            received: Arc::default(),
            arrived: watch::Sender::new(0),
        };
        let serving = receiver.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let serving = serving.clone();
                tokio::spawn(async move { serving.serve(stream).await });
            }
        });
        receiver
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("http://{}/hooks", self.address)
    }

    /// Behaves differently from the next request on.
    ///
    /// # Panics
    /// Never.
    pub fn set(&self, behavior: Behavior) {
        *self.behavior.lock().expect("no holder panics") = behavior;
    }

    /// Everything that arrived so far.
    ///
    /// # Panics
    /// Never.
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().expect("no holder panics").clone()
    }

    /// How many requests arrived so far.
    pub fn count(&self) -> usize {
        *self.arrived.borrow()
    }

    /// Resolves when `number` requests have arrived in all.
    ///
    /// # Panics
    /// They do not within a minute.
    pub async fn arrived(&self, number: usize) {
        let mut arrived = self.arrived.subscribe();
        let enough = arrived.wait_for(|count| *count >= number);
        let outcome = tokio::time::timeout(Duration::from_secs(60), enough).await;
        assert!(outcome.is_ok(), "{} of {number} arrived", self.count());
    }

    async fn serve(self, mut stream: TcpStream) {
        let mut buffer = Vec::new();
        while let Some(request) = read(&mut stream, &mut buffer).await {
            let behavior = self.behavior.lock().expect("no holder panics").clone();
            self.received
                .lock()
                .expect("no holder panics")
                .push(request);
            self.arrived.send_modify(|count| *count += 1);
            if !answer(&mut stream, &behavior).await {
                return;
            }
        }
    }
}

/// Reads one request; `buffer` holds what came beyond it.
async fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Received> {
    let head_end = loop {
        let end = buffer.windows(4).position(|it| it == b"\r\n\r\n");
        if let Some(end) = end {
            break end;
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(buffer[..head_end].to_vec()).ok()?;
    let mut lines = head.split("\r\n");
    let line = lines.next()?.to_owned();
    let headers: HashMap<_, _> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    let length: usize = headers.get("content-length")?.parse().ok()?;
    let end = head_end + 4 + length;
    while buffer.len() < end {
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
    let body = String::from_utf8(buffer[head_end + 4..end].to_vec()).ok()?;
    buffer.drain(..end);
    Some(Received {
        line,
        headers,
        body,
    })
}

/// Answers; whether the connection can be used again.
async fn answer(stream: &mut TcpStream, behavior: &Behavior) -> bool {
    match behavior {
        Behavior::Answer(status, lines) => {
            let lines: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
            let text = format!("HTTP/1.1 {status} X\r\n{lines}content-length: 2\r\n\r\nok");
            stream.write_all(text.as_bytes()).await.is_ok()
        }
        Behavior::Silence => {
            // Until the other side has had enough.
            let _ = stream.read(&mut [0; 64]).await;
            false
        }
        Behavior::SlowHead => drip(stream, "HTTP/1.1 200 X\r\nx: ").await,
        Behavior::SlowBody => {
            drip(stream, "HTTP/1.1 200 X\r\ncontent-length: 1000000\r\n\r\n").await
        }
        Behavior::Huge(size) => {
            let head = format!("HTTP/1.1 200 X\r\ncontent-length: {size}\r\n\r\n");
            let sent = stream.write_all(head.as_bytes()).await.is_ok();
            sent && stream.write_all(&vec![b'x'; *size]).await.is_ok()
        }
        Behavior::HugeHead => {
            let line = format!("x-filler: {}\r\n", "x".repeat(1_000));
            let head = format!("HTTP/1.1 200 X\r\n{}\r\n", line.repeat(200));
            let _ = stream.write_all(head.as_bytes()).await;
            false
        }
        Behavior::Hangup => false,
        Behavior::Garbage => {
            let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n\r\n").await;
            false
        }
    }
}

async fn drip(stream: &mut TcpStream, head: &str) -> bool {
    let mut sent = stream.write_all(head.as_bytes()).await;
    while sent.is_ok() {
        tokio::time::sleep(Duration::from_millis(20)).await;
        sent = stream.write_all(b"x").await;
    }
    false
}
