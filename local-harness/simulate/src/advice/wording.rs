//! The sentences of an advice.

use std::fmt::Write;

use super::{Advice, Bound, MemorySize};
use crate::outcome::Outcome;
use crate::scenario::Scenario;
use crate::time::seconds;

/// A share of the places at which the mapping counts as full.
const NEARLY: f64 = 0.95;
/// Uploads that wait longer than this are said to wait.
const LONG_WAIT_S: f64 = 60.0;

impl Advice {
    /// The advice as one paragraph.
    pub fn text(&self, scenario: &Scenario, outcome: &Outcome) -> String {
        let sentences = [
            self.need(),
            self.concurrency(scenario, outcome),
            self.throttles(scenario, outcome),
            self.polling(scenario),
            self.s3(scenario, outcome),
            self.visibility(scenario, outcome),
            self.memory(scenario),
        ];
        let sentences: Vec<String> = sentences.into_iter().filter(|it| !it.is_empty()).collect();
        sentences.join(" ")
    }

    fn need(&self) -> String {
        let Self { needed_per_s, busy_s_per_upload, needed_concurrency, .. } = self;
        let mut text = format!(
            "For waits of at most a minute, {needed_per_s:.0} uploads must be processed each \
             second. At {busy_s_per_upload:.2} s of an environment for each"
        );
        if self.busy_with_timeouts >= 1.0 {
            let waiting = self.busy_with_timeouts;
            write_to(&mut text, format_args!(", and {waiting:.0} environments in timeouts"));
        }
        let end =
            format_args!(", this takes {needed_concurrency} environments with a fifth to spare.");
        write_to(&mut text, end);
        text
    }

    fn concurrency(&self, scenario: &Scenario, outcome: &Outcome) -> String {
        let (places, wanted) = (scenario.places(), self.maximum_concurrency);
        let is_full = outcome.peaks.batches as f64 >= places as f64 * NEARLY;
        let waited = outcome.peaks.oldest_s;
        let what =
            if self.pollers.is_some() { "the pollers' places" } else { "MaximumConcurrency" };
        let why = match self.bound {
            Bound::Need => String::new(),
            Bound::S3 => format!(
                ", as S3 accepts the writes of {:.0} uploads a second",
                scenario.s3.max_uploads_per_s()
            ),
            Bound::Lambda => {
                format!(", as Lambda runs {} at a time", scenario.lambda.concurrency())
            }
        };
        if is_full && waited > LONG_WAIT_S && wanted > places {
            return format!(
                "All {places} places were taken, and messages waited for {}: set {what} \
                 to {wanted}{why}.",
                time(waited)
            );
        }
        if wanted < places {
            return format!("Set {what} to {wanted} instead of {places}{why}.");
        }
        if waited > LONG_WAIT_S && self.bound != Bound::Need {
            return format!(
                "Messages waited for {}. More than {places} places would not help{why}.",
                time(waited)
            );
        }
        format!("{places} places are enough: messages waited for {} at most.", time(waited))
    }

    fn throttles(&self, scenario: &Scenario, outcome: &Outcome) -> String {
        let limit = scenario.lambda.concurrency();
        let whose = match scenario.lambda.reserved_concurrency {
            Some(_) => "the reserved concurrency",
            None => "the account's concurrency",
        };
        let throttles = outcome.events.throttles;
        if throttles > 0 && limit < scenario.places() {
            return format!(
                "Lambda throttled {throttles} starts, because {whose} of {limit} is below the \
                 mapping's {}, and {} deliveries were used up by this: never let the mapping have \
                 more places.",
                scenario.places(),
                outcome.events.throttled_deliveries
            );
        }
        if throttles > 0 {
            return format!(
                "Lambda throttled {throttles} starts while environments were made at its scaling \
                 rate."
            );
        }
        format!(
            "Nothing was throttled below {whose} of {limit}; a reserved concurrency below {} would \
             use up deliveries.",
            self.maximum_concurrency
        )
    }

