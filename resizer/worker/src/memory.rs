//! How much memory the process may use: the limit of its control group, or what the machine has.
//! Knows nothing of what it is used for.

use std::fs;
use std::path::Path;

const MEBIBYTE: u64 = 1 << 20;

/// In MiB; `None` where the system says nothing of it.
pub(crate) fn available_mib() -> Option<u64> {
    let machine = fs::read_to_string("/proc/meminfo").ok().and_then(|text| total_bytes(&text));
    let limits = [limit_of_group(), machine];
    limits.into_iter().flatten().min().map(|bytes| bytes / MEBIBYTE)
}

/// The smallest limit of the process's control group and the groups around it.
/// Source: Linux kernel, Documentation/admin-guide/cgroup-v2.rst, `memory.max`; version 1 has
/// `memory.limit_in_bytes`.
fn limit_of_group() -> Option<u64> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    let places = groups.lines().filter_map(|line| {
        let mut parts = line.splitn(3, ':').skip(1);
        let (controllers, path) = (parts.next()?, parts.next()?.trim_start_matches('/'));
        match controllers {
            "" => Some((Path::new("/sys/fs/cgroup").to_owned(), path, "memory.max")),
            "memory" => Some(("/sys/fs/cgroup/memory".into(), path, "memory.limit_in_bytes")),
            _ => None,
        }
    });
    let limits = places.flat_map(|(root, path, file)| {
        // In a container the path may be the host's, and the group's own files are at the root.
        let below: Vec<_> = Path::new(path).ancestors().map(|part| root.join(part)).collect();
        below.into_iter().filter_map(move |folder| fs::read_to_string(folder.join(file)).ok())
    });
    limits.filter_map(|text| text.trim().parse().ok()).min()
}

/// Source: proc_meminfo(5).
fn total_bytes(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = line.trim().trim_end_matches(" kB").parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::{available_mib, total_bytes};

    #[test]
    fn the_memory_of_this_machine_is_known() {
        assert_eq!(total_bytes("MemTotal:        2048 kB\nMemFree: 1 kB\n"), Some(2 << 20));
        assert_eq!(total_bytes("nothing"), None);
        let mebibytes = available_mib().expect("Linux says it");
        assert!((64..1 << 24).contains(&mebibytes), "{mebibytes}");
    }
}
