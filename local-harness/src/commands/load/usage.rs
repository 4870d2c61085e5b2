//! Processor time of the harness and the function, and memory of the harness, from /proc.

use std::fs;

/// Clock ticks for each second in /proc, the same on every Linux that Rust runs on.
const TICKS_PER_S: f64 = 100.0;

/// User and system time of this process, of its children that have ended, and of those that still
/// run, in milliseconds.
pub(super) fn cpu_ms(running: &[u32]) -> f64 {
    times("/proc/self/stat").iter().sum::<f64>() * 1e3 / TICKS_PER_S + cpu_ms_of(running)
}

/// User and system time of these processes, and of their children that have ended, in milliseconds.
pub fn cpu_ms_of(processes: &[u32]) -> f64 {
    let ticks = processes.iter().flat_map(|process| times(&format!("/proc/{process}/stat")));
    ticks.sum::<f64>() * 1e3 / TICKS_PER_S
}

/// User, system, children's user and children's system time, in ticks.
fn times(path: &str) -> [f64; 4] {
    let stat = fs::read_to_string(path).unwrap_or_default();
    // The name of the program may have spaces; it ends at the last bracket.
    let rest = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let mut fields = rest.split_whitespace().skip(11).map(|field| field.parse().unwrap_or(0.0));
    std::array::from_fn(|_| fields.next().unwrap_or(0.0))
}

/// Resident memory.
pub(super) fn resident_mb() -> f64 {
    status_mb("VmRSS:")
}

/// The most resident memory that there was.
pub(super) fn peak_mb() -> f64 {
    status_mb("VmHWM:")
}

fn status_mb(name: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kib = line.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1024.0
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::time::Duration;

    use super::cpu_ms;

    #[test]
    fn children_count_while_they_run_and_after_their_end() {
        let mut command = Command::new("sh");
        let child = command.args(["-c", "while :; do :; done"]).spawn();
        let mut child = child.expect("every system has a shell");
        let before = cpu_ms(&[]);
        while cpu_ms(&[child.id()]) < before + 100.0 {
            std::thread::sleep(Duration::from_millis(10));
        }
        child.kill().expect("it runs until it is killed");
        child.wait().expect("a child can be waited for");
        assert!(cpu_ms(&[]) >= before + 90.0);
    }
}
