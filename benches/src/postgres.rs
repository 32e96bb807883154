//! A private PostgreSQL that keeps what it acknowledges: `fsync`, `synchronous_commit` and
//! `full_page_writes` stand as they come. Gone when it is dropped.

use std::{
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, bail};

/// Settings that give a small machine room for the runs; the same for ceiling, peer and subject.
const CONF: &str = "
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
shared_buffers = 512MB
max_wal_size = 8GB
checkpoint_timeout = 30min
";

/// A running cluster.
pub struct Postgres {
    bin: PathBuf,
    data: PathBuf,
    owner: Option<String>,
    /// On loopback.
    pub port: u16,
}

impl Postgres {
    /// Makes a cluster in `dir`, which must be reachable for another user when this one is root.
    ///
    /// # Errors
    /// PostgreSQL is not installed or does not start.
    pub fn start(dir: &Path) -> anyhow::Result<Self> {
        let port = free_port()?;
        let data = dir.join("postgres");
        std::fs::create_dir(&data)?;
        // PostgreSQL refuses to run as root.
        let owner =
            (output(Command::new("id").arg("-u"))?.trim() == "0").then(|| "postgres".to_owned());
        if let Some(owner) = &owner {
            output(Command::new("chown").arg(owner).arg(&data))?;
        }
        let postgres = Self {
            bin: bin()?,
            data,
            owner,
            port,
        };
        let data = postgres.data.clone();
        output(postgres.as_owner("initdb").arg("-D").arg(&data).args([
            "-U",
            "portico",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
        ]))?;
        let conf = data.join("postgresql.conf");
        let text = std::fs::read_to_string(&conf)? + CONF;
        std::fs::write(&conf, text)?;
        let log = data.join("log");
        let options = format!("-p {port}");
        let mut start = postgres.as_owner("pg_ctl");
        start
            .arg("-D")
            .arg(&data)
            .args(["-o", &options, "-w", "start", "-l"])
            .arg(log);
        let started = start.stdout(Stdio::null()).status()?;
        if !started.success() {
            bail!("PostgreSQL does not start");
        }
        Ok(postgres)
    }

    /// Makes a database; its URL.
    ///
    /// # Errors
    /// It is there already.
    pub fn database(&self, name: &str) -> anyhow::Result<String> {
        self.sql("postgres", &format!("CREATE DATABASE {name}"))?;
        Ok(self.url(name))
    }

    /// The URL of a database.
    pub fn url(&self, name: &str) -> String {
        format!("postgres://portico@127.0.0.1:{}/{name}", self.port)
    }

    /// Runs SQL; what it answered, unaligned.
    ///
    /// # Errors
    /// It failed.
    pub fn sql(&self, database: &str, text: &str) -> anyhow::Result<String> {
        let mut psql = self.client("psql");
        psql.args([
            "-X",
            "-q",
            "-A",
            "-t",
            "-v",
            "ON_ERROR_STOP=1",
            "-d",
            database,
            "-c",
            text,
        ]);
        output(&mut psql)
    }

    /// The process that all others of the cluster are children of.
    ///
    /// # Errors
    /// It does not run.
    pub fn process(&self) -> anyhow::Result<u32> {
        let text = std::fs::read_to_string(self.data.join("postmaster.pid"))?;
        Ok(text.lines().next().unwrap_or_default().trim().parse()?)
    }

    /// Runs a client program against the cluster.
    pub fn client(&self, program: &str) -> Command {
        let mut command = Command::new(self.bin.join(program));
        command.args([
            "-h",
            "127.0.0.1",
            "-p",
            &self.port.to_string(),
            "-U",
            "portico",
        ]);
        command
    }

    fn as_owner(&self, program: &str) -> Command {
        let program = self.bin.join(program);
        let Some(owner) = &self.owner else {
            return Command::new(program);
        };
        let mut command = Command::new("setpriv");
        command.args([
            format!("--reuid={owner}"),
            format!("--regid={owner}"),
            "--clear-groups".to_owned(),
        ]);
        command.arg(program).current_dir("/");
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let mut stop = self.as_owner("pg_ctl");
        let stop = stop
            .arg("-D")
            .arg(&self.data)
            .args(["-m", "immediate", "-w", "stop"]);
        let _ = stop.stdout(Stdio::null()).status();
    }
}

fn bin() -> anyhow::Result<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let mut found: Vec<_> = versions
        .map(|it| it.path().join("bin"))
        .filter(|it| it.join("initdb").exists())
        .collect();
    found.sort();
    found
        .pop()
        .context("no PostgreSQL server found; install it (Debian: apt-get install postgresql)")
}

/// A port nobody listens on.
///
/// # Errors
/// There is none.
pub fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port())
}

/// Runs a command that has to succeed; what it printed.
///
/// # Errors
/// It did not; with what it complained about.
pub fn output(command: &mut Command) -> anyhow::Result<String> {
    let done = command.output().with_context(|| format!("{command:?}"))?;
    if !done.status.success() {
        bail!("{command:?}: {}", String::from_utf8_lossy(&done.stderr));
    }
    Ok(String::from_utf8(done.stdout)?)
}
