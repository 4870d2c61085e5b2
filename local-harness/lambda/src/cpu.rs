//! The processor time of an environment, limited by the CPU controller of Linux's control groups.
//! In: processes and a number of processors. Out: groups, which end with their environments.
//! Where the controller cannot be used, it says why.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process;

/// Memory for which Lambda gives the time of one processor.
const MB_PER_PROCESSOR: f64 = 1769.0;
/// The most processors of a function.
const MAX_PROCESSORS: f64 = 6.0;
/// The time over which a share is enforced. A longer one would let short work run unlimited.
const PERIOD_US: f64 = 20_000.0;
/// The start of the names of groups.
const NAME: &str = "lambda-local";

/// The processors of a function with this memory.
/// Source: AWS Lambda Developer Guide, "Configure Lambda function memory".
pub fn processors(memory_size_mb: u32) -> f64 {
    (f64::from(memory_size_mb) / MB_PER_PROCESSOR).min(MAX_PROCESSORS)
}

/// Where groups can be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Controller {
    /// The unified hierarchy.
    V2(PathBuf),
    /// A hierarchy of the CPU controller.
    V1(PathBuf),
}

/// A group of processes with a limit.
#[derive(Debug)]
pub(crate) struct CpuGroup {
    path: PathBuf,
}

impl Controller {
    /// The controller of this process, if groups can be made in it.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) fn find() -> Result<Self, String> {
        let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
        let own = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        let found = locate(&mounts, &own).ok_or("this system has no CPU controller for groups")?;
        if let Self::V2(parent) = &found {
            let enabled = fs::write(parent.join("cgroup.subtree_control"), "+cpu");
            enabled.map_err(|error| denied(parent, &error))?;
        }
        found.sweep();
        // A group that is made and removed again shows that it can be done.
        found.group("probe", 1.0).map_err(|error| denied(found.parent(), &error))?;
        Ok(found)
    }

    fn parent(&self) -> &Path {
        match self {
            Self::V2(parent) | Self::V1(parent) => parent,
        }
    }

    /// Removes the groups of processes that were killed.
    fn sweep(&self) {
        let Ok(entries) = fs::read_dir(self.parent()) else { return };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let rest = name.to_str().and_then(|name| name.strip_prefix(NAME)?.strip_prefix('-'));
            let owner = rest.and_then(|rest| rest.split('-').next()?.parse::<u32>().ok());
            let is_left = owner.is_some_and(|owner| !Path::new(&format!("/proc/{owner}")).exists());
            if is_left {
                // It may still have a process that is about to end.
                let _ = fs::remove_dir(entry.path());
            }
        }
    }

    /// A new group for processes that together get the time of so many processors.
    ///
    /// # Errors
    /// Those of the file system.
    pub(crate) fn group(&self, name: &str, processors: f64) -> io::Result<CpuGroup> {
        let path = self.parent().join(format!("{NAME}-{}-{name}", process::id()));
        fs::create_dir_all(&path)?;
        let group = CpuGroup { path };
        let quota_us = (PERIOD_US * processors).round();
        match self {
            Self::V2(_) => group.set("cpu.max", &format!("{quota_us} {PERIOD_US}"))?,
            Self::V1(_) => {
                group.set("cpu.cfs_period_us", &PERIOD_US.to_string())?;
                group.set("cpu.cfs_quota_us", &quota_us.to_string())?;
            }
        }
        Ok(group)
    }
}

impl CpuGroup {
    /// Moves a process, with all of its threads, into the group.
    ///
    /// # Errors
    /// Where the process is gone.
    pub(crate) fn add(&self, pid: i32) -> io::Result<()> {
        self.set("cgroup.procs", &pid.to_string())
    }

    fn set(&self, file: &str, value: &str) -> io::Result<()> {
        fs::write(self.path.join(file), value)
    }
}

impl Drop for CpuGroup {
    fn drop(&mut self) {
        // With a process in it, it cannot be removed; the next harness does so.
        let _ = fs::remove_dir(&self.path);
    }
}

/// The group of this process in the hierarchy that has the CPU controller.
fn locate(mounts: &str, own: &str) -> Option<Controller> {
    let mount = |kind: &str, option: Option<&str>| {
        mounts.lines().find_map(|line| {
            let mut fields = line.split(' ').skip(1);
            let (place, found, options) = (fields.next()?, fields.next()?, fields.next()?);
            let has_option = option.is_none_or(|option| options.split(',').any(|o| o == option));
            (found == kind && has_option).then(|| PathBuf::from(place))
        })
    };
    let group = |controller: &str| {
        own.lines().find_map(|line| {
            let mut fields = line.splitn(3, ':').skip(1);
            let (controllers, path) = (fields.next()?, fields.next()?);
            let is_it = controllers.split(',').any(|name| name == controller);
            is_it.then(|| path.trim_start_matches('/').to_owned())
        })
    };
    if let (Some(place), Some(path)) = (mount("cgroup", Some("cpu")), group("cpu")) {
        return Some(Controller::V1(place.join(path)));
    }
    Some(Controller::V2(mount("cgroup2", None)?.join(group("")?)))
}

fn denied(parent: &Path, error: &io::Error) -> String {
    format!("no group can be made in {}: {error}; root may do it", parent.display())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{Controller, locate, processors};

    #[test]
    fn processors_follow_memory() {
        assert_eq!([1769, 3538, 10_240].map(processors), [1.0, 2.0, 10_240.0 / 1769.0]);
        assert!((processors(128) - 0.0724).abs() < 1e-4);
    }

    #[test]
    fn the_controller_is_found_in_either_hierarchy() {
        let v1 = "cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,nosuid,cpu,cpuacct 0 0\n\
                  cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n";
        let own = "4:cpu,cpuacct:/user\n0::/elsewhere\n";
        let found = Controller::V1(PathBuf::from("/sys/fs/cgroup/cpu,cpuacct/user"));
        assert_eq!(locate(v1, own), Some(found));
        let v2 = "cgroup2 /sys/fs/cgroup cgroup2 rw,nsdelegate 0 0\n";
        let found = Controller::V2(PathBuf::from("/sys/fs/cgroup/user.slice/me"));
        assert_eq!(locate(v2, "0::/user.slice/me\n"), Some(found));
        assert_eq!(locate("tmpfs /tmp tmpfs rw 0 0\n", "0::/\n"), None);
    }
}
