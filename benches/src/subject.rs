//! The product: the release binary with default settings, started as an operator starts it.

use std::{
    fs::File,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};

use crate::postgres::{free_port, output};

/// 32 bytes in base64, for data that is thrown away.
pub const ENCRYPTION_KEY: &str = "cG9ydGljbyB0ZXN0IGtleSwgbmV2ZXIgZm9yIHJlYWw=";
/// The project that everything is created in.
pub const PROJECT: &str = "bench";

/// A binary and a database.
#[derive(Clone)]
pub struct Subject {
    binary: PathBuf,
    dir: PathBuf,
    /// What it works on.
    pub database: String,
    port: u16,
    variables: Vec<(String, String)>,
}

/// A running server. Dropping it kills it.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Subject {
    /// The binary on a database, which need not be there yet. Its log goes to a file in `dir`.
    ///
    /// # Errors
    /// No port is free.
    pub fn new(binary: &Path, dir: &Path, database: String) -> anyhow::Result<Self> {
        Ok(Self {
            binary: binary.to_owned(),
            dir: dir.to_owned(),
            database,
            port: free_port()?,
            variables: Vec::new(),
        })
    }

    /// The same with another environment variable.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A SQLite file in `dir`.
    pub fn sqlite_url(dir: &Path, name: &str) -> String {
        format!("sqlite://{}", dir.join(name).display())
    }

    /// The SQLite file that it works on.
    ///
    /// # Errors
    /// It works on PostgreSQL.
    pub fn file(&self) -> anyhow::Result<PathBuf> {
        let file = self.database.strip_prefix("sqlite://");
        Ok(file.context("not a SQLite database")?.into())
    }

    /// Runs a command to its end; what it printed.
    ///
    /// # Errors
    /// It failed.
    pub fn run(&self, arguments: &[&str]) -> anyhow::Result<String> {
        output(&mut self.command(arguments))
    }

    /// Makes the database and the project; a key for it.
    ///
    /// # Errors
    /// A command failed.
    pub fn prepare(&self) -> anyhow::Result<String> {
        self.run(&["migrate"])?;
        self.run(&["project", "create", PROJECT, "--type", "test"])?;
        Ok(self
            .run(&["api-key", "create", "--project", PROJECT])?
            .trim()
            .to_owned())
    }

    /// Starts the server and waits until it listens.
    ///
    /// # Errors
    /// It does not.
    pub fn serve(&self) -> anyhow::Result<Server> {
        let mut server = self.spawn(&["serve"])?;
        server.wait()?;
        Ok(server)
    }

    /// Starts the server and waits for nothing.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn spawn(&self, arguments: &[&str]) -> anyhow::Result<Server> {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.dir.join("server.log"))?;
        let child = self
            .command(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()?;
        Ok(Server {
            child,
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, self.port)),
        })
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PORTICO_") {
                command.env_remove(name);
            }
        }
        command
            .args(arguments)
            .current_dir(&self.dir)
            .env("PORTICO_DATABASE_URL", &self.database)
            .env("PORTICO_ENCRYPTION_KEY", ENCRYPTION_KEY)
            .env("PORTICO_LISTEN", format!("127.0.0.1:{}", self.port))
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }
}

impl Server {
    /// The process's id.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it listens.
    ///
    /// # Errors
    /// It does not, or has ended.
    pub fn wait(&mut self) -> anyhow::Result<()> {
        let patience = Instant::now() + Duration::from_secs(20);
        while std::net::TcpStream::connect(self.address).is_err() {
            if Instant::now() > patience || self.child.try_wait()?.is_some() {
                bail!("the server does not start");
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }

    /// Ends it in order.
    ///
    /// # Errors
    /// It ended otherwise.
    pub fn stop(mut self) -> anyhow::Result<()> {
        output(Command::new("kill").args(["-TERM", &self.child.id().to_string()]))?;
        let status = self.child.wait()?;
        if !status.success() {
            bail!("the server ended with {status}");
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
