//! The bill: what was used in, lines with dollars out. Pure; the prices come from a file.

use std::ops::AddAssign;
use std::path::Path;

use resizer::store::Requests;
use serde::{Deserialize, Serialize};

use crate::commands::CommandError;

/// The file of prices that applies unless another one is named.
const BUILT_IN: &str = include_str!("../prices.toml");

/// Bytes of a GB of storage or transfer.
const GB: f64 = 1e9;

/// The processor of a function, which decides the price of its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Architecture {
    /// Intel and AMD.
    X86_64,
    /// Graviton.
    Arm64,
}

impl Architecture {
    /// That of this machine.
    pub fn of_this_machine() -> Self {
        if cfg!(target_arch = "aarch64") { Self::Arm64 } else { Self::X86_64 }
    }

    /// AWS's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Arm64 => "arm64",
        }
    }
}

/// What AWS asks, in dollars.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// Year and month of the prices, `2026-11`.
    pub as_of: String,
    /// Where they apply.
    pub region: String,
    /// Of the function.
    pub lambda: LambdaPrices,
    /// Of the buckets.
    pub s3: S3Prices,
    /// Of the queue.
    pub sqs: SqsPrices,
    /// Of data that leaves the region.
    pub transfer: TransferPrices,
}

/// What Lambda asks.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LambdaPrices {
    /// A GB of memory for a second on x86_64.
    pub gb_second_x86_64: f64,
    /// The same on arm64.
    pub gb_second_arm64: f64,
    /// A million invocations.
    pub million_requests: f64,
}

/// What S3 asks.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct S3Prices {
    /// A thousand PUT, COPY, POST, or LIST requests.
    pub thousand_writes: f64,
    /// A thousand GET or HEAD requests.
    pub thousand_reads: f64,
    /// A GB for a month.
    pub gb_month: f64,
}

/// What SQS asks.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SqsPrices {
    /// A million requests of a standard queue.
    pub million_requests: f64,
}

/// What leaves the region.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransferPrices {
    /// A GB to the internet.
    pub gb_out: f64,
}

/// A price as it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PriceLine {
    /// Of what.
    pub name: &'static str,
    /// Of how much of it.
    pub unit: &'static str,
    /// In dollars.
    pub dollars: f64,
}

impl Prices {
    /// The dated prices that the harness comes with.
    ///
    /// # Panics
    /// Never: a test reads the file.
    pub fn built_in() -> Self {
        Self::parse(BUILT_IN).expect("the file of prices that comes with the harness is valid")
    }

    /// Reads a file of prices; without one, those that the harness comes with.
    ///
    /// # Errors
    /// `File` where it cannot be read, `Prices` for what is wrong with it.
    pub fn read(path: Option<&Path>) -> Result<Self, CommandError> {
        let Some(path) = path else { return Ok(Self::built_in()) };
        let text = std::fs::read_to_string(path).map_err(CommandError::file(path))?;
        let parsed = Self::parse(&text);
        parsed.map_err(|source| CommandError::Prices { path: path.to_owned(), source })
    }

    /// Parses a file of prices.
    ///
    /// # Errors
    /// What is wrong with it, with the line.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// A GB-second of a function.
    pub fn gb_second(&self, architecture: Architecture) -> f64 {
        match architecture {
            Architecture::X86_64 => self.lambda.gb_second_x86_64,
            Architecture::Arm64 => self.lambda.gb_second_arm64,
        }
    }

    /// All prices that a bill for this kind of function uses.
    pub fn lines(&self, architecture: Architecture) -> Vec<PriceLine> {
        let line = |name, unit, dollars| PriceLine { name, unit, dollars };
        vec![
            line("compute", "GB-s", self.gb_second(architecture)),
            line("requests to Lambda", "million", self.lambda.million_requests),
            line("PUT", "thousand", self.s3.thousand_writes),
            line("GET and HEAD", "thousand", self.s3.thousand_reads),
            line("queue", "million requests", self.sqs.million_requests),
            line("storage", "GB-month", self.s3.gb_month),
            line("data out", "GB", self.transfer.gb_out),
        ]
    }
}

/// What was used of AWS.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Usage {
    /// Billed time of the function, times its memory in GB of 1,024 MB.
    pub gb_s: f64,
    /// Invocations.
    pub invocations: f64,
    /// PUT, COPY, POST, and LIST requests to S3.
    pub writes: f64,
    /// GET and HEAD requests to S3.
    pub reads: f64,
    /// Requests to SQS.
    pub queue_requests: f64,
    /// Storage: bytes, times months.
    pub byte_months: f64,
    /// Bytes to the internet.
    pub bytes_out: f64,
}

impl AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.gb_s += other.gb_s;
        self.invocations += other.invocations;
        self.writes += other.writes;
        self.reads += other.reads;
        self.queue_requests += other.queue_requests;
        self.byte_months += other.byte_months;
        self.bytes_out += other.bytes_out;
    }
}

