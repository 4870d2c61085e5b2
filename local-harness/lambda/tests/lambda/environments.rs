//! How environments come, stay and go: cold starts, reuse, concurrency, failing inits, shutdown.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use lambda_local::failure::StartError;
use lambda_local::{Function, FunctionOptions};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::{answer, echo, function, invoke, options, written};

fn env(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Whether any thread of the process still runs. A process without a wait for it is a zombie,
/// state Z; its first thread is one already while the others are on their way out.
fn is_running(pid: &Value) -> bool {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).map_or(0, Iterator::count);
    let is_zombie = |stat: &str| {
        stat.rsplit(") ").next().is_some_and(|behind_name| behind_name.starts_with('Z'))
    };
    threads > 1
        || fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !is_zombie(&stat))
}

async fn until_gone(pid: &Value) {
    while is_running(pid) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_warm_environment_is_used_again() {
    let (options, _lines) = options();
    let function = function(options);
    let first = invoke(&function, r#"{"do":"pid"}"#).await;
    let second = invoke(&function, r#"{"do":"pid"}"#).await;
    assert_eq!(answer(&first), answer(&second));
    assert!(first.report.init_duration_ms.is_some());
    assert!(second.report.init_duration_ms.is_none());
    let report = &first.report;
    let exact = report.duration_ms + report.init_duration_ms.unwrap_or_default();
    assert_eq!(report.billed_duration_ms, exact.ceil() as u64);
    assert_ne!(first.request_id, second.request_id);
}

#[tokio::test]
async fn busy_environments_are_joined_by_new_ones_up_to_the_limit() {
    let (options, _lines) = options();
    let function = function(FunctionOptions {
        max_concurrency: 2,
        timeout: Duration::from_secs(2),
        ..options
    });
    let late =
        |function: Arc<Function>| async move { invoke(&function, r#"{"do":"sleep"}"#).await };
    let both = [tokio::spawn(late(function.clone())), tokio::spawn(late(function.clone()))];
    let third = invoke(&function, r#"{"do":"pid"}"#);
    for invocation in both {
        let invocation = invocation.await.expect("the harness does not panic");
        assert!(invocation.result.is_err());
    }
    assert!(third.await.result.is_ok());
}

#[tokio::test]
async fn a_crash_between_invocations_costs_no_event() {
    let (options, mut lines) = options();
    let function = function(options);
    let pid = answer(&invoke(&function, r#"{"do":"pid"}"#).await);
    let number = pid.as_i64().and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw);
    kill_process(number.expect("a process id"), Signal::KILL).expect("it runs");
    until_gone(&pid).await;
    let next = answer(&invoke(&function, r#"{"do":"pid"}"#).await);
    assert_ne!(pid, next);
    let all = written(&mut lines);
    assert!(all.contains(&"Runtime exited with error: signal: killed".to_owned()), "{all:?}");
}

#[tokio::test]
async fn a_process_gets_the_variables_of_aws_and_its_own_and_no_others() {
    let (options, _lines) = options();
    let own = env(&[
        ("AWS_ACCESS_KEY_ID", "key"),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_LAMBDA_FUNCTION_NAME", "not allowed"),
        ("RESIZER_CONFIG", "a=1"),
    ]);
    let function = function(FunctionOptions { env: own, memory_size_mb: 256, ..options });
    let told = answer(&invoke(&function, r#"{"do":"environment"}"#).await);
    let mut variables: Vec<(String, String)> =
        serde_json::from_value(told["variables"].clone()).expect("pairs of strings");
    variables.sort();
    let task_root = echo().parent().and_then(Path::to_str).map(str::to_owned);
    let expected = [
        ("AWS_ACCESS_KEY_ID", Some("key")),
        ("AWS_DEFAULT_REGION", Some("eu-central-1")),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", Some("256")),
        ("AWS_LAMBDA_FUNCTION_NAME", Some("echo")),
        ("AWS_LAMBDA_FUNCTION_VERSION", Some("$LATEST")),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", Some("on-demand")),
        ("AWS_LAMBDA_LOG_GROUP_NAME", Some("/aws/lambda/echo")),
        ("AWS_LAMBDA_LOG_STREAM_NAME", None),
        ("AWS_LAMBDA_RUNTIME_API", None),
        ("AWS_REGION", Some("eu-central-1")),
        ("LAMBDA_RUNTIME_DIR", Some("/var/runtime")),
        ("LAMBDA_TASK_ROOT", task_root.as_deref()),
        ("LANG", Some("en_US.UTF-8")),
        ("PATH", Some("/usr/local/bin:/usr/bin/:/bin:/opt/bin")),
        ("RESIZER_CONFIG", Some("a=1")),
        ("TZ", Some(":UTC")),
        ("_HANDLER", Some("bootstrap")),
        ("_X_AMZN_TRACE_ID", None),
    ];
    assert_eq!(variables.len(), expected.len(), "{variables:?}");
    for ((name, value), (expected_name, expected_value)) in variables.iter().zip(expected) {
        assert_eq!(name, expected_name);
        assert!(expected_value.is_none_or(|expected| expected == value), "{name}={value}");
    }
    let directory = told["directory"].as_str().map(PathBuf::from).expect("a working directory");
    assert!(directory.exists());
    function.shutdown().await;
    assert!(!directory.exists(), "it goes with the environment");
}

#[tokio::test]
async fn a_failing_init_is_repeated_inside_the_invocation_and_then_reported() {
    let cases = [
        ("exit", "Runtime.ExitError", "Runtime exited with error: exit status 7"),
        ("error", "Function.NoConfig", "no configuration"),
    ];
    for (init, error_type, message) in cases {
        let (options, mut lines) = options();
        let function = function(FunctionOptions { env: env(&[("ECHO_INIT", init)]), ..options });
        let invocation = invoke(&function, "{}").await;
        let error = invocation.result.expect_err("it never asks for work");
        assert_eq!(error.error_type, error_type);
        assert!(error.message.ends_with(message), "{}", error.message);
        assert_eq!(invocation.report.init_duration_ms, None);
        let all = written(&mut lines);
        let phases: Vec<&str> = all
            .iter()
            .filter_map(|line| line.strip_prefix("INIT_REPORT ")?.split('\t').nth(1))
            .collect();
        assert_eq!(phases, ["Phase: init", "Phase: invoke"], "{all:?}");
        if init == "exit" {
            assert_eq!(invocation.log, ["the configuration is wrong"]);
        }
    }
}

#[tokio::test]
async fn a_function_that_does_not_start_is_refused_before_its_first_event() {
    let cases = [
        ("error", "Function.NoConfig", "no configuration"),
        ("exit", "Runtime.ExitError", "Runtime exited with error: exit status 7"),
    ];
    for (init, error_type, message) in cases {
        let (options, _lines) = options();
        let function = function(FunctionOptions { env: env(&[("ECHO_INIT", init)]), ..options });
        let refused = function.warm_up().await.expect_err("it does not start");
        assert_eq!((refused.error_type.as_str(), refused.message.as_str()), (error_type, message));
        assert!(function.process_ids().is_empty(), "{init}");
    }
}

#[tokio::test]
async fn the_first_event_of_a_warm_function_reports_its_init() {
    let (options, _lines) = options();
    let function = function(options);
    function.warm_up().await.expect("it starts");
    assert_eq!(function.process_ids().len(), 1);
    let (first, second) = (invoke(&function, "{}").await, invoke(&function, "{}").await);
    assert!(first.report.init_duration_ms.is_some());
    assert!(second.report.init_duration_ms.is_none());
    assert_eq!(function.process_ids().len(), 1);
}

#[tokio::test]
async fn an_init_that_takes_too_long_gets_its_second_chance_inside_the_invocation() {
    let (options, mut lines) = options();
    let function = function(FunctionOptions {
        env: env(&[("ECHO_INIT", "hang-once")]),
        init_timeout: Duration::from_secs(2),
        ..options
    });
    let invocation = invoke(&function, r#"{"a":1}"#).await;
    assert_eq!(answer(&invocation)["a"], 1);
    assert_eq!(invocation.report.init_duration_ms, None);
    let all = written(&mut lines);
    assert!(all[0].ends_with("\tPhase: init\tStatus: timeout"), "{all:?}");
}

#[tokio::test]
async fn shutdown_kills_and_an_extension_gets_a_sigterm_first() {
    for (init, farewell) in [("", false), ("extension", true)] {
        let (options, mut lines) = options();
        let function = function(FunctionOptions { env: env(&[("ECHO_INIT", init)]), ..options });
        let pid = answer(&invoke(&function, r#"{"do":"pid"}"#).await);
        assert!(is_running(&pid));
        function.shutdown().await;
        assert!(!is_running(&pid));
        let all = written(&mut lines);
        assert_eq!(all.contains(&"goodbye".to_owned()), farewell, "{all:?}");
        assert_eq!(all.contains(&"extension: INVOKE".to_owned()), farewell, "{all:?}");
    }
}

#[tokio::test]
async fn dropping_the_function_ends_its_processes() {
    let (options, _lines) = options();
    let function = function(options);
    let pid = answer(&invoke(&function, r#"{"do":"pid"}"#).await);
    drop(function);
    until_gone(&pid).await;
}

#[test]
fn a_binary_that_cannot_run_is_named_with_what_to_do() {
    let (options, _lines) = options();
    let refused = |bootstrap: &str| {
        let bootstrap = PathBuf::from(bootstrap);
        Function::new(FunctionOptions { bootstrap, ..options.clone() }).expect_err("it is refused")
    };
    let missing = refused("no/such/bootstrap");
    assert!(matches!(&missing, StartError::Missing { .. }));
    assert!(missing.to_string().contains("no/such/bootstrap does not exist; build it"));
    let no_program = refused("Cargo.toml");
    assert!(matches!(&no_program, StartError::NotExecutable { .. }));
    assert!(no_program.to_string().contains("Cargo.toml is not an executable file; give"));
}

#[tokio::test]
async fn a_binary_of_another_kind_fails_the_invocation_by_name() {
    use std::os::unix::fs::PermissionsExt;

    let directory = tempfile::tempdir().expect("a temporary directory");
    let bootstrap = directory.path().join("bootstrap");
    fs::write(&bootstrap, b"\x7fELF no program").expect("the file can be written");
    fs::set_permissions(&bootstrap, fs::Permissions::from_mode(0o755)).expect("it can be marked");
    let (options, _lines) = options();
    let function = function(FunctionOptions { bootstrap: bootstrap.clone(), ..options });
    let error = invoke(&function, "{}").await.result.expect_err("it cannot be executed");
    assert_eq!(error.error_type, "Runtime.InvalidEntrypoint");
    assert!(error.message.contains(&bootstrap.display().to_string()), "{}", error.message);
}

/// The letter for the state of a process in /proc, `T` for a stopped one.
fn state(pid: u32) -> String {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("the process lives");
    let (_, rest) = stat.rsplit_once(')').expect("the name is in brackets");
    rest.trim_start()[..1].to_owned()
}

#[tokio::test]
async fn a_process_is_frozen_between_invocations() {
    let (options, _lines) = options();
    let function = function(options);
    function.warm_up().await.expect("it starts");
    for _ in 0..3 {
        let pid = function.process_ids()[0];
        // The system stops the threads one by one.
        while state(pid) != "T" {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert_eq!(answer(&invoke(&function, r#"{"n":1}"#).await), json!({ "n": 1 }));
        assert_eq!(function.process_ids(), [pid], "the same process goes on");
    }
}

#[tokio::test]
#[ignore = "needs root and the CPU controller of control groups"]
async fn the_memory_size_limits_processor_time() {
    let (unlimited, _lines) = options();
    // Half of a processor.
    let (memory_size_mb, limits_cpu) = (885, true);
    let limited = FunctionOptions { memory_size_mb, limits_cpu, ..unlimited.clone() };
    let mut busy_ms = Vec::new();
    for options in [unlimited, limited] {
        let function = function(options);
        let limit = function.cpu_limit();
        assert!(limit.is_none_or(|limit| limit.is_ok()), "{limit:?}");
        invoke(&function, r#"{"n":1}"#).await;
        let invocation = invoke(&function, r#"{"do":"compute","ms":1000}"#).await;
        busy_ms.push(invocation.report.duration_ms);
    }
    // The work is measured in processor time, so other processes can only make it longer.
    assert!(busy_ms[0] >= 1_000.0 && busy_ms[1] >= 1_900.0, "{busy_ms:?}");
}
