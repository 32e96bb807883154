//! The real binary, as an operator runs it.
#![expect(
    clippy::unwrap_used,
    reason = "whatever goes wrong here is a failed test"
)]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, channel},
    },
    thread::JoinHandle,
    time::Duration,
};

use portico_testkit::TestDatabase;

/// 32 bytes in base64.
pub const ENCRYPTION_KEY: &str = "cG9ydGljbyB0ZXN0IGtleSwgbmV2ZXIgZm9yIHJlYWw=";
/// Far more than anything here takes; only a broken test waits this long.
const PATIENCE: Duration = Duration::from_secs(60);

/// A directory, a database, and the environment of whoever works on it.
pub struct Home {
    pub database: TestDatabase,
    pub variables: Vec<(String, String)>,
}

impl Home {
    /// An empty directory and an empty database.
    pub fn new() -> Self {
        // In a thread of its own: some tests are in a runtime already, some are not.
        let made = std::thread::spawn(|| {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(TestDatabase::new())
        });
        Self::on(made.join().unwrap())
    }

    /// An empty directory in which a SQLite file can be made, whatever engine is under test.
    pub fn sqlite() -> Self {
        Self::on(TestDatabase::sqlite())
    }

    fn on(database: TestDatabase) -> Self {
        let url = database.url();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let variables = vec![
            pair("PORTICO_DATABASE_URL", &url),
            pair("PORTICO_ENCRYPTION_KEY", ENCRYPTION_KEY),
            pair("PORTICO_LISTEN", "127.0.0.1:0"),
        ];
        Self {
            database,
            variables,
        }
    }

    /// A database that is up to date.
    pub fn migrated() -> Self {
        let home = Self::new();
        home.must(&["migrate"]);
        home
    }

    /// The same with another variable.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same without a variable.
    pub fn without(mut self, name: &str) -> Self {
        self.variables.retain(|(known, _)| known != name);
        self
    }

    pub fn path(&self) -> &Path {
        self.database.dir()
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_portico"));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PORTICO_") {
                command.env_remove(name);
            }
        }
        command.args(args).current_dir(self.path());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Runs a command that has to succeed; what it printed.
    pub fn must(&self, args: &[&str]) -> String {
        let output = self.run(args);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {errors}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs a command that has to fail with one line; that line.
    pub fn must_fail(&self, args: &[&str]) -> String {
        failure(self.run(args), args)
    }

    /// The same with another variable.
    pub fn must_fail_with(&self, name: &str, value: &str, args: &[&str]) -> String {
        failure(self.command(args).env(name, value).output().unwrap(), args)
    }

    /// Starts `portico serve` and waits until it listens.
    pub fn serve(&self) -> Server {
        self.serve_with(&[])
    }

    /// The same with further arguments.
    pub fn serve_with(&self, args: &[&str]) -> Server {
        Server::listening(self.command(&[&["serve"], args].concat()))
    }

    /// Starts `portico dev --json` and waits for its samples.
    pub fn dev(&self, args: &[&str]) -> (Server, serde_json::Value) {
        let all = [
            &[
                "dev",
                "--listen",
                "127.0.0.1:0",
                "--time-scale",
                "0.01",
                "--json",
            ],
            args,
        ];
        let mut server = Server::start(self.command(&all.concat()));
        let samples = server.output.wait_for("{");
        let samples: serde_json::Value = serde_json::from_str(&samples).unwrap();
        let url = samples["baseUrl"].as_str().unwrap();
        server.address = url.trim_start_matches("http://").to_owned();
        (server, samples)
    }

    /// Everything in the directory, as bytes: what somebody who stole the disk has.
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        files_of(self.path())
    }
}

fn failure(output: Output, args: &[&str]) -> String {
    assert!(!output.status.success(), "{args:?} succeeded");
    assert!(output.stdout.is_empty(), "{args:?} printed something");
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(errors.lines().count(), 1, "{args:?}: {errors}");
    errors.trim().trim_start_matches("error: ").to_owned()
}

fn files_of(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files_of(&path));
        } else {
            all.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
    all
}

/// A running server. Dropping it kills it.
pub struct Server {
    child: Child,
    pub address: String,
    pub output: Lines,
    pub errors: Lines,
}

impl Server {
    /// Starts a command that goes on.
    pub fn start(mut command: Command) -> Self {
        let command = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        Self {
            output: Lines::of(child.stdout.take().unwrap()),
            errors: Lines::of(child.stderr.take().unwrap()),
            address: String::new(),
            child,
        }
    }

    /// Starts a command that goes on, and waits until it listens.
    pub fn listening(command: Command) -> Self {
        let mut server = Self::start(command);
        let line = server.errors.wait_for("listening");
        let address = line.split("address=").nth(1).unwrap();
        server.address = address.split_whitespace().next().unwrap().to_owned();
        server
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Sends bytes and reads until the server closes.
    pub fn exchange(&self, request: &[u8]) -> String {
        let mut stream = self.connect();
        // A server that has heard enough may close before it has taken all.
        let _ = stream.write_all(request);
        read_all(&mut stream)
    }

    /// Asks it to end, as a service manager does.
    pub fn terminate(&self) {
        self.signal("TERM");
    }

    /// The process's number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn signal(&self, name: &str) {
        let (name, id) = (format!("-{name}"), self.id().to_string());
        let sent = Command::new("kill").args([name, id]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for its end.
    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// Ends it in order; everything it ever logged.
    pub fn stop(mut self) -> String {
        self.terminate();
        assert!(self.wait().success());
        self.errors.finish()
    }

    /// Ends it as a power cut does.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads until the other side closes; a reset ends it too.
pub fn read_all(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The lines a process prints, as they come.
pub struct Lines {
    incoming: Receiver<String>,
    seen: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
}

impl Lines {
    pub fn of(source: impl Read + Send + 'static) -> Self {
        let (send, incoming) = channel();
        let seen = Arc::<Mutex<String>>::default();
        let all = seen.clone();
        let reader = std::thread::spawn(move || {
            for line in BufReader::new(source).lines().map_while(Result::ok) {
                all.lock().unwrap().push_str(&format!("{line}\n"));
                let _ = send.send(line);
            }
        });
        Self {
            incoming,
            seen,
            reader: Some(reader),
        }
    }

    /// The next line that holds `text`.
    pub fn wait_for(&self, text: &str) -> String {
        loop {
            match self.incoming.recv_timeout(PATIENCE) {
                Ok(line) if line.contains(text) => return line,
                Ok(_) => {}
                Err(error) => {
                    let seen = self.seen.lock().unwrap();
                    panic!("no line with {text:?} came ({error}) among:\n{seen}");
                }
            }
        }
    }

    /// Everything, once the process has ended.
    pub fn finish(&mut self) -> String {
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        self.seen.lock().unwrap().clone()
    }
}
