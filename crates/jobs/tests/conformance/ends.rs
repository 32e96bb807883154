//! Whether a call without success has ended, for the gateways that call somebody over HTTP.

use portico_testkit::TestApp;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use crate::{http, telnyx};

/// Where every connection is answered with these bytes and closed.
async fn somebody_who_says(said: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("a bound socket");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(said.as_bytes()).await;
        }
    });
    format!("http://{address}/v2")
}

fn status(code: u16) -> String {
    format!("HTTP/1.1 {code} Trouble\r\ncontent-length: 0\r\n\r\n")
}

#[tokio::test]
async fn a_call_has_ended_when_whoever_carries_it_out_has_answered() {
    let app = TestApp::new().await;
    let broken_off = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{".to_owned();
    let nonsense = "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n{".to_owned();
    // What is said, and its kind for a backend, which promises what a 503 of its own means, and for a
    // carrier that does not.
    for (said, of_backend, of_carrier) in [
        (String::new(), "cutOff", "cutOff"),
        (broken_off, "cutOff", "cutOff"),
        (status(502), "cutOff", "cutOff"),
        (status(503), "unavailable", "cutOff"),
        (status(504), "timedOut", "timedOut"),
        (status(524), "timedOut", "timedOut"),
        (status(500), "unavailable", "unavailable"),
        (nonsense, "unreadable", "unreadable"),
    ] {
        let url = somebody_who_says(said.clone()).await;
        let backend = http::gateway(&url, &app.app.db);
        let carrier = telnyx::gateway(&url, [0; 32], &app.app.db);
        for (gateway, kind) in [(backend, of_backend), (carrier, of_carrier)] {
            let error = gateway.has("mine-1").await.expect_err("no answer");
            assert_eq!(error.kind(), kind, "{said:?}");
            let is_open = ["cutOff", "timedOut"].contains(&kind);
            assert_eq!(error.may_be_under_way(), is_open, "{said:?}");
        }
    }
}