    fn polling(&self, scenario: &Scenario) -> String {
        let Self { ramp_wait_s, wait_s, maximum_concurrency: wanted, .. } = self;
        match self.pollers {
            Some((low, high)) if scenario.has_standard_pollers() => format!(
                "Standard pollers begin with 5 places and gain 5 each second, so that uploads wait \
                 up to {}; with {wanted} places from the start it is {}. Set MinimumPollers to \
                 {low} and MaximumPollers to {high} if such \
                 peaks are worth pollers that are paid by the hour.",
                time(*ramp_wait_s),
                time(*wait_s)
            ),
            Some((low, high)) => {
                format!("Keep provisioned pollers: {low} at least and {high} at most.")
            }
            None => "Provisioned pollers would not make a difference.".to_owned(),
        }
    }

    fn s3(&self, scenario: &Scenario, outcome: &Outcome) -> String {
        let slow_downs = outcome.events.slow_downs;
        if slow_downs == 0 && self.bound != Bound::S3 {
            return String::new();
        }
        let of_one = scenario.s3.max_uploads_per_s() / f64::from(scenario.s3.prefixes);
        let prefixes = (self.needed_per_s / of_one).ceil().max(1.0);
        format!(
            "S3 answered 503 to {slow_downs} requests; the writes of {:.0} uploads a second need \
             {prefixes:.0} prefixes.",
            self.needed_per_s
        )
    }

    fn visibility(&self, scenario: &Scenario, outcome: &Outcome) -> String {
        let present_s = seconds(scenario.queue.visibility_timeout_us);
        let wanted_s = self.visibility_timeout_s;
        let mut text = if present_s < wanted_s {
            format!("Set the visibility timeout to {wanted_s:.0} s, six timeouts of the function.")
        } else {
            format!("Keep the visibility timeout of {present_s:.0} s.")
        };
        if outcome.events.failed_deliveries > 0 {
            let deliveries = scenario.queue.max_receive_count;
            let minutes = present_s * f64::from(deliveries) / 60.0;
            write_to(
                &mut text,
                format_args!(
                    " {} deliveries failed; {deliveries} of them, {minutes:.0} minutes, end an \
                     upload.",
                    outcome.events.failed_deliveries
                ),
            );
        }
        if outcome.innocent_dead_letters > 0 {
            write_to(
                &mut text,
                format_args!(
                    " {} dead letters are uploads without a fault; batches of one would spare them \
                     the timeouts of others.",
                    outcome.innocent_dead_letters
                ),
            );
        }
        if outcome.peaks.in_flight as f64 >= scenario.queue.max_in_flight as f64 * NEARLY {
            let limit = scenario.queue.max_in_flight;
            write_to(
                &mut text,
                format_args!(" The limit of {limit} messages in flight was reached."),
            );
        }
        text
    }

    fn memory(&self, scenario: &Scenario) -> String {
        let of = |mb: u32| self.memory.iter().find(|size| size.memory_size_mb == mb);
        let present_mb = scenario.lambda.memory_size_mb;
        let Some(best) = of(self.memory_size_mb) else {
            return format!("Keep {present_mb} MB.");
        };
        let MemorySize { memory_size_mb, batch_s, gb_s } = best;
        let rest = format!("{gb_s:.3} GB-s for each upload and {batch_s:.2} s for a full batch");
        if *memory_size_mb == present_mb {
            return format!("Keep {present_mb} MB: {rest}.");
        }
        format!("{memory_size_mb} MB would be the cheapest memory size if pictures fit: {rest}.")
    }
}

/// A duration in the unit that suits it.
fn time(time_s: f64) -> String {
    match time_s {
        7_200.0.. => format!("{:.1} h", time_s / 3_600.0),
        120.0.. => format!("{:.1} min", time_s / 60.0),
        _ => format!("{time_s:.0} s"),
    }
}

fn write_to(text: &mut String, more: std::fmt::Arguments<'_>) {
    text.write_fmt(more).expect("a String takes every write");
}
