//! Several invocations at once in one environment, as on Lambda Managed Instances.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use lambda_local::report::Status;
use lambda_local::{Function, FunctionOptions, Invocation, LogLine, LogLines};
use serde_json::json;

use crate::{answer, function, invoke, options, written};

const PID: &str = r#"{"do":"pid"}"#;
const AWAIT: &str = r#"{"do":"await","file":"go"}"#;
const CREATE: &str = r#"{"do":"create","file":"go"}"#;

/// One environment for so many invocations.
fn shared(concurrency: usize) -> (Arc<Function>, LogLines) {
    let (options, lines) = options();
    (with(FunctionOptions { environment_concurrency: concurrency, ..options }), lines)
}

fn with(options: FunctionOptions) -> Arc<Function> {
    function(FunctionOptions { max_concurrency: 1, ..options })
}

/// The lines that belong to an invocation.
fn lines_of(lines: &mut LogLines, invocations: &[&Invocation]) -> Vec<Vec<String>> {
    let all: Vec<LogLine> = std::iter::from_fn(|| lines.try_recv().ok()).collect();
    let mut found = Vec::new();
    for invocation in invocations {
        let id = Some(&invocation.request_id);
        let own = all.iter().filter(|line| line.request_id.as_ref() == id);
        found.push(own.map(|line| line.text.clone()).collect());
    }
    found
}

#[tokio::test]
async fn answers_come_in_any_order_and_lines_belong_to_whom_they_name() {
    let (function, mut lines) = shared(2);
    let (first, second) = tokio::join!(invoke(&function, AWAIT), invoke(&function, CREATE));
    assert_eq!(answer(&first), json!({ "do": "await", "file": "go" }));
    assert_eq!(answer(&second), json!(true));
    assert_eq!(function.process_ids().len(), 1);
    let inits = [&first, &second].map(|one| one.report.init_duration_ms.is_some());
    assert_eq!(inits, [true, false], "one cold start for both");
    let id = &first.request_id;
    let own = [format!("{id} waits"), format!("{id} goes on")];
    assert_eq!((&first.log[..], &second.log[..]), (&own[..], &[][..]));
    let [begin, end] = ["START RequestId: ", "END RequestId: "];
    let (begin, end) = (format!("{begin}{id} Version: $LATEST"), format!("{end}{id}"));
    let [waits, goes_on] = own;
    let expected = vec![begin, waits, goes_on, end, first.report.to_string()];
    assert_eq!(lines_of(&mut lines, &[&first]), [expected]);
}

#[tokio::test]
async fn lines_that_name_nobody_belong_to_none() {
    let (function, mut lines) = shared(2);
    tokio::join!(invoke(&function, AWAIT), invoke(&function, CREATE));
    let all: Vec<LogLine> = std::iter::from_fn(|| lines.try_recv().ok()).collect();
    let line = all.iter().find(|line| line.text == "nobody's line").expect("it was printed");
    assert_eq!(line.request_id, None);
}

#[tokio::test]
async fn a_timeout_ends_one_invocation_and_no_other() {
    let (options, mut lines) = options();
    let timeout = Duration::from_secs(2);
    let function = with(FunctionOptions { timeout, environment_concurrency: 2, ..options });
    let pid = answer(&invoke(&function, PID).await);
    let beside = async {
        let mut pids = Vec::new();
        while pids.len() < 20 {
            pids.push(answer(&invoke(&function, PID).await));
        }
        pids
    };
    let (late, pids) = tokio::join!(invoke(&function, AWAIT), beside);
    let error = late.result.as_ref().expect_err("nobody creates the file");
    assert_eq!(error.error_type, "Sandbox.Timedout");
    assert_eq!(late.report.status, Some(Status::Timeout));
    assert_eq!(late.log, [format!("{} waits", late.request_id)]);
    assert!(pids.iter().all(|other| *other == pid), "the process goes on: {pids:?}");
    // The worker that was late answers now, which nobody wants to know, and takes events again.
    assert_eq!(answer(&invoke(&function, CREATE).await), json!(true));
    let both = tokio::join!(invoke(&function, AWAIT), invoke(&function, AWAIT));
    assert!(both.0.result.is_ok() && both.1.result.is_ok());
    assert_eq!(function.process_ids().len(), 1);
    let text = format!(" {} Task timed out after 2.00 seconds", late.request_id);
    assert!(written(&mut lines).iter().any(|line| line.ends_with(&text)));
}

