//! Row 5: the first page of Connect, as a browser asks for it.

use std::{
    cell::Cell,
    io::Read,
    net::{Ipv4Addr, SocketAddr},
    process::{Child, Command},
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use serde_json::json;

use super::{Bench, CONNECTIONS};
use crate::{
    cpu::Meter,
    http::{Connection, chunks},
    load::{Load, Measured, Requests},
    postgres::free_port,
    rounds::{Rounds, aside, contestant, median},
    seed::{self, Seed},
    subject::Subject,
    table::{Row, Sense, figure},
};

/// Links that are opened in turn.
const LINKS: usize = 64;

/// A bare server of our own, in a process of its own. Dropping it kills it.
pub struct Bare {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Bare {
    /// Starts it with the product's HTTP settings, or with axum's own.
    ///
    /// # Errors
    /// It does not start.
    pub fn start(defaults: bool) -> anyhow::Result<Self> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?));
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["--bare", &address.to_string()]);
        if defaults {
            command.arg("--bare-defaults");
        }
        let bare = Self {
            child: command.spawn()?,
            address,
        };
        while std::net::TcpStream::connect(address).is_err() {
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(bare)
    }

    /// The process's id.
    pub fn process(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Row 5.
///
/// # Errors
/// Something does not start, or fails under load.
pub fn rows(bench: &Bench) -> anyhow::Result<Vec<Row>> {
    let subject = Subject::new(
        &bench.binary,
        &bench.dir,
        Subject::sqlite_url(&bench.dir, "page.db"),
    )?;
    let key = subject.prepare()?;
    let server = subject.serve()?;
    let seed = Seed::new(server.address, key, LINKS)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let links = Arc::new(runtime.block_on(links(&seed, server.address))?);
    let (size, requests) = runtime.block_on(weight(server.address, &links[0]))?;
    let bare = Bare::start(false)?;
    let load = |address, requests: &Requests| -> anyhow::Result<Measured> {
        Load {
            address,
            connections: CONNECTIONS,
            duration: bench.duration,
            first: 0,
            requests: requests.clone(),
            status: 200,
        }
        .run()
    };
    let zipped = pages(&links, "accept-encoding: gzip, deflate, br, zstd\r\n");
    let plain = pages(&links, "");
    let hello: Requests = Arc::new(|_, request| {
        request.extend_from_slice(b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
    });
    let (page_p99, hello_p99) = (Cell::new(Vec::new()), Cell::new(Vec::new()));
    let note = |cell: &Cell<Vec<f64>>, measured: &Measured| {
        let mut all = cell.take();
        all.push(measured.milliseconds(0.99));
        cell.set(all);
    };
    let meter = Meter(vec![server.process(), bare.process()]);
    let rounds = Rounds::run(
        bench.rounds,
        &meter,
        vec![
            contestant("page", || {
                let measured = load(server.address, &zipped)?;
                note(&page_p99, &measured);
                Ok(measured)
            }),
            contestant("hello", || {
                let measured = load(bare.address, &hello)?;
                note(&hello_p99, &measured);
                Ok(measured)
            }),
            aside("page, not compressed", || load(server.address, &plain)),
        ],
    )?;
    server.stop()?;
    let last = |cell: Cell<Vec<f64>>| median(cell.take().split_off(1));
    let (page_p99, hello_p99) = (last(page_p99), last(hello_p99));
    let rate = |name| format!("{}/s", figure(rounds.median(name)));
    Ok(vec![
        Row::new(
            5,
            "first page of Connect, gzip, 32 connections, of a bare hello",
            Sense::AtLeast,
            (0.20, 0.35),
            rounds.ratio("page", "hello"),
        )
        .against(rate("hello"), rate("page"))
        .rounds(rounds.json(), rounds.spread("page", "hello")),
        Row::processor(5, &rounds, ("page", "hello")),
        Row::told(
            5,
            "the same for a client that takes no compression",
            rounds.ratio("page, not compressed", "hello"),
        )
        .against(rate("hello"), rate("page, not compressed")),
        Row::new(
            5,
            "its p99, of the hello's p99",
            Sense::AtMost,
            (3.0, 3.0),
            page_p99 / hello_p99,
        )
        .unit("×")
        .against(
            format!("{} ms", figure(hello_p99)),
            format!("{} ms", figure(page_p99)),
        ),
        Row::new(
            5,
            "its size compressed, with its style",
            Sense::AtMost,
            (14.0, 14.0),
            size as f64 / 1024.0,
        )
        .unit("KiB"),
        Row::new(
            5,
            "requests until it is complete",
            Sense::AtMost,
            (1.0, 1.0),
            requests as f64,
        ),
    ])
}

/// The path and query of new sessions' links.
async fn links(seed: &Seed, address: SocketAddr) -> anyhow::Result<Vec<String>> {
    let mut connection = Connection::open(address).await?;
    let mut links = Vec::new();
    for (subscription, user) in seed.subscriptions.iter() {
        let intent = json!({ "type": "completePorting", "completePorting": { "subscription": subscription } });
        let session = json!({ "callbackUrl": "https://example.com/porting/done", "intent": intent, "user": user });
        let made = seed::create(&mut connection, &seed.key, "connectSessions", &session).await?;
        let url = made["url"].as_str().context("a new session has a URL")?;
        let path = url.splitn(4, '/').nth(3).context("a URL has a path")?;
        links.push(format!("/{path}"));
    }
    Ok(links)
}

fn pages(links: &Arc<Vec<String>>, headers: &'static str) -> Requests {
    let links = links.clone();
    Arc::new(move |number, request| {
        let link = &links[usize::try_from(number).expect("64 bits") % links.len()];
        request.extend_from_slice(&page_request(link, headers));
    })
}

fn page_request(link: &str, headers: &str) -> Vec<u8> {
    format!(
        "GET {link} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: text/html,application/xhtml+xml\r\n{headers}\
         accept-language: en-US,en;q=0.9\r\nsec-fetch-site: cross-site\r\nsec-fetch-mode: navigate\r\n\r\n"
    )
    .into_bytes()
}

/// Bytes of the compressed page, and how many requests it needs: itself and what it refers to.
async fn weight(address: SocketAddr, link: &str) -> anyhow::Result<(usize, usize)> {
    let mut connection = Connection::open(address).await?;
    let answer = connection
        .exchange(&page_request(link, "accept-encoding: gzip\r\n"))
        .await?;
    let body = chunks(answer.body).map_or_else(|| answer.body.to_vec(), |(body, _)| body);
    let mut page = String::new();
    flate2::read::GzDecoder::new(&body[..])
        .read_to_string(&mut page)
        .context("a compressed page")?;
    // The icon beside a tab's title is not waited for.
    let refers = page.matches("<link").count() - page.matches("<link rel=\"icon\"").count();
    let images = page.matches("src=\"").count();
    Ok((body.len(), 1 + refers + images))
}
