//! A private PostgreSQL cluster that a test may do anything to.
//!
//! Unlike the one that all tests share, it syncs to disk and can be restarted, killed, copied to a
//! standby and promoted. Dropping a server kills it and removes its files; when the test process
//! itself is killed, the kernel kills the server.

use std::{
    fs,
    net::TcpListener,
    os::unix::{fs::MetadataExt, fs::chown},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    time::Duration,
};

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;
use tokio::time::Instant;

const CONFIGURATION: &str = "
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
shared_buffers = 32MB
max_pred_locks_per_transaction = 128
logging_collector = off
";
/// Far more than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);
/// The pause between two looks whether something has come true.
const LOOK: Duration = Duration::from_millis(20);

/// A PostgreSQL server with a data directory of its own, on a port of loopback that stays its own.
pub struct PostgresServer {
    dir: TempDir,
    port: u16,
    process: Option<Child>,
}

impl PostgresServer {
    /// A running, empty server.
    pub async fn new() -> Self {
        let mut server = Self::without_data();
        let data = server.data();
        run(server.command("initdb").arg("-D").arg(&data).args([
            "-U",
            "portico",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        ]));
        let file = data.join("postgresql.conf");
        let written = fs::read_to_string(&file).expect("initdb wrote its configuration");
        fs::write(&file, written + CONFIGURATION).expect("the configuration can be changed");
        server.start().await;
        server
    }

    /// A running standby of this server, which from now on waits for it at each commit.
    pub async fn synchronous_standby(&self) -> Self {
        let mut standby = Self::without_data();
        let data = standby.data();
        let from = format!("host=127.0.0.1 port={} user=portico", self.port);
        run(standby
            .command("pg_basebackup")
            .args(["--write-recovery-conf", "--checkpoint=fast", "--no-sync"])
            .args(["-d", &from, "-D"])
            .arg(&data));
        standby.start().await;
        self.sql("ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (*)'")
            .await;
        self.sql("SELECT pg_reload_conf()").await;
        let in_step = "SELECT COUNT(*) FROM pg_stat_replication \
                       WHERE state = 'streaming' AND sync_state = 'quorum'";
        self.wait_until(in_step).await;
        standby
    }

