//! Environment variables in, `Settings` out, or every problem in one message. docs/worker.md lists
//! them; the function's own variables are read by the function's code.

mod reader;

use std::fmt::{self, Debug};
use std::net::SocketAddr;
use std::num::NonZero;
use std::time::Duration;

use resizer::config::{self, Config};

use crate::memory;
use reader::Reader;

/// Uploads at the same time for each processor: one is rendered while another one is fetched.
const EVENTS_PER_PROCESSOR: usize = 2;

/// The part of the memory that `--http` keeps for what clients send and receive, and its limit. At
/// least 32 MiB are left of the least memory.
const HTTP_MEMORY_PART: u64 = 4;
const MAX_HTTP_MEMORY_MIB: u64 = 256;

/// Memory that the worker takes beside what the function would: connections, clients and queues.
const OWN_MEMORY_MIB: u64 = 40;

/// The least memory that leaves something for pictures.
const LEAST_MEMORY_MIB: u64 = 128;

/// How long a request for a picture may take.
pub(crate) const PICTURE_DEADLINE: Duration = Duration::from_secs(30);

/// What SQS takes as a visibility timeout, seconds.
const LONGEST_VISIBILITY_S: u64 = 12 * 3600;

/// What the worker was told by its environment.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Settings {
    /// Nothing where work comes by HTTP alone.
    pub(crate) queue_url: Option<String>,
    /// Nothing where it comes from the queue alone.
    pub(crate) http: Option<HttpSettings>,
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

/// What the public HTTP server goes by.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HttpSettings {
    pub(crate) address: SocketAddr,
    /// Each lets a sender of events in.
    pub(crate) tokens: Secrets,
    /// Each signs events.
    pub(crate) secrets: Secrets,
    /// Whether a token may stand in the URL.
    pub(crate) token_in_url: bool,
}

/// Texts that no log may show.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secrets(pub(crate) Vec<String>);

impl Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} secrets", self.0.len())
    }
}

/// Settings that cannot be used. The message lists all problems.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the worker's settings cannot be used:{}", listed(.0))]
pub(crate) struct SettingsError(Vec<String>);

fn listed(problems: &[String]) -> String {
    problems.iter().map(|problem| format!("\n  - {problem}")).collect()
}

const STATUS_ADDRESS: (&str, &str) = ("RESIZER_STATUS_ADDRESS", "0.0.0.0:9090");

impl Settings {
    /// Reads the process's environment.
    ///
    /// # Errors
    /// `SettingsError` with all problems.
    pub(crate) fn read(with_http: bool) -> Result<Self, SettingsError> {
        Self::from(with_http, |name| std::env::var(name).ok())
    }

