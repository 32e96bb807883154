//! Whether a call without success has ended, for the gateways that call somebody over HTTP.

use portico_testkit::TestApp;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use crate::{http, telnyx};

/// Where every connection is answered with these bytes and closed.
async fn somebody_who_says(said: &'static str) -> String {
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

#[tokio::test]
async fn only_what_was_answered_by_whoever_carries_it_out_has_ended() {
    let app = TestApp::new().await;
    for (said, kind, may_be_under_way) in [
        ("", "cutOff", true),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{",
            "cutOff",
            true,
        ),
        (
            "HTTP/1.1 504 Gateway Timeout\r\ncontent-length: 0\r\n\r\n",
            "timedOut",
            true,
        ),
        (
            "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n",
            "unavailable",
            false,
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n{",
            "unreadable",
            false,
        ),
    ] {
        let url = somebody_who_says(said).await;
        for gateway in [
            http::gateway(&url, &app.app.db),
            telnyx::gateway(&url, [0; 32], &app.app.db),
        ] {
            let error = gateway.has("mine-1").await.expect_err("no answer");
            assert_eq!(error.kind(), kind, "{said:?}");
            assert_eq!(error.may_be_under_way(), may_be_under_way, "{said:?}");
        }
    }
}
