//! What the run stands on: processor, memory, system, compiler, date.

use std::fs;
use std::process::Command;

use time::OffsetDateTime;
use time::macros::format_description;

/// For the report, each as text.
#[derive(Debug, Clone)]
pub(crate) struct Machine {
    pub(crate) processor: String,
    pub(crate) cores: usize,
    pub(crate) memory_gib: f64,
    pub(crate) system: String,
    pub(crate) rustc: String,
    /// The day, UTC.
    pub(crate) date: String,
    /// The one that workers run on.
    pub(crate) core: usize,
}

impl Machine {
    pub(crate) fn read(core: usize) -> Self {
        let processor = field("/proc/cpuinfo", "model name", ':');
        let cores = lines("/proc/cpuinfo").filter(|line| line.starts_with("processor")).count();
        let memory = field("/proc/meminfo", "MemTotal", ':');
        let kib: f64 = memory.split(' ').next().and_then(|n| n.parse().ok()).unwrap_or(0.0);
        let system = field("/etc/os-release", "PRETTY_NAME", '=').trim_matches('"').to_owned();
        let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        let day = format_description!("[year]-[month]-[day]");
        Self {
            processor,
            cores,
            memory_gib: kib / f64::from(1 << 20),
            system: format!("{system}, Linux {}", kernel.trim()),
            rustc: rustc(),
            date: OffsetDateTime::now_utc().format(&day).unwrap_or_default(),
            core,
        }
    }
}

/// Processes that ran or waited for a processor, the mean of the last minute.
pub(crate) fn load_average() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or("unknown").to_owned()
}

fn lines(path: &str) -> impl Iterator<Item = String> {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines().map(str::to_owned).collect::<Vec<_>>().into_iter()
}

fn field(path: &str, name: &str, between: char) -> String {
    let values = lines(path).filter_map(|line| {
        let (key, value) = line.split_once(between)?;
        (key.trim() == name).then(|| value.trim().to_owned())
    });
    values.take(1).next().unwrap_or_else(|| "unknown".into())
}

fn rustc() -> String {
    let output = Command::new("rustc").arg("--version").output();
    let words = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    words.unwrap_or_else(|_| "unknown".into())
}
