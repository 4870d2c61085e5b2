//! One environment variable in, its value out, and what is wrong with it into a list.

use std::fmt::Display;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use super::{HttpSettings, Secrets};

/// Characters of the shortest token or secret: 32 hexadecimal digits have 128 bits.
const MIN_SECRET_CHARS: usize = 32;

/// Reads variables and collects what is wrong with them.
pub(super) struct Reader<F> {
    pub(super) variable: F,
    pub(super) problems: Vec<String>,
}

impl<F: Fn(&str) -> Option<String>> Reader<F> {
    pub(super) fn text(&self, name: &str) -> Option<String> {
        (self.variable)(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// A value within a range, or the default.
    pub(super) fn number<T: FromStr + PartialOrd + Display + Copy>(
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

    pub(super) fn seconds(
        &mut self,
        name: &str,
        default_s: u64,
        range: RangeInclusive<u64>,
    ) -> Duration {
        Duration::from_secs(self.number(name, default_s, range))
    }

    /// Several with commas between them.
    pub(super) fn secrets(&mut self, name: &str) -> Secrets {
        let text = self.text(name).unwrap_or_default();
        let secrets: Vec<String> = text
            .split(',')
            .map(|secret| secret.trim().to_owned())
            .filter(|secret| !secret.is_empty())
            .collect();
        for (index, secret) in secrets.iter().enumerate() {
            let is_good =
                secret.len() >= MIN_SECRET_CHARS && secret.chars().all(|c| c.is_ascii_graphic());
            if !is_good {
                let number = index + 1;
                self.problems.push(format!(
                    "{name}: number {number} must have at least {MIN_SECRET_CHARS} characters of \
                     visible ASCII; `openssl rand -hex 32` makes a good one"
                ));
            }
        }
        Secrets(secrets)
    }

    pub(super) fn switch(&mut self, name: &str) -> bool {
        match self.text(name).as_deref() {
            None | Some("false") => false,
            Some("true") => true,
            Some(text) => {
                self.problems.push(format!("{name} is \"{text}\"; it may be true or false"));
                false
            }
        }
    }

    pub(super) fn http(&mut self) -> HttpSettings {
        let settings = HttpSettings {
            address: self.address("RESIZER_HTTP_ADDRESS", "0.0.0.0:8080"),
            tokens: self.secrets("RESIZER_WEBHOOK_TOKENS"),
            secrets: self.secrets("RESIZER_WEBHOOK_SECRETS"),
            token_in_url: self.switch("RESIZER_WEBHOOK_TOKEN_IN_URL"),
        };
        let is_of_urls = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
        if settings.token_in_url && !settings.tokens.0.iter().all(|one| one.chars().all(is_of_urls))
        {
            let problem = "RESIZER_WEBHOOK_TOKENS has a token that would have to be encoded in a \
                           URL; with RESIZER_WEBHOOK_TOKEN_IN_URL, use letters, digits and -._~";
            self.problems.push(problem.to_owned());
        }
        settings
    }

    pub(super) fn queue_url(&mut self, is_needed: bool) -> Option<String> {
        let Some(url) = self.text("RESIZER_QUEUE_URL") else {
            if is_needed {
                let problem = "RESIZER_QUEUE_URL is not set; it names the SQS queue of the \
                               uploads' events, as in \
                               https://sqs.eu-west-1.amazonaws.com/123456789012/uploads";
                self.problems.push(problem.to_owned());
            }
            return None;
        };
        if !["https://", "http://"].iter().any(|scheme| url.starts_with(scheme)) {
            let problem = "it must be the URL of a queue, not its name or ARN";
            self.problems.push(format!("RESIZER_QUEUE_URL is \"{url}\"; {problem}"));
        }
        Some(url)
    }

    pub(super) fn address(&mut self, name: &str, default: &str) -> SocketAddr {
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
