//! The binary that AWS Lambda starts.

fn main() -> std::process::ExitCode {
    resizer::lambda::run()
}