    fn without_data() -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory can be made");
        if let Some(owner) = owner() {
            chown(dir.path(), Some(owner.uid), Some(owner.gid)).expect("root may give files away");
        }
        let free = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
        Self {
            dir,
            port: free.expect("loopback has a free port").port(),
            process: None,
        }
    }

    /// The port it listens on, also while it is down.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What `Db::open` takes.
    pub fn url(&self) -> String {
        Self::url_of(&[self])
    }

    /// One URL for several servers, of which one takes writes.
    pub fn url_of(servers: &[&Self]) -> String {
        let hosts = servers.iter().map(|it| format!("127.0.0.1:{}", it.port));
        let hosts: Vec<_> = hosts.collect();
        format!("postgres://portico@{}/postgres", hosts.join(","))
    }

    /// Starts it and waits until it answers.
    pub async fn start(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            assert!(
                Instant::now() < deadline,
                "PostgreSQL does not start: {}",
                fs::read_to_string(self.log()).unwrap_or_default()
            );
            // What is left of one that was killed may be in the way for a moment.
            if self.process.as_mut().is_none_or(has_ended) {
                self.process = Some(self.spawn());
            }
            if PgConnection::connect(&self.url()).await.is_ok() {
                return;
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    fn spawn(&self) -> Child {
        let log = fs::File::create(self.log()).expect("the log can be written");
        self.command("postgres")
            .arg("-D")
            .arg(self.data())
            .args(["-p", &self.port.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("PostgreSQL can be started")
    }

    /// Stops it in order: connections are closed, transactions undone.
    pub fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            signal("INT", &[process.id()]);
            process.wait().expect("it is our child");
        }
    }

    /// Kills all its processes, as a power cut does.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            let id = process.id();
            let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children"));
            let children = children.unwrap_or_default();
            let children = children.split_whitespace().flat_map(str::parse);
            let all: Vec<u32> = std::iter::once(id).chain(children).collect();
            signal("KILL", &all);
            process.wait().expect("it is our child");
        }
    }

    /// Makes a standby the one that takes writes.
    pub async fn promote(&self) {
        self.sql("SELECT pg_promote(true, 60)").await;
        self.wait_until("SELECT CASE WHEN pg_is_in_recovery() THEN 0 ELSE 1 END")
            .await;
    }

    async fn sql(&self, sql: &'static str) {
        let mut conn = self.connect().await;
        sqlx::raw_sql(sql)
            .execute(&mut conn)
            .await
            .expect("the statement is right");
    }

    /// Waits until `count` is not zero.
    async fn wait_until(&self, count: &'static str) {
        let mut conn = self.connect().await;
        let deadline = Instant::now() + PATIENCE;
        loop {
            let found: i64 =
                sqlx::query_scalar(AssertSqlSafe(format!("SELECT CAST(({count}) AS BIGINT)")))
                    .fetch_one(&mut conn)
                    .await
                    .expect("the query is right");
            if found > 0 {
                return;
            }
            assert!(Instant::now() < deadline, "never true: {count}");
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn connect(&self) -> PgConnection {
        let connected = PgConnection::connect(&self.url()).await;
        connected.expect("the server takes connections")
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn log(&self) -> PathBuf {
        self.dir.path().join("log")
    }

    /// A command of PostgreSQL's, as its owner, and dead when we are.
    fn command(&self, name: &str) -> Command {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL"]);
        if let Some(owner) = owner() {
            command
                .arg(format!("--reuid={}", owner.uid))
                .arg(format!("--regid={}", owner.gid))
                .arg("--clear-groups");
        }
        command.arg(programs().join(name)).current_dir(&self.dir);
        command
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        self.kill();
    }
}

fn has_ended(process: &mut Child) -> bool {
    process.try_wait().expect("it is our child").is_some()
}

fn signal(name: &str, processes: &[u32]) {
    let processes = processes.iter().map(u32::to_string);
    // One that is gone already is as good as told.
    let _ = Command::new("kill")
        .arg(format!("-{name}"))
        .args(processes)
        .stderr(Stdio::null())
        .status();
}

fn run(command: &mut Command) {
    let output = command.output().expect("PostgreSQL is installed");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {errors}");
}

#[derive(Clone, Copy)]
struct Owner {
    uid: u32,
    gid: u32,
}

/// Who runs PostgreSQL where we are root, which it refuses to be.
fn owner() -> Option<Owner> {
    let we = fs::metadata("/proc/self").expect("Linux has it");
    if we.uid() != 0 {
        return None;
    }
    let id = |which: &str| {
        ["postgres", "nobody"].into_iter().find_map(|name| {
            let output = Command::new("id").args([which, name]).output().ok()?;
            String::from_utf8(output.stdout).ok()?.trim().parse().ok()
        })
    };
    Some(Owner {
        uid: id("-u").expect("there is a user nobody"),
        gid: id("-g").expect("there is a user nobody"),
    })
}

/// The folder of the newest installed PostgreSQL.
fn programs() -> &'static Path {
    static FOUND: OnceLock<PathBuf> = OnceLock::new();
    FOUND.get_or_init(|| {
        let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
        let installed = installed.flatten().map(|it| it.path().join("bin"));
        let newest = installed
            .filter(|bin| bin.join("initdb").exists())
            .max_by_key(|bin| version_of(bin));
        let on_path = || {
            let path = std::env::var_os("PATH").unwrap_or_default();
            std::env::split_paths(&path).find(|bin| bin.join("initdb").exists())
        };
        newest
            .or_else(on_path)
            .expect("PostgreSQL is installed (Debian: apt-get install postgresql)")
    })
}

fn version_of(bin: &Path) -> Option<u32> {
    bin.parent()?.file_name()?.to_str()?.parse().ok()
}
