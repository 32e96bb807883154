//! Several nodes of `portico serve` on one database.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use crate::support::{Home, Server};

/// Nodes that share a database, and a project with an API key.
pub struct Fleet {
    nodes: Vec<Node>,
    pub addresses: Arc<Addresses>,
    pub key: String,
}

struct Node {
    home: Home,
    server: Option<Server>,
    /// What its earlier processes logged.
    logs: String,
}

/// Where the nodes are: a load balancer's list.
#[derive(Default)]
pub struct Addresses {
    all: Mutex<Vec<Option<String>>>,
    turn: AtomicUsize,
}

impl Addresses {
    /// The next one in turn that is in the list.
    pub fn next(&self) -> Option<String> {
        let all = self.all.lock().unwrap();
        (0..all.len()).find_map(|_| {
            let turn = self.turn.fetch_add(1, Ordering::Relaxed);
            all[turn % all.len()].clone()
        })
    }

    fn set(&self, node: usize, address: Option<String>) {
        let mut all = self.all.lock().unwrap();
        if all.len() <= node {
            all.resize(node + 1, None);
        }
        all[node] = address;
    }
}

impl Fleet {
    /// Migrates the database and starts `count` nodes on it, each with `variables`.
    pub fn start(count: usize, database_url: &str, variables: &[(&str, &str)]) -> Self {
        let home = || {
            let home = Home::sqlite()
                .with("PORTICO_DATABASE_URL", database_url)
                .with("PORTICO_PUBLIC_URL", "http://127.0.0.1:1")
                .with("PORTICO_SIMULATOR_TIME_SCALE", "0.05");
            let all = variables.iter();
            all.fold(home, |home, (name, value)| home.with(name, value))
        };
        let first = home();
        first.must(&["migrate"]);
        first.must(&["project", "create", "acme", "--type", "test"]);
        let key = first.must(&["api-key", "create", "--project", "acme"]);
        let homes = std::iter::once(first).chain(std::iter::repeat_with(home));
        let nodes = homes.take(count).map(|home| Node {
            home,
            server: None,
            logs: String::new(),
        });
        let mut fleet = Self {
            nodes: nodes.collect(),
            addresses: Arc::default(),
            key: key.trim().to_owned(),
        };
        for node in 0..count {
            fleet.serve(node);
        }
        fleet
    }

    /// Starts a node and puts it on the list.
    pub fn serve(&mut self, node: usize) {
        let server = self.nodes[node].home.serve();
        self.addresses.set(node, Some(server.address.clone()));
        self.nodes[node].server = Some(server);
    }

    /// Kills a node; it stays on the list, as one that nobody knows to be dead.
    pub fn kill(&mut self, node: usize) {
        let node = &mut self.nodes[node];
        if let Some(mut server) = node.server.take() {
            server.kill();
            node.logs.push_str(&server.errors.finish());
        }
    }

    /// Stops every node in order.
    pub fn stop(mut self) {
        for node in &mut self.nodes {
            if let Some(server) = node.server.take() {
                server.stop();
            }
        }
    }
}

impl Drop for Fleet {
    /// A test that failed shows what its nodes complained about.
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        for (number, node) in self.nodes.iter_mut().enumerate() {
            if let Some(mut server) = node.server.take() {
                server.kill();
                node.logs.push_str(&server.errors.finish());
            }
            let complaints = node.logs.lines().filter(|line| !line.contains(" INFO "));
            let complaints: Vec<_> = complaints.collect();
            let last = complaints.len().saturating_sub(30);
            println!("node {number}:\n{}", complaints[last..].join("\n"));
        }
    }
}
