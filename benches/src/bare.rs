//! The ceiling of everything over HTTP: a bare axum server with the product's own hyper settings, or
//! axum's defaults.

use std::{net::SocketAddr, time::Duration};

use axum::{Json, Router, routing::get};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use serde_json::json;
use tokio::net::TcpListener;

/// Serves for ever.
///
/// # Errors
/// The address cannot be taken.
pub fn serve(address: SocketAddr, defaults: bool) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let router = Router::new().route("/", get(async || Json(json!({ "hello": "world" }))));
        let listener = TcpListener::bind(address).await?;
        if defaults {
            return Ok(axum::serve(listener, router).await?);
        }
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let service = TowerToHyperService::new(router.clone());
            tokio::spawn(async move {
                let mut builder = http1::Builder::new();
                builder
                    .timer(TokioTimer::new())
                    .header_read_timeout(Duration::from_secs(10))
                    .max_headers(100)
                    .max_buf_size(32 * 1_024);
                // Clients that hang up are none of its business.
                let _ = builder
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    })
}