/// One line of a bill.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BillLine {
    /// For what.
    pub name: &'static str,
    /// How much of it.
    pub amount: f64,
    /// In this unit.
    pub unit: &'static str,
    /// In dollars.
    pub dollars: f64,
}

impl Usage {
    /// An invocation of a function with so much memory.
    pub fn of_invocation(billed_ms: u64, memory_size_mb: u32) -> Self {
        let gb_s = billed_ms as f64 / 1000.0 * f64::from(memory_size_mb) / 1024.0;
        Self { gb_s, invocations: 1.0, ..Self::default() }
    }

    /// The requests of an upload to S3.
    pub fn of_requests(requests: Requests) -> Self {
        let Requests { get, head, put, copy, delete: _, list, retries: _ } = requests;
        Self {
            writes: f64::from(put) + f64::from(copy) + f64::from(list),
            reads: f64::from(get) + f64::from(head),
            ..Self::default()
        }
    }

    /// The part of it that falls to one of several uploads.
    #[must_use]
    pub fn share(self, share: f64) -> Self {
        Self {
            gb_s: self.gb_s * share,
            invocations: self.invocations * share,
            writes: self.writes * share,
            reads: self.reads * share,
            queue_requests: self.queue_requests * share,
            byte_months: self.byte_months * share,
            bytes_out: self.bytes_out * share,
        }
    }

    /// The bill. Storage and transfer are on it where they were counted.
    pub fn bill(&self, prices: &Prices, architecture: Architecture) -> Vec<BillLine> {
        let line = |name, amount, unit, price: f64| BillLine {
            name,
            amount,
            unit,
            dollars: amount * price,
        };
        let million = |price: f64| price / 1e6;
        let thousand = |price: f64| price / 1e3;
        let (lambda, s3) = (&prices.lambda, &prices.s3);
        let mut lines = vec![
            line("compute", self.gb_s, "GB-s", prices.gb_second(architecture)),
            line("requests to Lambda", self.invocations, "", million(lambda.million_requests)),
            line("PUT", self.writes, "", thousand(s3.thousand_writes)),
            line("GET and HEAD", self.reads, "", thousand(s3.thousand_reads)),
            line("queue", self.queue_requests, "", million(prices.sqs.million_requests)),
        ];
        let gb = |bytes: f64| bytes / GB;
        if self.byte_months > 0.0 {
            lines.push(line("storage", gb(self.byte_months), "GB-month", s3.gb_month));
        }
        if self.bytes_out > 0.0 {
            lines.push(line("data out", gb(self.bytes_out), "GB", prices.transfer.gb_out));
        }
        lines
    }

    /// The sum of the bill.
    pub fn dollars(&self, prices: &Prices, architecture: Architecture) -> f64 {
        self.bill(prices, architecture).iter().map(|line| line.dollars).sum()
    }
}

#[cfg(test)]
mod tests {
    use resizer::store::Requests;

    use super::{Architecture, Prices, Usage};

    #[test]
    fn a_million_uploads_cost_what_can_be_computed_by_hand() {
        let prices = Prices::built_in();
        let requests = Requests { get: 1, head: 1, put: 5, delete: 1, ..Requests::default() };
        let mut one = Usage::of_invocation(200, 2048);
        one += Usage::of_requests(requests);
        one += Usage { queue_requests: 3.0, ..Usage::default() };
        let million = one.share(1e6);
        let bill = million.bill(&prices, Architecture::X86_64);
        let dollars: Vec<f64> = bill.iter().map(|line| (line.dollars * 100.0).round()).collect();
        // 400,000 GB-s; 10^6 requests; 5 * 10^6 PUTs; 2 * 10^6 GETs and HEADs; 3 * 10^6 messages.
        assert_eq!(dollars, [667.0, 20.0, 2500.0, 80.0, 120.0]);
        let arm = million.dollars(&prices, Architecture::Arm64);
        assert!((arm - (5.33336 + 0.2 + 25.0 + 0.8 + 1.2)).abs() < 1e-6, "{arm}");
    }

    #[test]
    fn storage_and_transfer_are_on_the_bill_where_they_are_counted() {
        let usage = Usage { byte_months: 2e9, bytes_out: 1e10, ..Usage::default() };
        let bill = usage.bill(&Prices::built_in(), Architecture::X86_64);
        let last: Vec<(&str, f64)> =
            bill[5..].iter().map(|line| (line.name, line.dollars)).collect();
        assert_eq!(last.len(), 2);
        assert!((last[0].1 - 0.046).abs() < 1e-12 && (last[1].1 - 0.9).abs() < 1e-12, "{last:?}");
    }

    #[test]
    fn a_file_of_prices_with_an_unknown_name_is_refused() {
        let text = format!("{}\n[sns]\nmillion_requests = 0.5\n", super::BUILT_IN);
        let error = Prices::parse(&text).expect_err("unknown").to_string();
        assert!(error.contains("sns"), "{error}");
    }
}