    fn from(
        with_http: bool,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, SettingsError> {
        let mut reader = Reader { variable, problems: Vec::new() };
        let queue_url = reader.queue_url(!with_http);
        let http = with_http.then(|| reader.http());
        let memory_mib = memory::available_mib().unwrap_or(1024).max(LEAST_MEMORY_MIB);
        let memory_range = LEAST_MEMORY_MIB..=16 << 20;
        let memory_mib = reader.number("RESIZER_MEMORY_MIB", memory_mib, memory_range);
        let seen = std::thread::available_parallelism().map_or(1, NonZero::get);
        let processors = reader.number("RESIZER_PROCESSORS", seen as f64, 0.1..=1024.0);
        let concurrency = (processors.ceil() as usize).max(1) * EVENTS_PER_PROCESSOR;
        let concurrency = reader.number("RESIZER_CONCURRENCY", concurrency, 1..=1024);
        let settings = Self {
            queue_url,
            http,
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
        // SQS counts the longest time from when the message was received.
        let longest = Duration::from_secs(LONGEST_VISIBILITY_S) - settings.deadline;
        for (name, time) in [
            ("RESIZER_VISIBILITY_S", settings.visibility),
            ("RESIZER_RETRY_DELAY_MAX_S", settings.retry_delay_max),
        ] {
            if time > longest {
                let longest_s = longest.as_secs();
                problems.push(format!(
                    "{name} is {}; with this RESIZER_DEADLINE_S, it may be at most {longest_s}, \
                     because SQS hides a message for at most 12 hours",
                    time.as_secs()
                ));
            }
        }
        if settings.retry_delay_max < settings.retry_delay {
            let problem = "RESIZER_RETRY_DELAY_MAX_S is less than RESIZER_RETRY_DELAY_S";
            problems.push(problem.to_owned());
        }
        if problems.is_empty() { Ok(settings) } else { Err(SettingsError(problems)) }
    }

    /// The longest that any delivery lives, one of a request for a picture among them. Results that
    /// are older than this and a late request are those of deliveries that have ended.
    pub(crate) fn lifetime(&self) -> Duration {
        if self.http.is_some() { self.deadline.max(PICTURE_DEADLINE) } else { self.deadline }
    }

    /// Bytes of pictures that are being read from S3 or sent, all together.
    pub(crate) fn picture_bytes(&self) -> u64 {
        (self.http_memory_mib() << 20) / 4 * 3
    }

    /// Bytes of events that are being received, all together.
    pub(crate) fn event_bytes(&self) -> u64 {
        (self.http_memory_mib() << 20) / 4
    }

    fn http_memory_mib(&self) -> u64 {
        let part = (self.memory_mib / HTTP_MEMORY_PART).min(MAX_HTTP_MEMORY_MIB);
        if self.http.is_some() { part } else { 0 }
    }

    /// What the function's configuration is read with.
    pub(crate) fn of_function(&self) -> config::Settings {
        config::Settings {
            memory_size_mib: Some(self.memory_mib - OWN_MEMORY_MIB - self.http_memory_mib()),
            processors: Some(self.processors),
            ..config::Settings::from_env()
        }
    }

    /// A message must not come back while S3 may still carry out what its last delivery asked for,
    /// and there must be something to serve.
    ///
    /// # Errors
    /// `SettingsError` where it is otherwise.
    pub(crate) fn check_against(&self, config: &Config) -> Result<(), SettingsError> {
        let late_s = config.late_requests.as_secs_f64();
        let late = format!("limits.late_request_ms of the configuration ({late_s} s)");
        let mut problems = Vec::new();
        if let Some(HttpSettings { tokens, secrets, .. }) = &self.http
            && tokens.0.is_empty()
            && secrets.0.is_empty()
            && config.endpoint.is_none()
        {
            let problem = "--http would serve nothing: set RESIZER_WEBHOOK_TOKENS for the webhook, \
                           or add [endpoint] to the configuration for pictures";
            problems.push(problem.to_owned());
        }
        let has_queue = self.queue_url.is_some();
        if has_queue && self.visibility / 2 < config.late_requests {
            let visibility_s = self.visibility.as_secs();
            problems.push(format!(
                "RESIZER_VISIBILITY_S is {visibility_s}; it must be at least twice {late}, because \
                 half of it is what is left to a message when its worker is killed"
            ));
        }
        if has_queue && self.retry_delay < config.late_requests {
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
        let with_http = variables.iter().any(|(name, _)| *name == "--http");
        Settings::from(with_http, found).map_err(|error| error.to_string())
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

    #[test]
    fn http_needs_no_queue_but_something_to_serve() {
        let http = ("--http", "");
        let token = "0123456789abcdef0123456789abcdef";
        let tokens = format!("{token}, {token}x,");
        let settings = read(&[http, ("RESIZER_WEBHOOK_TOKENS", &tokens)]).expect("two tokens");
        let config = Config::load(&config::Settings::default()).expect("the default");
        settings.check_against(&config).expect("there is a webhook");
        let of_http = settings.http.as_ref().expect("it was asked for");
        assert_eq!(of_http.tokens.0, [token.to_owned(), format!("{token}x")]);
        assert!(!format!("{settings:?}").contains(token), "secrets are not for logs");
        assert_eq!(settings.queue_url, None);

        let nothing = read(&[http]).expect("no problem yet").check_against(&config);
        let message = nothing.expect_err("nothing is served").to_string();
        assert!(message.contains("--http would serve nothing"), "{message}");

        let short = read(&[
            http,
            ("RESIZER_WEBHOOK_TOKENS", &format!("{token},short")),
            ("RESIZER_WEBHOOK_TOKEN_IN_URL", "yes"),
        ]);
        let message = short.expect_err("two problems");
        assert!(message.contains("RESIZER_WEBHOOK_TOKENS: number 2 must have"), "{message}");
        assert!(message.contains("is \"yes\"; it may be true or false"), "{message}");
        assert!(!message.contains("short,"), "{message}");

        let encoded = [
            http,
            ("RESIZER_WEBHOOK_TOKENS", &format!("{token}+/")),
            ("RESIZER_WEBHOOK_TOKEN_IN_URL", "true"),
        ];
        let message = read(&encoded).expect_err("one problem");
        assert!(message.contains("would have to be encoded in a URL"), "{message}");
    }
}
