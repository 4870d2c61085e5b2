//! Other people's tools against the harness and the shipped binary: aws-cli, boto3, s3cmd, Pillow, moto
//! and AWS's own Runtime Interface Emulator. `tools` installs them, pinned; `cargo interop` runs
//! the tests that want them, and they fail where it cannot.

#[path = "interop/aws_cli.rs"]
mod aws_cli;
#[path = "interop/boto3.rs"]
mod boto3;
#[path = "interop/emulator.rs"]
mod emulator;
#[path = "interop/pillow.rs"]
mod pillow;
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
#[expect(dead_code, reason = "the tests of the Runtime API need all of it")]
mod wire;
