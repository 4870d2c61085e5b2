//! Help, completions and manual pages.

use super::support::Bench;

#[test]
fn every_shell_and_command_is_described() {
    let bench = Bench::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ended = bench.run(&["completions", shell]);
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{shell}");
        for word in ["check", "render", "upload-bucket"] {
            assert!(ended.stdout.contains(word), "{word} for {shell}");
        }
        // The scripts of clap for the other shells complete no values of arguments.
        let has_values = ["bash", "zsh"].contains(&shell);
        assert_eq!(ended.stdout.contains("firebase"), has_values, "{shell}");
    }
    let page = bench.run(&["man"]);
    assert_eq!(page.code, Some(0));
    assert!(page.stdout.contains(".TH resizer 1"), "{}", page.stdout);
    let pages = bench.run(&["man", "pages/man1"]);
    assert_eq!((pages.code, pages.stdout.as_str()), (Some(0), ""));
    let names: Vec<String> = bench.files("pages/man1").into_iter().map(|(name, _)| name).collect();
    for name in ["resizer.1", "resizer-check.1", "resizer-import.1", "resizer-render.1"] {
        assert!(names.iter().any(|found| found == name), "{name} in {names:?}");
    }
}

#[test]
fn output_that_cannot_be_written_is_a_failure() {
    let bench = Bench::new();
    bench.put("file", b"IMG_SIZES=200x200\n");
    for arguments in [&["import", "firebase", "file"][..], &["completions", "bash"], &["man"]] {
        let full = std::fs::File::create("/dev/full").expect("Linux has it");
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_resizer"));
        let command = command.args(arguments).current_dir(bench.path("")).stdout(full);
        let output = command.output().expect("the binary starts");
        let stderr = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {stderr}");
        assert!(stderr.contains("error: the output is incomplete: No space"), "{stderr}");
    }
}

#[test]
fn a_wrong_use_ends_with_two() {
    let bench = Bench::new();
    for (arguments, said) in [
        (["check", "missing.toml"].as_slice(), "error: missing.toml cannot be read: No such file"),
        (&["check"], "error: the following required arguments were not provided"),
        (&["render"], "error: the following required arguments were not provided"),
        (&["render", ".."], "error: .. names no file"),
        (&["render", "a/x.jpg", "--out", "/dev/null/x"], "error: /dev/null/x: "),
        (&["completions", "tcsh"], "error: invalid value 'tcsh'"),
        (&["man", "/dev/null/x"], "error: /dev/null/x: "),
        (
            &["render", "/a/x.jpg", "x.jpg"],
            "error: /a/x.jpg and x.jpg would both be the upload \"x.jpg\"; render them one after \
             the other, with another --prefix or --out\n",
        ),
    ] {
        let ended = bench.run(arguments);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(ended.stderr.starts_with(said), "{arguments:?}: {}", ended.stderr);
    }
}
