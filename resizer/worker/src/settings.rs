//! Environment variables in, `Settings` out, or every problem in one message. docs/worker.md lists
//! them; the function's own variables are read by the function's code.

use std::fmt::Display;
use std::net::SocketAddr;
use std::num::NonZero;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use resizer::config::{self, Config};

use crate::memory;

/// Uploads at the same time for each processor: one is rendered while another one is fetched.
const EVENTS_PER_PROCESSOR: usize = 2;

/// Memory that the worker takes beside what the function would: connections, clients and queues.
const OWN_MEMORY_MIB: u64 = 40;

/// The least memory that leaves something for pictures.
const LEAST_MEMORY_MIB: u64 = 128;

/// What SQS takes as a visibility timeout, seconds.
const LONGEST_VISIBILITY_S: u64 = 12 * 3600;

/// What the worker was told by its environment.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Settings {
    pub(crate) queue_url: String,
    /// The name in metrics.
    pub(crate) name: String,
    pub(crate) memory_mib: u64,
    /// Also a part of one.
    pub(crate) processors: f64,
    /// Events at the same time, at least 1.
    pub(crate) concurrency: usize,
    /// The longest that an event is worked on.
    pub(crate) deadline: Duration,
    /// How long a message stays hidden without news of the worker.
    pub(crate) visibility: Duration,
    /// Before the second delivery of a message; doubled before each further one.
    pub(crate) retry_delay: Duration,
    pub(crate) retry_delay_max: Duration,
    /// How long work that is under way goes on after a signal.
    pub(crate) drain: Duration,
    pub(crate) status_address: SocketAddr,
}

/// Settings that cannot be used. The message lists all problems.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the worker's settings cannot be used:{}", listed(.0))]
pub(crate) struct SettingsError(Vec<String>);

fn listed(problems: &[String]) -> String {
    problems.iter().map(|problem| format!("\n  - {problem}")).collect()
}

/// Reads variables and collects what is wrong with them.
struct Reader<F> {
    variable: F,
    problems: Vec<String>,
}

