//! Where webhooks arrive: a server that takes every POST and notes when which session's came.

use std::{
    collections::HashMap,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Instant,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

const TAKEN: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

/// A running sink. It ends with the process.
#[derive(Clone)]
pub struct Sink {
    /// Where it listens.
    pub address: SocketAddr,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    count: AtomicU64,
    /// When each subject came first.
    arrivals: Mutex<HashMap<String, Instant>>,
}

impl Sink {
    /// Starts one on a thread of its own.
    ///
    /// # Errors
    /// No port is free.
    pub fn start() -> anyhow::Result<Self> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let sink = Self {
            address: listener.local_addr()?,
            seen: Arc::default(),
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let seen = sink.seen.clone();
        std::thread::spawn(move || {
            runtime.block_on(async {
                let listener = TcpListener::from_std(listener)?;
                loop {
                    let (stream, _) = listener.accept().await?;
                    stream.set_nodelay(true)?;
                    tokio::spawn(take(stream, seen.clone()));
                }
                #[expect(unreachable_code, reason = "says what the block's error is")]
                std::io::Result::Ok(())
            })
        });
        Ok(sink)
    }

    /// Requests so far.
    pub fn count(&self) -> u64 {
        self.seen.count.load(Relaxed)
    }

    /// When each session's event came first.
    pub fn arrivals(&self) -> HashMap<String, Instant> {
        self.seen.arrivals().clone()
    }

    /// Forgets what came.
    pub fn clear(&self) {
        self.seen.arrivals().clear();
    }
}

impl Seen {
    fn arrivals(&self) -> std::sync::MutexGuard<'_, HashMap<String, Instant>> {
        self.arrivals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, body: &[u8]) {
        self.count.fetch_add(1, Relaxed);
        if let Some(subject) = subject(body) {
            let now = Instant::now();
            self.arrivals().entry(subject.to_owned()).or_insert(now);
        }
    }
}

/// The session's id in an event's text.
pub fn subject(body: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(body).ok()?;
    let start = text.find("csn_")?;
    text.get(start..start + 32)
}

async fn take(mut stream: TcpStream, seen: Arc<Seen>) -> std::io::Result<()> {
    let mut bytes = Vec::with_capacity(8 * 1024);
    loop {
        if let Some((head, end)) = request(&bytes) {
            seen.note(&bytes[head..end]);
            bytes.drain(..end);
            stream.write_all(TAKEN).await?;
            continue;
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(());
        }
    }
}

/// Where a whole request's head and body end.
fn request(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut request = httparse::Request::new(&mut headers);
    let head = match request.parse(bytes) {
        Ok(httparse::Status::Complete(head)) => head,
        _ => return None,
    };
    let length = request
        .headers
        .iter()
        .find(|it| it.name.eq_ignore_ascii_case("content-length"))?;
    let length: usize = std::str::from_utf8(length.value).ok()?.parse().ok()?;
    (bytes.len() >= head + length).then_some((head, head + length))
}
