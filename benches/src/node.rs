//! The peer of row 1: fastify and pg, in `peers/node-session`.

use std::{
    net::{Ipv4Addr, SocketAddr},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::bail;

use crate::{
    load::{Load, Measured},
    postgres::{free_port, output},
    rows::Bench,
    seed::Seed,
};

/// The running peer. Dropping it kills it.
pub struct Node {
    child: Child,
    address: SocketAddr,
    seed: Seed,
}

impl Node {
    /// Installs what it needs, fills its database and starts it.
    ///
    /// # Errors
    /// npm or the server fails.
    pub fn start(bench: &Bench, database: &str, subscriptions: usize) -> anyhow::Result<Self> {
        let home = bench.home.join("peers/node-session");
        if !home.join("node_modules").exists() {
            output(
                Command::new("npm")
                    .args(["ci", "--no-audit", "--no-fund"])
                    .current_dir(&home),
            )?;
        }
        let name = database.rsplit('/').next().unwrap_or_default();
        let count = format!("subscriptions={subscriptions}");
        let mut psql = bench.postgres.client("psql");
        psql.args([
            "-X",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "-v",
            &count,
            "-d",
            name,
            "-f",
        ]);
        output(psql.arg(home.join("schema.sql")))?;
        let port = free_port()?;
        let child = Command::new("node")
            .arg("server.js")
            .current_dir(&home)
            .env("NODE_ENV", "production")
            .env("DATABASE_URL", database)
            .env("PORT", port.to_string())
            .stdout(Stdio::null())
            .spawn()?;
        let ids = |number| (format!("sub_{number:028}"), format!("usr_{number:028}"));
        let node = Self {
            child,
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
            seed: Seed::of("apk_1.secret", (1..=subscriptions).map(ids).collect()),
        };
        for _ in 0..200 {
            if std::net::TcpStream::connect(node.address).is_ok() {
                return Ok(node);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        bail!("the Node server does not start");
    }

    /// The process's id.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Creates sessions for a while.
    ///
    /// # Errors
    /// A creation failed.
    pub fn run(&self, connections: usize, duration: Duration) -> anyhow::Result<Measured> {
        let load = Load {
            address: self.address,
            connections,
            duration,
            first: self.seed.numbers(1_000_000),
            requests: self.seed.creations(),
            status: 201,
        };
        load.run()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