impl<F: Fn(&str) -> Option<String>> Reader<F> {
    fn text(&self, name: &str) -> Option<String> {
        (self.variable)(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// A value within a range, or the default.
    fn number<T: FromStr + PartialOrd + Display + Copy>(
        &mut self,
        name: &str,
        default: T,
        range: RangeInclusive<T>,
    ) -> T {
        let Some(text) = self.text(name) else { return default };
        match text.parse() {
            Ok(number) if range.contains(&number) => number,
            _ => {
                let (least, most) = (range.start(), range.end());
                self.problems.push(format!("{name} is \"{text}\"; it may be {least} to {most}"));
                default
            }
        }
    }

    fn seconds(&mut self, name: &str, default_s: u64, range: RangeInclusive<u64>) -> Duration {
        Duration::from_secs(self.number(name, default_s, range))
    }

    fn address(&mut self, name: &str, default: &str) -> SocketAddr {
        let text = self.text(name);
        let default = default.parse().expect("defaults are addresses");
        text.map_or(default, |text| {
            text.parse().unwrap_or_else(|_| {
                let problem = "it must be an address and a port, such as 0.0.0.0:9090";
                self.problems.push(format!("{name} is \"{text}\"; {problem}"));
                default
            })
        })
    }
}

const STATUS_ADDRESS: (&str, &str) = ("RESIZER_STATUS_ADDRESS", "0.0.0.0:9090");

impl Settings {
    /// Reads the process's environment.
    ///
    /// # Errors
    /// `SettingsError` with all problems.
    pub(crate) fn read() -> Result<Self, SettingsError> {
        Self::from(|name| std::env::var(name).ok())
    }

    fn from(variable: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let mut reader = Reader { variable, problems: Vec::new() };
        let queue_url = reader.text("RESIZER_QUEUE_URL").unwrap_or_default();
        if queue_url.is_empty() {
            let problem = "RESIZER_QUEUE_URL is not set; it names the SQS queue of the uploads' \
                           events, as in https://sqs.eu-west-1.amazonaws.com/123456789012/uploads";
            reader.problems.push(problem.to_owned());
        } else if !["https://", "http://"].iter().any(|scheme| queue_url.starts_with(scheme)) {
            let problem = "it must be the URL of a queue, not its name or ARN";
            reader.problems.push(format!("RESIZER_QUEUE_URL is \"{queue_url}\"; {problem}"));
        }
        let memory_mib = memory::available_mib().unwrap_or(1024).max(LEAST_MEMORY_MIB);
        let memory_range = LEAST_MEMORY_MIB..=16 << 20;
        let memory_mib = reader.number("RESIZER_MEMORY_MIB", memory_mib, memory_range);
        let seen = std::thread::available_parallelism().map_or(1, NonZero::get);
        let processors = reader.number("RESIZER_PROCESSORS", seen as f64, 0.1..=1024.0);
        let concurrency = (processors.ceil() as usize).max(1) * EVENTS_PER_PROCESSOR;
        let concurrency = reader.number("RESIZER_CONCURRENCY", concurrency, 1..=1024);
        let settings = Self {
            queue_url,
            name: reader.text("RESIZER_NAME").unwrap_or_else(|| "resizer-worker".to_owned()),
            memory_mib,
            processors,
            concurrency,
            deadline: reader.seconds("RESIZER_DEADLINE_S", 120, 1..=11 * 3600),
            visibility: reader.seconds("RESIZER_VISIBILITY_S", 180, 2..=LONGEST_VISIBILITY_S),
            retry_delay: reader.seconds("RESIZER_RETRY_DELAY_S", 60, 0..=LONGEST_VISIBILITY_S),
            retry_delay_max: reader.seconds(
                "RESIZER_RETRY_DELAY_MAX_S",
                900,
                0..=LONGEST_VISIBILITY_S,
            ),
            drain: reader.seconds("RESIZER_DRAIN_S", 25, 0..=3600),
            status_address: reader.address(STATUS_ADDRESS.0, STATUS_ADDRESS.1),
        };
        let mut problems = reader.problems;
        if settings.retry_delay_max < settings.retry_delay {
            let problem = "RESIZER_RETRY_DELAY_MAX_S is less than RESIZER_RETRY_DELAY_S";
            problems.push(problem.to_owned());
        }
        if problems.is_empty() { Ok(settings) } else { Err(SettingsError(problems)) }
    }

    /// What the function's configuration is read with.
    pub(crate) fn of_function(&self) -> config::Settings {
        config::Settings {
            memory_size_mib: Some(self.memory_mib - OWN_MEMORY_MIB),
            processors: Some(self.processors),
            ..config::Settings::from_env()
        }
    }

    /// A message must not come back while S3 may still carry out what its last delivery asked for.
    ///
    /// # Errors
    /// `SettingsError` where it could.
    pub(crate) fn check_against(&self, config: &Config) -> Result<(), SettingsError> {
        let late_s = config.late_requests.as_secs_f64();
        let late = format!("limits.late_request_ms of the configuration ({late_s} s)");
        let mut problems = Vec::new();
        if self.visibility / 2 < config.late_requests {
            let visibility_s = self.visibility.as_secs();
            problems.push(format!(
                "RESIZER_VISIBILITY_S is {visibility_s}; it must be at least twice {late}, because \
                 half of it is what is left to a message when its worker is killed"
            ));
        }
        if self.retry_delay < config.late_requests {
            let delay_s = self.retry_delay.as_secs();
            problems
                .push(format!("RESIZER_RETRY_DELAY_S is {delay_s}; it must be at least {late}"));
        }
        if problems.is_empty() { Ok(()) } else { Err(SettingsError(problems)) }
    }
}

/// The address of the status server alone, for the health check.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn status_address() -> Result<SocketAddr, String> {
    let variable = |name: &str| std::env::var(name).ok();
    let mut reader = Reader { variable, problems: Vec::new() };
    let address = reader.address(STATUS_ADDRESS.0, STATUS_ADDRESS.1);
    reader.problems.pop().map_or(Ok(address), Err)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use resizer::config::{self, Config};

    use super::Settings;

    const QUEUE: (&str, &str) = ("RESIZER_QUEUE_URL", "http://localhost/1/q");

    fn read(variables: &[(&str, &str)]) -> Result<Settings, String> {
        let find = |name: &str| variables.iter().find(|(known, _)| *known == name);
        let found = |name: &str| find(name).map(|(_, value)| (*value).to_owned());
        Settings::from(found).map_err(|error| error.to_string())
    }

    #[test]
    fn only_the_queue_must_be_set() {
        let settings = read(&[QUEUE]).expect("defaults");
        assert_eq!(settings.name, "resizer-worker");
        assert_eq!(settings.visibility, Duration::from_secs(180));
        let config = Config::load(&config::Settings::default()).expect("the default");
        settings.check_against(&config).expect("the defaults fit each other");
    }

    #[test]
    fn concurrency_follows_from_processors() {
        let concurrency = |processors| {
            read(&[QUEUE, ("RESIZER_PROCESSORS", processors)]).expect("a number").concurrency
        };
        assert_eq!(["0.25", "1", "1.5", "4"].map(concurrency), [2, 2, 4, 8]);
        let given = read(&[QUEUE, ("RESIZER_CONCURRENCY", "3"), ("RESIZER_PROCESSORS", "16")]);
        assert_eq!(given.expect("both").concurrency, 3);
    }

    #[test]
    fn all_problems_are_in_one_message() {
        let problems = read(&[
            ("RESIZER_QUEUE_URL", "uploads"),
            ("RESIZER_MEMORY_MIB", "64"),
            ("RESIZER_PROCESSORS", "many"),
            ("RESIZER_DEADLINE_S", "0"),
            ("RESIZER_RETRY_DELAY_S", "1000"),
            ("RESIZER_STATUS_ADDRESS", "9090"),
        ]);
        assert_eq!(
            problems.expect_err("six problems"),
            "the worker's settings cannot be used:\
             \n  - RESIZER_QUEUE_URL is \"uploads\"; it must be the URL of a queue, not its name \
             or ARN\
             \n  - RESIZER_MEMORY_MIB is \"64\"; it may be 128 to 16777216\
             \n  - RESIZER_PROCESSORS is \"many\"; it may be 0.1 to 1024\
             \n  - RESIZER_DEADLINE_S is \"0\"; it may be 1 to 39600\
             \n  - RESIZER_STATUS_ADDRESS is \"9090\"; it must be an address and a port, such as \
             0.0.0.0:9090\
             \n  - RESIZER_RETRY_DELAY_MAX_S is less than RESIZER_RETRY_DELAY_S"
        );
        assert!(read(&[]).expect_err("no queue").contains("RESIZER_QUEUE_URL is not set"));
    }

    #[test]
    fn messages_may_not_come_back_too_early() {
        let settings =
            read(&[QUEUE, ("RESIZER_VISIBILITY_S", "100"), ("RESIZER_RETRY_DELAY_S", "59")]);
        let config = Config::load(&config::Settings::default()).expect("the default");
        let error = settings.expect("numbers").check_against(&config).expect_err("two problems");
        assert_eq!(
            error.to_string(),
            "the worker's settings cannot be used:\
             \n  - RESIZER_VISIBILITY_S is 100; it must be at least twice limits.late_request_ms \
             of the configuration (60 s), because half of it is what is left to a message when its \
             worker is killed\
             \n  - RESIZER_RETRY_DELAY_S is 59; it must be at least limits.late_request_ms of the \
             configuration (60 s)"
        );
    }
}
