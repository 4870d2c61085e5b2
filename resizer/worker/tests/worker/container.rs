//! The root file system of the image, as `infra/container/assemble` makes it from the Dockerfile:
//! the worker in it, without root's rights and without a place that it could write to.

use std::path::Path;

use rustix::process::Signal;
use serde_json::Value;
use tokio::process::Command;

use crate::support::{Bench, Worker, photo};

/// The folder becomes the root, read-only, with nothing but /proc beside it.
const RUN: &str = r#"
mount --bind "$0" "$0" &&
mount --types proc proc "$0/proc" &&
mount --options remount,bind,ro "$0" &&
exec chroot --userspec="$1" "$0" "${@:2}""#;

struct Image {
    folder: tempfile::TempDir,
    said: Value,
}

impl Image {
    async fn assemble() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut command = Command::new(root.join("infra/container/assemble"));
        command.arg(env!("CARGO_BIN_EXE_resizer-worker")).arg(folder.path());
        let output = command.output().await.expect("python3 is there");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let said = serde_json::from_slice(&output.stdout).expect("JSON");
        Self { folder, said }
    }

    fn text(&self, member: &str, index: usize) -> &str {
        self.said[member][index].as_str().expect("a text")
    }

    /// A program of the image with nothing in its environment but the image's own and this.
    fn command(
        &self,
        program: &str,
        arguments: &[&str],
        variables: &[(String, String)],
    ) -> Command {
        let mut command = Command::new("unshare");
        command.args(["--mount", "--", "bash", "-c", RUN]);
        command.arg(self.folder.path()).arg(self.text("user", 0)).arg(program).args(arguments);
        command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        let own = self.said["env"].as_object().expect("variables");
        command.envs(own.iter().map(|(name, value)| (name, value.as_str().expect("text"))));
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        command
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs root, for chroot and mounts"]
async fn the_image_has_all_that_the_worker_needs() {
    let bench = Bench::start().await;
    let image = Image::assemble().await;
    assert_eq!(image.text("stopsignal", 0), "SIGTERM");
    let mut variables = bench.backend.env();
    let address = ("RESIZER_STATUS_ADDRESS".to_owned(), "127.0.0.1:0".to_owned());
    variables.push(address);
    let entry = image.text("entrypoint", 0);
    let mut worker = Worker::start(&mut image.command(entry, &[], &variables));
    worker.ready().await;
    let start = worker.said("event", "start").await;
    assert!(start["memoryMiB"].as_u64().is_some_and(|mebibytes| mebibytes > 0), "{start}");

    bench.put("lake.jpg", &photo(400, 300, 1)).await;
    bench.done().await;
    let outcomes: Vec<String> = worker.uploads().into_iter().map(|line| line.outcome).collect();
    assert_eq!(outcomes, ["stored"]);
    assert!(bench.results().await.len() > 1, "variants and a manifest");

    let address = start["status"].as_str().expect("an address").to_owned();
    let variables = [("RESIZER_STATUS_ADDRESS".to_owned(), address)];
    let health = async || {
        let mut command =
            image.command(image.text("health", 0), &[image.text("health", 1)], &variables);
        command.output().await.expect("it starts").status.code()
    };
    assert_eq!(health().await, Some(0));
    worker.signal(Signal::TERM);
    assert_eq!(worker.ended().await.code(), Some(0));
    assert_eq!(health().await, Some(1));
}
