//! A TCP proxy that breaks connections on demand.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::{JoinHandle, JoinSet},
};

/// Stands between clients and one server. Dropping it closes everything.
pub struct Proxy {
    pub port: u16,
    mode: watch::Sender<Mode>,
    accepting: JoinHandle<()>,
}

/// What becomes of bytes and connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Forward,
    /// Bytes are taken and go nowhere; they arrive when this ends, if anybody still waits for them.
    Stall,
    /// Each connection ends in the middle of its next message.
    Cut,
    /// Each connection is reset, new ones too.
    Reset,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Proxy {
    /// A proxy in front of a server on `port` of loopback.
    pub async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (mode, watched) = watch::channel(Mode::Forward);
        Self {
            port: listener.local_addr().unwrap().port(),
            mode,
            accepting: tokio::spawn(accept(listener, port, watched)),
        }
    }

    pub fn set(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }
}

async fn accept(listener: TcpListener, port: u16, mode: watch::Receiver<Mode>) {
    let mut connections = JoinSet::new();
    loop {
        let (client, _) = listener.accept().await.unwrap();
        let mode = mode.clone();
        connections.spawn(async move {
            // A server that is down is its clients' business.
            if let Ok(server) = TcpStream::connect(("127.0.0.1", port)).await {
                forward(client, server, mode).await;
            }
        });
        while connections.try_join_next().is_some() {}
    }
}

/// Carries bytes both ways until either side closes or the mode says otherwise.
async fn forward(mut client: TcpStream, mut server: TcpStream, mode: watch::Receiver<Mode>) {
    let is_reset = {
        let (mut from_client, mut to_client) = client.split();
        let (mut from_server, mut to_server) = server.split();
        let mut watched = mode.clone();
        tokio::select! {
            () = pump(&mut from_client, &mut to_server, mode.clone()) => false,
            () = pump(&mut from_server, &mut to_client, mode) => false,
            reset = watched.wait_for(|mode| *mode == Mode::Reset) => reset.is_ok(),
        }
    };
    if is_reset {
        for side in [&client, &server] {
            side.set_zero_linger().unwrap();
        }
    }
}

async fn pump(
    from: &mut (impl AsyncReadExt + Unpin),
    to: &mut (impl AsyncWriteExt + Unpin),
    mut mode: watch::Receiver<Mode>,
) {
    let mut bytes = vec![0; 16 * 1_024];
    loop {
        let Ok(mut count @ 1..) = from.read(&mut bytes).await else {
            return;
        };
        let Ok(now) = mode
            .wait_for(|mode| *mode != Mode::Stall)
            .await
            .map(|mode| *mode)
        else {
            return;
        };
        if now == Mode::Cut {
            count /= 2;
        }
        if to.write_all(&bytes[..count]).await.is_err() || now == Mode::Cut {
            return;
        }
    }
}
