//! Other people's tools against the harness and the shipped binary: aws-cli, boto3, s3cmd, rclone, AWS's
//! SDK for JavaScript, Pillow, moto and AWS's own Runtime Interface Emulator. `tools` installs them, pinned; `cargo interop` runs
//! the tests that want them, and they fail where it cannot.

#[path = "interop/aws_cli.rs"]
mod aws_cli;
#[path = "interop/boto3.rs"]
mod boto3;
#[path = "interop/emulator.rs"]
mod emulator;
#[path = "interop/fidelity.rs"]
mod fidelity;
#[path = "interop/javascript.rs"]
mod javascript;
#[path = "interop/page.rs"]
mod page;
#[path = "interop/pillow.rs"]
mod pillow;
#[path = "interop/rclone.rs"]
mod rclone;
#[path = "interop/runtimes.rs"]
mod runtimes;
#[path = "interop/s3cmd.rs"]
mod s3cmd;
#[path = "function/support.rs"]
#[expect(dead_code, reason = "the function's own tests need all of it")]
mod support;
#[path = "interop/tools.rs"]
mod tools;
#[path = "up/process.rs"]
#[expect(dead_code, reason = "the tests of `up` need all of it")]
mod up;
#[path = "interop/versions.rs"]
mod versions;
#[path = "../lambda/tests/lambda/wire.rs"]
mod wire;
