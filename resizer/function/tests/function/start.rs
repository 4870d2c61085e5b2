//! The binary where nobody calls it as Lambda does: it ends with a sentence, not with a panic.

use std::process::Command;

#[test]
fn outside_of_lambda_it_says_what_is_missing() {
    let run = |variables: &[(&str, &str)]| {
        let mut bootstrap = Command::new(env!("CARGO_BIN_EXE_bootstrap"));
        let output = bootstrap.env_clear().envs(variables.iter().copied()).output();
        let output = output.expect("the binary starts");
        assert_eq!(output.status.code(), Some(1));
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("logs are UTF-8")
    };
    let bare = run(&[]);
    assert!(bare.contains("AWS_LAMBDA_RUNTIME_API is not set"), "{bare}");
    assert!(bare.contains("cargo harness up"), "{bare}");
    let wrong = run(&[("RESIZER_CONFIG", "[[rule]]\nmatch = \"{\"\n")]);
    assert!(wrong.contains("\"code\":\"config\"") && wrong.contains("line 2"), "{wrong}");
}
