//! What a hostile or broken client meets.

use std::io::{Read, Write};

use crate::support::{Home, read_all};

fn status(answer: &str) -> &str {
    answer.split_whitespace().nth(1).unwrap_or("none")
}

#[test]
fn a_flood_of_headers_is_refused() {
    let home = Home::migrated();
    let server = home.serve();
    let many: String = (0..500).map(|n| format!("X-Header-{n}: x\r\n")).collect();
    let answer = server.exchange(format!("GET /healthz HTTP/1.1\r\n{many}\r\n").as_bytes());
    assert_eq!(status(&answer), "431", "{answer}");
    let long = "x".repeat(100_000);
    let answer = server.exchange(format!("GET /healthz HTTP/1.1\r\nX: {long}\r\n\r\n").as_bytes());
    assert_eq!(status(&answer), "431", "{answer}");
    let answer = server.exchange(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert_eq!(status(&answer), "200", "the server lives on: {answer}");
}

#[test]
fn a_client_that_stops_sending_is_let_go() {
    let home = Home::migrated();
    let server = home.serve();
    // All three wait at once.
    let mut head = server.connect();
    head.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        .expect("sent");
    let mut page = server.connect();
    let start = "POST /portal/entry HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\
                 Content-Type: application/x-www-form-urlencoded\r\n\r\nsession=";
    page.write_all(start.as_bytes()).expect("sent");
    assert_eq!(
        read_all(&mut head),
        "",
        "a head that never ends gets no answer"
    );
    let answer = read_all(&mut page);
    assert_eq!(status(&answer), "408", "{answer}");
    assert!(
        answer.contains("data-step=\"unavailable\""),
        "a page for people: {answer}"
    );
    assert!(answer.contains("frame-ancestors *"), "{answer}");
}

#[test]
fn a_full_server_says_so() {
    let home = Home::migrated().with("PORTICO_LIMITS_CONNECTIONS", "1");
    let server = home.serve();
    let mut first = server.connect();
    first
        .write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        .expect("sent");
    let mut answer = [0; 12];
    first.read_exact(&mut answer).expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 200");

    let answer = server.exchange(b"GET /projects/acme HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(status(&answer), "503", "{answer}");
    assert!(
        answer.contains(r#""type":"serviceUnavailable""#),
        "{answer}"
    );
    assert!(answer.to_lowercase().contains("retry-after: 5"), "{answer}");
    let answer = server.exchange(b"GET /portal/entry?session=x HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(status(&answer), "503", "{answer}");
    assert!(answer.contains("data-step=\"unavailable\""), "{answer}");
    assert!(answer.contains("frame-ancestors *"), "{answer}");
    let body = "x".repeat(500_000);
    let post =
        format!("POST /portal/entry HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\n{body}");
    assert_eq!(status(&server.exchange(post.as_bytes())), "503");

    drop(first);
    let again =
        || server.exchange(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    while status(&again()) != "200" {
        std::thread::yield_now();
    }
}

#[test]
fn a_body_that_is_too_large_is_refused_and_the_answer_can_be_read() {
    let home = Home::migrated();
    let server = home.serve();
    let body = "x".repeat(1_024 * 1_024);
    let head = "POST /portal/entry HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
                Content-Type: application/x-www-form-urlencoded\r\n";
    let post = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
    let answer = server.exchange(post.as_bytes());
    assert_eq!(status(&answer), "413");
    // Refused in a frame, it would be an error of the browser's.
    assert!(answer.contains("frame-ancestors *"), "{answer}");
    let chunked = format!(
        "{head}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n",
        body.len()
    );
    assert_eq!(status(&server.exchange(chunked.as_bytes())), "413");
}

#[tokio::test]
async fn every_answer_carries_an_id_and_careful_headers() {
    let home = Home::migrated();
    let server = home.serve();
    let client = reqwest::Client::new();
    for path in [
        "/healthz",
        "/nowhere",
        "/portal/entry",
        "/projects/acme/portings",
    ] {
        let answer = client
            .get(server.url(path))
            .send()
            .await
            .expect("an answer");
        let header = |name: &str| {
            let value = answer
                .headers()
                .get(name)
                .map(|value| value.to_str().expect("text"));
            value.unwrap_or("none").to_owned()
        };
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(header("cache-control"), "no-store", "{path}");
        assert!(
            header("content-security-policy").contains("default-src 'none'"),
            "{path}"
        );
        assert_eq!(
            header("strict-transport-security"),
            "none",
            "{path} is plain http"
        );
        assert_eq!(header("x-request-id").len(), 22, "{path}");
    }
    for (given, is_kept) in [
        ("order-4711.a_b", true),
        ("a b", false),
        (&"x".repeat(65), false),
    ] {
        let request = client
            .get(server.url("/healthz"))
            .header("x-request-id", given);
        let answer = request.send().await.expect("an answer");
        let id = answer.headers()["x-request-id"].to_str().expect("text");
        assert_eq!(id == given, is_kept, "{given}: {id}");
    }
}

#[tokio::test]
async fn behind_a_proxy_with_tls_browsers_are_told_to_stay_with_it() {
    let home = Home::migrated().with("PORTICO_PUBLIC_URL", "https://portico.example");
    let server = home.serve();
    let answer = reqwest::get(server.url("/healthz"))
        .await
        .expect("an answer");
    assert!(answer.headers().contains_key("strict-transport-security"));
}

#[tokio::test]
async fn pages_are_compressed_and_small_answers_are_not() {
    let home = Home::migrated();
    let server = home.serve();
    for (path, encoding) in [
        ("/portal/entry", Some("gzip")),
        ("/embed/portico-connect.js", Some("gzip")),
        ("/embed/portico-connect.d.ts", Some("gzip")),
        ("/openapi.json", Some("gzip")),
        ("/portal/icon.svg", None),
        ("/healthz", None),
    ] {
        let request = reqwest::Client::new().get(server.url(path));
        let answer = request
            .header("accept-encoding", "gzip")
            .send()
            .await
            .expect("an answer");
        let found = answer
            .headers()
            .get("content-encoding")
            .map(|value| value.to_str().expect("text"));
        assert_eq!(found, encoding, "{path}");
    }
}

#[tokio::test]
async fn a_page_is_as_long_as_it_says() {
    let home = Home::migrated();
    let server = home.serve();
    let client = reqwest::Client::new();
    let page = |method| client.request(method, server.url("/portal/entry")).send();
    let plain = page(reqwest::Method::GET).await.expect("an answer");
    assert_eq!(plain.headers()["vary"], "accept-encoding");
    let told = plain.content_length();
    let text = plain.text().await.expect("a page");
    assert!(text.ends_with("</html>"), "{text}");
    assert_eq!(told, Some(text.len() as u64));

    let head = page(reqwest::Method::HEAD).await.expect("an answer");
    let length = head.headers()["content-length"].to_str().expect("text");
    assert_eq!(length, text.len().to_string());
    assert!(head.bytes().await.expect("no body").is_empty());
}

#[tokio::test]
async fn the_embeds_module_is_sent_once_and_then_known() {
    let home = Home::migrated();
    let server = home.serve();
    let url = server.url("/embed/portico-connect.js");
    let client = reqwest::Client::new();
    let plain = client.get(&url).send().await.expect("an answer");
    let headers = plain.headers().clone();
    assert_eq!(headers["content-type"], "text/javascript; charset=utf-8");
    let text = plain.text().await.expect("a module");
    assert!(text.contains("portico-connect"), "{text}");

    let request = client.get(&url).header("accept-encoding", "gzip");
    let packed = request.send().await.expect("an answer");
    assert_eq!(packed.headers()["content-encoding"], "gzip");
    let packed = packed.bytes().await.expect("a body");
    assert!(packed.starts_with(&[0x1f, 0x8b]) && packed.len() < text.len() / 2);

    let head = client.head(&url).send().await.expect("an answer");
    let length = head.headers()["content-length"].to_str().expect("text");
    assert_eq!(length, text.len().to_string());

    let request = client.get(&url).header("if-none-match", &headers["etag"]);
    let known = request.send().await.expect("an answer");
    assert_eq!(known.status(), 304);
    for name in ["etag", "vary", "cache-control"] {
        assert_eq!(known.headers()[name], headers[name], "{name}");
    }
    assert!(known.bytes().await.expect("no body").is_empty());
}
