//! Calls over real sockets, with names that lead where a test wants.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests, though only the tests are marked as such"
)]

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use portico_outgoing::{AddressPolicy, CallError, Client, Reply, Resolver, Target};
use portico_testkit::receiver::{Behavior, Receiver};
use rustls::{RootCertStore, ServerConfig, pki_types::PrivateKeyDer};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

/// Names as a hosts file would have them, and how often one was asked for.
fn hosts(entries: &[(&str, &[SocketAddr])]) -> (Resolver, Arc<AtomicUsize>) {
    let entries: HashMap<String, Vec<SocketAddr>> = entries
        .iter()
        .map(|(name, addresses)| ((*name).to_owned(), addresses.to_vec()))
        .collect();
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    let resolver: Resolver = Arc::new(move |name, _| {
        counter.fetch_add(1, Ordering::Relaxed);
        let found = entries.get(&name).cloned().unwrap_or_default();
        Box::pin(async move { Ok(found) })
    });
    (resolver, asked)
}

fn client(policy: AddressPolicy, resolver: Resolver) -> Client {
    Client::with(policy, resolver, RootCertStore::empty()).with_total(Duration::from_secs(5))
}

async fn post(client: &Client, url: &str) -> Result<Reply, CallError> {
    let target = Target::parse(url, client.policy()).unwrap();
    client.endpoint(target).post([], Bytes::from("{}")).await
}

#[tokio::test]
async fn a_name_that_leads_inside_is_not_called() {
    let inside = Receiver::start().await;
    let port = inside.address().port();
    for address in [
        "127.0.0.1",
        "10.0.0.1",
        "169.254.169.254",
        "192.168.1.1",
        "100.64.0.1",
        "0.0.0.0",
        "::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "fd00::1",
    ] {
        let address = SocketAddr::new(address.parse().unwrap(), port);
        let (resolver, asked) = hosts(&[("hooks.example", &[address])]);
        let client = client(AddressPolicy::default(), resolver);
        let outcome = post(&client, &format!("https://hooks.example:{port}/")).await;
        assert_eq!(outcome.err(), Some(CallError::Forbidden), "{address}");
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }
    assert_eq!(inside.count(), 0);
}

#[tokio::test]
async fn of_several_addresses_only_permitted_ones_are_called() {
    let (address, roots) = tls_server().await;
    let inside = "10.0.0.1:443".parse().unwrap();
    let (resolver, _) = hosts(&[("hooks.example", &[inside, address])]);
    let client = Client::with(AddressPolicy::with_loopback(), resolver, roots);
    assert!(post(&client, "https://hooks.example/").await.is_ok());
    let (resolver, _) = hosts(&[]);
    let client = self::client(AddressPolicy::default(), resolver);
    let outcome = post(&client, "https://hooks.example/").await;
    assert_eq!(outcome.err(), Some(CallError::Unresolved));
}

#[tokio::test]
async fn a_redirect_is_an_answer() {
    let inside = Receiver::start().await;
    let lines = vec![format!("location: {}", inside.url())];
    let outside = Receiver::that(Behavior::Answer(307, lines)).await;
    let client = client(AddressPolicy::with_loopback(), hosts(&[]).0);
    let reply = post(&client, &outside.url()).await.unwrap();
    assert_eq!(reply.status, 307);
    assert_eq!((outside.count(), inside.count()), (1, 0));
}

#[tokio::test]
async fn a_long_answer_is_cut() {
    let receiver = Receiver::that(Behavior::Huge(1_000_000)).await;
    let client = client(AddressPolicy::with_loopback(), hosts(&[]).0);
    let reply = post(&client, &receiver.url()).await.unwrap();
    assert_eq!(reply.body.len(), 64 * 1_024);
    let client = client.with_max_body(2_000_000);
    let reply = post(&client, &receiver.url()).await.unwrap();
    assert_eq!(reply.body.len(), 1_000_000);
}

/// A TLS server for `hooks.example` that answers everything with 204, and what trusts it.
async fn tls_server() -> (SocketAddr, RootCertStore) {
    let made = rcgen::generate_simple_self_signed(["hooks.example".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    return;
                };
                let mut buffer = [0; 4_096];
                // A request of these tests comes in one piece.
                while matches!(stream.read(&mut buffer).await, Ok(read) if read > 0) {
                    let answer = b"HTTP/1.1 204 No Content\r\n\r\n";
                    if stream.write_all(answer).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    (address, roots)
}

#[tokio::test]
async fn a_name_is_resolved_once_for_a_connection_that_is_used_again() {
    let (address, roots) = tls_server().await;
    let (resolver, asked) = hosts(&[("hooks.example", &[address])]);
    let client = Client::with(AddressPolicy::with_loopback(), resolver, roots);
    let target = Target::parse("https://hooks.example/", client.policy()).unwrap();
    let endpoint = client.endpoint(target);
    for _ in 0..5 {
        let reply = endpoint.post([], Bytes::from("{}")).await.unwrap();
        assert_eq!(reply.status, 204);
    }
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_certificate_must_be_trusted_and_of_that_name() {
    let (address, roots) = tls_server().await;
    let names = [("hooks.example", [address]), ("other.example", [address])];
    let names = names
        .each_ref()
        .map(|(name, address)| (*name, &address[..]));
    let resolver = hosts(&names).0;
    let trusting = Client::with(AddressPolicy::with_loopback(), resolver.clone(), roots);
    assert!(post(&trusting, "https://hooks.example/").await.is_ok());
    let outcome = post(&trusting, "https://other.example/").await;
    assert_eq!(outcome.err(), Some(CallError::Untrusted));
    let doubting = client(AddressPolicy::with_loopback(), resolver);
    let outcome = post(&doubting, "https://hooks.example/").await;
    assert_eq!(outcome.err(), Some(CallError::Untrusted));
}

#[tokio::test]
async fn a_request_of_any_kind_is_sent_to_a_path_of_its_own() {
    let receiver = Receiver::start().await;
    let client = Client::new(AddressPolicy::with_loopback());
    let target = Target::parse(&receiver.url(), client.policy()).unwrap();
    let request = http::Request::delete("/things/1?really=yes").header("content-length", "0");
    let endpoint = client.endpoint(target);
    let reply = endpoint.send(request.body(Bytes::new()).unwrap()).await;
    assert_eq!(reply.unwrap().status, 200);
    let received = &receiver.received()[0];
    assert_eq!(received.line, "DELETE /things/1?really=yes HTTP/1.1");
    assert_eq!(received.header("host"), receiver.address().to_string());
}
