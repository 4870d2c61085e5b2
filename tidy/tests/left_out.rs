//! The last lines of `cargo test`: how many tests it left out, and what they need.

fn main() {
    // A filter, a list or a run of ignored tests is another question.
    let quiet = ["--quiet", "-q", "--nocapture", "--no-capture"];
    if std::env::args().skip(1).all(|argument| quiet.contains(&argument.as_str())) {
        print!("{}", tidy::left_out::summary(&tidy::left_out::needs()));
    }
}