#[tokio::test]
async fn a_lost_process_fails_all_of_its_invocations_and_the_next_starts_anew() {
    let cases = [
        (r#"{"do":"exit","code":3}"#, "Runtime.ExitError", "exit status 3"),
        (r#"{"do":"allocate","mb":600}"#, "Runtime.OutOfMemory", "signal: killed"),
    ];
    for (order, error_type, reason) in cases {
        let (function, mut lines) = shared(2);
        let pid = answer(&invoke(&function, PID).await);
        let (first, second) = tokio::join!(invoke(&function, AWAIT), invoke(&function, order));
        for invocation in [&first, &second] {
            let error = invocation.result.as_ref().expect_err("the process is gone");
            assert_eq!(error.error_type, error_type);
            assert!(error.message.ends_with(reason), "{}", error.message);
            assert!(error.message.contains(&invocation.request_id), "{}", error.message);
        }
        assert!(second.report.max_memory_used_mb > 0);
        assert!(function.process_ids().is_empty());
        let next = invoke(&function, PID).await;
        assert_ne!(answer(&next), pid);
        assert_eq!(next.report.init_duration_ms, None, "the restart is within the invocation");
        for own in lines_of(&mut lines, &[&first, &second]) {
            assert!(own.contains(&error_type.to_owned()), "{own:?}");
        }
    }
}

#[tokio::test]
async fn a_process_that_is_lost_between_invocations_is_replaced() {
    let (function, mut lines) = shared(2);
    function.warm_up().await.expect("it starts");
    let pid = answer(&invoke(&function, PID).await);
    function.kill();
    while !function.process_ids().is_empty() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let next = loop {
        // The loss is known once all that the process printed is read.
        match invoke(&function, PID).await {
            next if next.result.is_ok() => break answer(&next),
            lost => assert_eq!(lost.result.expect_err("lost").error_type, "Runtime.ExitError"),
        }
    };
    assert_ne!(next, pid);
    let reason = "Runtime exited with error: signal: killed";
    assert!(written(&mut lines).iter().any(|line| line.ends_with(reason)));
}

#[tokio::test]
async fn an_invocation_waits_where_all_places_are_taken() {
    let (function, mut lines) = shared(2);
    let told = answer(&invoke(&function, r#"{"do":"environment"}"#).await);
    let directory = told["directory"].as_str().map(PathBuf::from).expect("a working directory");
    written(&mut lines);
    let create = async {
        let mut begun = 0;
        while begun < 2 {
            let line = lines.recv().await.expect("the function lives");
            begun += usize::from(line.text.ends_with(" waits"));
        }
        std::fs::write(directory.join("go"), "").expect("the file can be made");
    };
    let (first, second, third, ()) = tokio::join!(
        invoke(&function, AWAIT),
        invoke(&function, AWAIT),
        invoke(&function, PID),
        create
    );
    assert!([&first, &second, &third].iter().all(|invocation| invocation.result.is_ok()));
    let rest = written(&mut lines);
    let at = |line: String| rest.iter().position(|other| *other == line);
    let began = at(format!("START RequestId: {} Version: $LATEST", third.request_id));
    let ended = [&first, &second].map(|one| at(format!("END RequestId: {}", one.request_id)));
    assert!(began.is_some() && ended.iter().min() < Some(&began), "{rest:?}");
}

#[tokio::test]
async fn an_environment_is_filled_before_another_one_starts() {
    let (options, _lines) = options();
    let options = FunctionOptions { max_concurrency: 2, environment_concurrency: 2, ..options };
    let function = function(options);
    let folder = tempfile::tempdir().expect("a temporary directory");
    let file = folder.path().join("go");
    let order = |what: &str| json!({ "do": what, "file": file }).to_string();
    let (wait, create) = (order("await"), order("create"));
    let all = tokio::join!(
        invoke(&function, &wait),
        invoke(&function, &wait),
        invoke(&function, &create),
        invoke(&function, PID)
    );
    let inits = [&all.0, &all.1, &all.2, &all.3].map(|one| one.report.init_duration_ms.is_some());
    assert_eq!(inits, [true, false, true, false]);
    let second = answer(&all.3);
    let pids = function.process_ids();
    assert_eq!((pids.len(), json!(pids[1])), (2, second.clone()));
    // The first one has places again.
    assert_eq!(answer(&invoke(&function, PID).await), json!(pids[0]));
}

#[tokio::test]
async fn a_process_knows_how_many_invocations_it_gets() {
    let (function, _lines) = shared(3);
    let told = answer(&invoke(&function, r#"{"do":"environment"}"#).await);
    let variables: Vec<(String, String)> =
        serde_json::from_value(told["variables"].clone()).expect("pairs of strings");
    for (name, value) in [
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "lambda-managed-instances"),
        ("AWS_LAMBDA_MAX_CONCURRENCY", "3"),
    ] {
        assert!(variables.contains(&(name.to_owned(), value.to_owned())), "{name}: {variables:?}");
    }
    let directory = told["directory"].as_str().map(PathBuf::from).expect("a working directory");
    function.shutdown().await;
    assert!(function.process_ids().is_empty());
    drop(function);
    assert!(!directory.exists(), "it goes with the environment");
}

#[tokio::test]
async fn new_variables_come_with_a_new_environment() {
    let (function, _lines) = shared(2);
    let pid = answer(&invoke(&function, PID).await);
    function.update_env(vec![("A".to_owned(), "1".to_owned())]).await.expect("it starts");
    let told = answer(&invoke(&function, r#"{"do":"environment"}"#).await);
    assert!(told["variables"].as_array().is_some_and(|all| all.contains(&json!(["A", "1"]))));
    assert_ne!(answer(&invoke(&function, PID).await), pid);
    while function.process_ids().len() > 1 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn an_init_that_fails_is_repeated_inside_the_invocation() {
    let (options, mut lines) = options();
    let env = vec![("ECHO_INIT".to_owned(), "error".to_owned())];
    let function = with(FunctionOptions { env, environment_concurrency: 2, ..options });
    let invocation = invoke(&function, PID).await;
    assert_eq!(invocation.result.expect_err("no init").error_type, "Function.NoConfig");
    let all = written(&mut lines);
    let phases: Vec<&str> = all
        .iter()
        .filter_map(|line| line.strip_prefix("INIT_REPORT ")?.split('\t').nth(1))
        .collect();
    assert_eq!(phases, ["Phase: init", "Phase: invoke"], "{all:?}");
    for _ in 0..2 {
        let refused = function.warm_up().await.expect_err("no init");
        assert_eq!(refused.error_type, "Function.NoConfig");
    }
    assert!(function.process_ids().is_empty());
}
