//! A disk that is full: SQLite on a small file system of its own.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::Ordering::Relaxed,
};

use portico_testkit::Books;

use crate::{
    client::Client,
    dice,
    fleet::Fleet,
    load::{self, Load},
    support::Home,
};

/// With room for a log of changes as long as it gets.
const SIZE: &str = "size=64m";
const ROUNDS: usize = 3;
/// So many answers of the 500s show that the disk is really full for everybody.
const REFUSALS: u64 = 12;

/// A small file system, mounted over a directory in a mount namespace of its own, so that it takes
/// no root to make it.
struct Disk {
    holder: Child,
    /// How to run something that sees it.
    inside: Vec<String>,
    /// The directory as we see it from outside.
    seen: PathBuf,
}

impl Disk {
    fn over(dir: &Path) -> Self {
        let ways: [(&str, &[&str]); 2] =
            [("-rm", &["--user", "--preserve-credentials"]), ("-m", &[])];
        let made = ways.iter().find_map(|(flags, enter)| {
            let holder = holder(flags, dir)?;
            let target = holder.id().to_string();
            let mut inside = vec!["nsenter", "--mount", "--target", &target];
            inside.extend(*enter);
            let inside = inside.into_iter().map(str::to_owned).collect();
            Some((holder, inside))
        });
        let (holder, inside) = made.expect("unshare(1) may make a mount namespace here");
        let root = format!("/proc/{}/root", holder.id());
        let seen = Path::new(&root).join(dir.strip_prefix("/").unwrap());
        Self {
            holder,
            inside,
            seen,
        }
    }

    /// Leaves no byte free.
    fn fill(&self) {
        let mut filler = File::create(self.seen.join("filler")).unwrap();
        for size in [64 * 1_024, 4_096, 1] {
            while filler.write_all(&vec![0; size]).is_ok() {}
        }
    }

    fn free(&self) {
        fs::remove_file(self.seen.join("filler")).unwrap();
    }

    /// The database as it stands, copied to `dir`: what a crash at this moment would leave.
    fn copy_to(&self, dir: &Path, fleet: &Fleet) -> Books {
        fleet.standing_still(0, || {
            for name in ["test.db", "test.db-wal"] {
                let _ = fs::remove_file(dir.join(name));
                // Without a log there is nothing that is not in the file.
                if self.seen.join(name).exists() {
                    fs::copy(self.seen.join(name), dir.join(name)).unwrap();
                }
            }
        });
        Books::at(format!("sqlite://{}", dir.join("test.db").display()))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

/// A process whose namespace has the file system mounted; `None` where that is not permitted.
fn holder(flags: &str, dir: &Path) -> Option<Child> {
    let script = "mount -t tmpfs -o \"$1\" tmpfs \"$2\" && echo ready && exec cat";
    let mut holder = Command::new("unshare")
        .args([flags, "sh", "-c", script, "sh", SIZE])
        .arg(dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("unshare(1) is installed (Debian: util-linux)");
    let mut line = String::new();
    BufReader::new(holder.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    if line.trim() == "ready" {
        return Some(holder);
    }
    holder.wait().unwrap();
    None
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_told_and_nothing_that_was_acknowledged_is_lost() {
    let mut dice = dice();
    let home = Home::sqlite();
    let disk = Disk::over(home.path());
    let dir = home.path().to_owned();
    let mut fleet = Fleet::inside(home, disk.inside.clone());
    let client = Client::of(&fleet);
    let mut load = Load::begin(&client, 6, &mut dice).await;
    for round in 0..ROUNDS {
        load.go_on_for(60).await;
        disk.fill();
        let told = client.tally.unavailable.load(Relaxed);
        load.wait_for(|tally| tally.unavailable.load(Relaxed) >= told + REFUSALS)
            .await;
        let (status, list) = client.get("portings?limit=1").await;
        assert_eq!(status, 200, "what is there can still be read: {list}");
        if round == 1 {
            fleet.kill(0);
            disk.free();
            fleet.serve(0);
        } else {
            disk.free();
        }
    }
    load.go_on_for(60).await;
    let receiver = load.finish().await;
    load::quiet(|| disk.copy_to(&dir, &fleet)).await;
    load::prove(&client, &receiver, &disk.copy_to(&dir, &fleet)).await;
    fleet.stop();
}
