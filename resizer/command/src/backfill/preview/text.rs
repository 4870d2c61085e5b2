//! What a dry run says.

use std::time::Duration;

use super::Preview;
use super::estimate::Estimate;
use crate::backfill::prices::{WHAT_PRICES, job_dollars, money, transfer_dollars};
use crate::backfill::progress::duration;
use crate::output::{bytes, grouped};
use crate::table::{Align, Table};

/// The function of the estimate, with one processor.
const FUNCTION_MIB: u64 = 1769;

/// What requests to S3 take of an upload, beside the engine: GET, PUTs in parallel, HEAD. Source:
/// the log lines in README.md, and 20 to 50 ms for a request of S3.
const REQUESTS_SECONDS: f64 = 0.12;

/// The same of an up-to-date check: HEADs, eight at a time.
const CHECK_SECONDS: f64 = 0.08;

impl Preview {
    /// All that there is to say, for a run on so many processors.
    pub(crate) fn text(&self, processors: usize) -> String {
        let total = &self.total;
        let mut text = format!("{}\n{}\n", self.counts.found(), self.plan());
        if self.checked > 0 && self.checked < self.counts.all_taken().objects {
            text.push_str(&format!(
                "{} objects were checked; the rest is estimated from them.\n",
                grouped(self.checked)
            ));
        }
        text.push_str(&format!(
            "Times, sizes and refusals are estimated from {} objects that were rendered.\n\n",
            grouped(self.rendered)
        ));
        if let Some(problem) = &self.problem {
            text.push_str(&format!("Objects will fail; the first one of them: {problem}\n\n"));
        }
        let margin = total.margin_dollars();
        let margin =
            if margin > 0.0 { format!(" +- {} (95 %)", money(margin)) } else { String::new() };
        text.push_str(&format!(
            "requests: {}\nbill: {}{margin} ({WHAT_PRICES})\n",
            total.sent.text(),
            money(total.sent.dollars()),
        ));
        text.push_str(&self.elsewhere(processors));
        text.push_str(&format!(
            "this dry run: {}, {}\n",
            self.spent.text(),
            money(self.spent.dollars())
        ));
        text
    }

    fn plan(&self) -> String {
        let mut table = Table::new([
            ("to do", Align::Left),
            ("objects", Align::Right),
            ("current", Align::Right),
            ("to make", Align::Right),
            ("of them refused", Align::Right),
            ("to fail", Align::Right),
            ("results", Align::Right),
            ("originals that go", Align::Right),
        ]);
        for (name, estimate) in &self.rules {
            let Estimate { objects, current, to_make, refused, failing, .. } = *estimate;
            let Estimate { result_bytes, originals, .. } = *estimate;
            table.add([
                format!("rule {name:?}"),
                whole(objects),
                whole(current),
                whole(to_make),
                whole(refused),
                whole(failing),
                bytes(rounded(result_bytes)),
                whole(originals),
            ]);
        }
        table.text("")
    }

    /// What comes on top here, and what the same would take on Lambda.
    fn elsewhere(&self, processors: usize) -> String {
        let Estimate { objects, to_make, source_bytes, engine_seconds, sent, .. } = self.total;
        let here = engine_seconds / processors.max(1) as f64;
        let here = Duration::try_from_secs_f64(here).unwrap_or(Duration::MAX);
        let transfer = transfer_dollars(rounded(source_bytes));
        let checks = if self.checked > 0 { objects } else { 0.0 };
        let seconds = engine_seconds + to_make * REQUESTS_SECONDS + checks * CHECK_SECONDS;
        let job = job_dollars(rounded(objects), FUNCTION_MIB, seconds);
        let gb_seconds = seconds * FUNCTION_MIB as f64 / 1024.0;
        format!(
            "on this machine: at least {} on {processors} processors; outside of the bucket's \
             region, {} to read {}\non Lambda, by S3 Batch Operations: {} more ({} GB-seconds on \
             arm64 with {} MB, by the times of this machine), {} in all\n",
            duration(here),
            money(transfer),
            bytes(rounded(source_bytes)),
            money(job),
            whole(gb_seconds),
            grouped(FUNCTION_MIB),
            money(job + sent.dollars()),
        )
    }
}

fn whole(number: f64) -> String {
    grouped(rounded(number))
}

fn rounded(number: f64) -> u64 {
    number.max(0.0).round() as u64
}
