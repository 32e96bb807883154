use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, gauge::Gauge, info::Info},
    registry::Registry,
};

/// Ticks of the processor clock in a second, as Linux shows them to programs on every architecture.
const TICKS: f64 = 100.0;

/// The process itself. What the system does not tell stays at zero.
pub struct Process {
    started: Gauge<f64, std::sync::atomic::AtomicU64>,
    memory: Gauge,
    files: Gauge,
    processor: Counter<f64, std::sync::atomic::AtomicU64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Build {
    version: &'static str,
}

impl Process {
    pub(crate) fn new(registry: &mut Registry) -> Self {
        let own = Self {
            started: Gauge::default(),
            memory: Gauge::default(),
            files: Gauge::default(),
            processor: Counter::default(),
        };
        let build = Build {
            version: env!("CARGO_PKG_VERSION"),
        };
        registry.register("portico_build", "Which version runs", Info::new(build));
        registry.register(
            "portico_process_start_time_seconds",
            "When the process began to serve, in seconds since 1970",
            own.started.clone(),
        );
        registry.register(
            "portico_process_resident_memory_bytes",
            "Memory the process has in use",
            own.memory.clone(),
        );
        registry.register(
            "portico_process_open_files",
            "Files and sockets the process has open",
            own.files.clone(),
        );
        registry.register(
            "portico_process_cpu_seconds",
            "Processor time the process has used",
            own.processor.clone(),
        );
        own
    }

    /// The process began to serve, so many seconds after 1970.
    pub fn started_at(&self, seconds: f64) {
        self.started.set(seconds);
    }

    /// Reads what the system knows of this process.
    pub(crate) fn look(&self) {
        self.memory.set(resident_bytes().unwrap_or_default());
        self.files.set(open_files().unwrap_or_default());
        if let Some(used) = processor_seconds() {
            self.processor
                .inc_by((used - self.processor.get()).max(0.0));
        }
    }
}

fn resident_bytes() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: i64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib * 1_024)
}

fn open_files() -> Option<i64> {
    i64::try_from(std::fs::read_dir("/proc/self/fd").ok()?.count()).ok()
}

fn processor_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name in parentheses may hold blanks; user and system time are the 12th and 13th after it.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) / TICKS)
}
