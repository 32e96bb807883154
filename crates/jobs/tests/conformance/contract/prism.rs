use std::{net::TcpListener, process::Stdio, time::Duration};

use tokio::{
    net::TcpStream,
    process::{Child, Command},
};

use super::document;

/// How long it may take to read the document, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// Prism, as a mock or in front of a server. It ends with the value.
pub struct Prism {
    port: u16,
    _child: Child,
}

impl Prism {
    /// Answers by itself, as the document says.
    pub async fn mock() -> Self {
        Self::start("mock", &[]).await
    }

    /// Passes everything on to `url`, and answers 500 where that does not keep to the document.
    pub async fn proxy_of(url: &str) -> Self {
        Self::start("proxy", &[url]).await
    }

    async fn start(command: &str, upstream: &[&str]) -> Self {
        let prism = std::env::var("PORTICO_PRISM").expect("scripts/carrier-contract sets it");
        let free = TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr());
        let port = free.expect("a free port").port();
        let child = Command::new(prism)
            .arg(command)
            .arg(document::path())
            .args(upstream)
            .args([
                "--host",
                "127.0.0.1",
                "--port",
                &port.to_string(),
                "--errors",
            ])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("Prism starts");
        let listens = async {
            while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let waited = tokio::time::timeout(PATIENCE, listens).await;
        waited.expect("Prism listens in time");
        Self {
            port,
            _child: child,
        }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}
