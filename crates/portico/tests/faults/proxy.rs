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
    order: watch::Sender<Order>,
    accepting: JoinHandle<()>,
}

/// What becomes of bytes and connections.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    #[default]
    Forward,
    /// Bytes are taken and go nowhere; they arrive when this ends, if anybody still waits for them.
    Stall,
    /// Each connection ends in the middle of its next message.
    Cut,
    /// Each connection is reset, new ones too.
    Reset,
    /// Each connection ends when a `COMMIT` has gone through, and nobody hears of it.
    HangUp,
}

/// What it was told.
#[derive(Debug, Clone, Copy, Default)]
struct Order {
    mode: Mode,
    /// How often it has forgotten its connections.
    forgotten: u64,
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
        let (order, watched) = watch::channel(Order::default());
        Self {
            port: listener.local_addr().unwrap().port(),
            order,
            accepting: tokio::spawn(accept(listener, port, watched)),
        }
    }

    pub fn set(&self, mode: Mode) {
        self.order.send_modify(|order| order.mode = mode);
    }

    /// Carries nothing more on the connections that there are, and closes none: as a firewall does that
    /// found them idle for too long, and as it looks when the machine on the other side has lost its power.
    pub fn forget(&self) {
        self.order.send_modify(|order| order.forgotten += 1);
    }
}

async fn accept(listener: TcpListener, port: u16, order: watch::Receiver<Order>) {
    let mut connections = JoinSet::new();
    loop {
        let (client, _) = listener.accept().await.unwrap();
        let order = order.clone();
        connections.spawn(async move {
            // A server that is down is its clients' business.
            if let Ok(server) = TcpStream::connect(("127.0.0.1", port)).await {
                forward(client, server, order).await;
            }
        });
        while connections.try_join_next().is_some() {}
    }
}

/// Carries bytes both ways until either side closes or the mode says otherwise.
async fn forward(mut client: TcpStream, mut server: TcpStream, order: watch::Receiver<Order>) {
    let is_reset = {
        let (mut from_client, mut to_client) = client.split();
        let (mut from_server, mut to_server) = server.split();
        let mut watched = order.clone();
        tokio::select! {
            () = pump(&mut from_client, &mut to_server, order.clone()) => false,
            () = pump(&mut from_server, &mut to_client, order) => false,
            reset = watched.wait_for(|order| order.mode == Mode::Reset) => reset.is_ok(),
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
    mut order: watch::Receiver<Order>,
) {
    let born = order.borrow().forgotten;
    let mut bytes = vec![0; 16 * 1_024];
    loop {
        let Ok(mut count @ 1..) = from.read(&mut bytes).await else {
            if order.borrow().forgotten != born {
                // Nobody is told of that either.
                std::future::pending::<()>().await;
            }
            return;
        };
        let now = order.wait_for(|order| order.mode != Mode::Stall).await;
        let Ok(Order { mode, forgotten }) = now.map(|order| *order) else {
            return;
        };
        if forgotten != born {
            continue;
        }
        if mode == Mode::Cut {
            count /= 2;
        }
        let is_last = match mode {
            Mode::Cut => true,
            Mode::HangUp => bytes[..count].windows(6).any(|part| part == b"COMMIT"),
            Mode::Forward | Mode::Stall | Mode::Reset => false,
        };
        if to.write_all(&bytes[..count]).await.is_err() || is_last {
            return;
        }
    }
}
