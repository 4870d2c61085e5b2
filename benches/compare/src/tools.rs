//! Programs of this machine that a rival needs: which are missing, and how to get them.

use std::env;
use std::path::Path;

use crate::Outcome;

/// A program, and the package of Debian and Ubuntu that has it.
type Tool = (&'static str, &'static str);

/// What pins a worker to a core.
pub(crate) const PINNING: [Tool; 1] = [("taskset", "util-linux")];
/// What the crate `turbojpeg` builds libjpeg-turbo with.
pub(crate) const LIBJPEG_TURBO: [Tool; 4] =
    [("cc", "gcc"), ("cmake", "cmake"), ("make", "make"), ("nasm", "nasm")];
/// What oximg's libraries in C and C++ are built with.
pub(crate) const OXIMG: [Tool; 4] =
    [("cc", "gcc"), ("c++", "g++"), ("cmake", "cmake"), ("nasm", "nasm")];
/// What has the packages of npm.
pub(crate) const NODE: [Tool; 2] = [("node", "nodejs"), ("npm", "npm")];
/// What has the packages of pip.
pub(crate) const PYTHON: [Tool; 1] = [("python3", "python3-venv")];
/// What `aws-lambda-ric` is built with while npm installs it.
pub(crate) const LAMBDA_CLIENT: [Tool; 7] = [
    ("node", "nodejs"),
    ("npm", "npm"),
    ("python3", "python3"),
    ("c++", "g++"),
    ("cmake", "cmake"),
    ("make", "make"),
    ("xz", "xz-utils"),
];

/// # Errors
/// The programs that are missing for `what`, and how to get them.
pub(crate) fn need(what: &str, tools: &[Tool]) -> Outcome<()> {
    need_in(what, tools, &env::var_os("PATH").unwrap_or_default())
}

fn need_in(what: &str, tools: &[Tool], path: &std::ffi::OsStr) -> Outcome<()> {
    let has = |program: &str| env::split_paths(path).any(|folder| is_file(&folder.join(program)));
    let missing: Vec<&Tool> = tools.iter().filter(|(program, _)| !has(program)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let list = |pick: fn(&Tool) -> &'static str, between: &str| {
        missing.iter().map(|tool| pick(tool)).collect::<Vec<_>>().join(between)
    };
    let (programs, packages) = (list(|tool| tool.0, ", "), list(|tool| tool.1, " "));
    let verb = if missing.len() == 1 { "is" } else { "are" };
    Err(format!("{what} needs {programs}, which {verb} missing: apt-get install {packages}"))
}

fn is_file(path: &Path) -> bool {
    path.metadata().is_ok_and(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::need_in;

    #[test]
    fn what_is_missing_is_named_with_its_package() {
        let shell = ("sh", "dash");
        let path = OsStr::new("/nowhere:/bin:/usr/bin");
        assert_eq!(need_in("a test", &[shell], path), Ok(()));
        let tools = [shell, ("no-such-cc", "gcc"), ("no-such-cmake", "cmake")];
        let expected = "a test needs no-such-cc, no-such-cmake, which are missing: apt-get install \
                        gcc cmake";
        assert_eq!(need_in("a test", &tools, path), Err(expected.to_owned()));
        let expected = "a test needs sh, which is missing: apt-get install dash";
        assert_eq!(need_in("a test", &tools[..1], OsStr::new("")), Err(expected.to_owned()));
    }
}
