//! Several nodes of `portico serve` on one database.

use std::{
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{task::JoinHandle, time::Duration};

use crate::support::{Home, Server};

/// How often a load balancer asks.
const PROBE: Duration = Duration::from_millis(50);

/// Nodes that share a database, and a project with an API key.
pub struct Fleet {
    nodes: Vec<Node>,
    pub addresses: Arc<Addresses>,
    pub key: String,
}

struct Node {
    home: Home,
    /// The command that runs the binary; nothing when it runs by itself.
    inside: Vec<String>,
    server: Option<Server>,
    /// What its earlier processes logged.
    logs: String,
}

/// Where the nodes are: a load balancer's list.
#[derive(Default)]
pub struct Addresses {
    all: Mutex<Vec<Listed>>,
    turn: AtomicUsize,
}

#[derive(Clone, Default)]
struct Listed {
    address: String,
    is_ready: bool,
}

impl Addresses {
    /// The next one in turn that is ready, or is not known not to be.
    pub fn next(&self) -> Option<String> {
        let all = self.all.lock().unwrap();
        (0..all.len()).find_map(|_| {
            let turn = self.turn.fetch_add(1, Ordering::Relaxed);
            let listed = &all[turn % all.len()];
            listed.is_ready.then(|| listed.address.clone())
        })
    }

    fn set(&self, node: usize, address: String) {
        let mut all = self.all.lock().unwrap();
        if all.len() <= node {
            all.resize(node + 1, Listed::default());
        }
        all[node] = Listed {
            address,
            is_ready: true,
        };
    }

    /// Asks every node again and again whether it is ready, as a load balancer does.
    pub fn watch_readiness(self: Arc<Self>) -> AbortOnDrop {
        let http = reqwest::Client::new();
        AbortOnDrop(tokio::spawn(async move {
            loop {
                let all = self.all.lock().unwrap().clone();
                for (node, Listed { address, .. }) in all.into_iter().enumerate() {
                    let answer = http.get(format!("http://{address}/readyz")).send().await;
                    let is_ready = answer.is_ok_and(|answer| answer.status() == 200);
                    let listed = &mut self.all.lock().unwrap()[node];
                    // It may have been started anew meanwhile, elsewhere.
                    if listed.address == address {
                        listed.is_ready = is_ready;
                    }
                }
                tokio::time::sleep(PROBE).await;
            }
        }))
    }
}

/// Something that goes on for as long as this is kept.
pub struct AbortOnDrop(JoinHandle<()>);

impl AbortOnDrop {
    pub fn new(task: JoinHandle<()>) -> Self {
        Self(task)
    }
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Node {
    fn new(home: Home, inside: Vec<String>) -> Self {
        Self {
            home: home
                .with("PORTICO_PUBLIC_URL", "http://127.0.0.1:1")
                .with("PORTICO_SIMULATOR_TIME_SCALE", "0.05")
                .with("PORTICO_STOP_GRACE_SECONDS", "0")
                .with("PORTICO_OUTGOING_ALLOW_NETWORKS", "127.0.0.0/8"),
            inside,
            server: None,
            logs: String::new(),
        }
    }

    fn command(&self, args: &[&str]) -> Command {
        let plain = self.home.command(args);
        let Some((program, before)) = self.inside.split_first() else {
            return plain;
        };
        let mut command = Command::new(program);
        command.args(before).arg(plain.get_program()).args(args);
        for (name, value) in plain.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
    }

    fn must(&self, args: &[&str]) -> String {
        let output = self.command(args).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {errors}");
        String::from_utf8(output.stdout).unwrap()
    }
}

impl Fleet {
    /// Migrates the database and starts `count` nodes on it, each with `variables`.
    pub fn start(count: usize, database_url: &str, variables: &[(&str, &str)]) -> Self {
        let node = || {
            let home = Home::sqlite().with("PORTICO_DATABASE_URL", database_url);
            let mut node = Node::new(home, Vec::new());
            for (name, value) in variables {
                node.home = node.home.with(name, value);
            }
            node
        };
        Self::of(std::iter::repeat_with(node).take(count).collect())
    }

    /// One node, which another command runs.
    pub fn inside(home: Home, command: Vec<String>) -> Self {
        Self::of(vec![Node::new(home, command)])
    }

    fn of(nodes: Vec<Node>) -> Self {
        nodes[0].must(&["migrate"]);
        nodes[0].must(&["project", "create", "acme", "--type", "test"]);
        let key = nodes[0].must(&["api-key", "create", "--project", "acme"]);
        let mut fleet = Self {
            nodes,
            addresses: Arc::default(),
            key: key.trim().to_owned(),
        };
        for node in 0..fleet.nodes.len() {
            fleet.serve(node);
        }
        fleet
    }

    /// Starts a node and puts it on the list.
    pub fn serve(&mut self, node: usize) {
        let server = Server::listening(self.nodes[node].command(&["serve"]));
        self.addresses.set(node, server.address.clone());
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

    /// Stops a node in order and waits for its end.
    pub fn terminate(&mut self, node: usize) {
        let node = &mut self.nodes[node];
        if let Some(server) = node.server.take() {
            node.logs.push_str(&server.stop());
        }
    }

    /// Does something while a node does nothing at all.
    pub fn standing_still(&self, node: usize, action: impl FnOnce()) {
        let server = self.nodes[node].server.as_ref().unwrap();
        server.signal("STOP");
        // The signal is on its way; each thread stops when it meets it.
        while !stands_still(server.id()) {
            std::thread::yield_now();
        }
        action();
        server.signal("CONT");
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

/// Whether every thread of a process is stopped: the state behind the name in `stat` is `T`.
fn stands_still(process: u32) -> bool {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).unwrap();
    threads.flatten().all(|thread| {
        let stat = std::fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
        let state = stat.rsplit_once(") ").map(|(_, rest)| &rest[..1]);
        // One that has ended since the directory was read has no state.
        state.is_none_or(|state| state == "T")
    })
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
