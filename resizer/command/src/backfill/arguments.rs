//! The options of `resizer backfill`, and the texts among them that have a form of their own.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, ValueHint};

/// Uploads by bucket and beginning of their keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) bucket: String,
    /// Empty for the whole bucket.
    pub(crate) prefix: String,
}

/// How many objects may be begun in a time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rate {
    /// The least time between the starts of two objects.
    pub(crate) interval: Duration,
}

#[derive(Debug, Args)]
pub(crate) struct BackfillArguments {
    /// The uploads: a bucket, and what their keys begin with.
    #[arg(value_name = "s3://BUCKET/PREFIX")]
    pub(crate) target: Target,
    /// The configuration of the function; by default that of RESIZER_CONFIG or RESIZER_CONFIG_FILE,
    /// or the function's own default.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) config: Option<PathBuf>,
    /// Make only what is missing or outdated. Without this, everything is made again.
    #[arg(long)]
    pub(crate) only_missing: bool,
    /// Say what would be done and what it would cost, and write nothing to S3.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Delete the results that no rule makes any more, and make nothing.
    #[arg(long, conflicts_with = "only_missing")]
    pub(crate) prune: bool,
    /// Prune although a newer configuration has written to the output bucket: say so if this one is
    /// deployed now, after a rollback or after a rule was removed.
    #[arg(long, requires = "prune")]
    pub(crate) confirm_deployed: bool,
    /// A further bucket to prune, to which an earlier configuration wrote; may be given several
    /// times.
    #[arg(long, value_name = "BUCKET", requires_all = ["prune", "confirm_deployed"])]
    pub(crate) earlier_output_bucket: Vec<String>,
    /// Objects under way at the same time. Memory and processors are shared among them as in the
    /// function.
    #[arg(long, value_name = "N", default_value_t = 16,
          value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) parallel: u16,
    /// The most objects to begin in a second, a minute, or an hour: 50/s, 600/min, 1000/h.
    #[arg(long, value_name = "N/s")]
    pub(crate) rate: Option<Rate>,
    /// The time for one object in seconds; by default 900, and 60 if a rule moves or deletes
    /// originals. It must then not exceed the timeout of the function.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) timeout: Option<u64>,
    /// The file that keeps how far the work has come; by default in the current folder, named after
    /// bucket and prefix. Objects that failed or were refused are listed beside it.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) state: Option<PathBuf>,
    /// Begin anew, whatever the state file says.
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) restart: bool,
    #[command(flatten)]
    pub(crate) preview: PreviewArguments,
    #[command(flatten)]
    pub(crate) job: JobArguments,
    #[command(flatten)]
    pub(crate) connection: ConnectionArguments,
}

/// What a dry run looks at.
#[derive(Debug, Args)]
pub(crate) struct PreviewArguments {
    /// The objects of each rule that a dry run reads and renders, to know times and sizes.
    #[arg(long, value_name = "N", default_value_t = 20, requires = "dry_run",
          value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) sample: u32,
    /// The objects of each rule that a dry run checks with --only-missing. If there are more, the
    /// rest is estimated from them.
    #[arg(long, value_name = "N", default_value_t = 10_000, requires = "dry_run",
          value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub(crate) checked: u32,
}

/// A job of S3 Batch Operations instead of the work of this process.
#[derive(Debug, Args)]
pub(crate) struct JobArguments {
    /// Process nothing, and write a job of S3 Batch Operations for the deployed function into this
    /// folder: a manifest of all uploads that rules take, and the input of `aws s3control
    /// create-job`. The function makes what is missing or outdated.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath,
          requires_all = ["function_arn", "role_arn", "jobs"],
          conflicts_with_all = ["prune", "dry_run", "only_missing"])]
    pub(crate) batch_operations: Option<PathBuf>,
    /// The ARN of the function.
    #[arg(long, value_name = "ARN", requires = "batch_operations")]
    pub(crate) function_arn: Option<String>,
    /// The ARN of the role that S3 takes for the job.
    #[arg(long, value_name = "ARN", requires = "batch_operations")]
    pub(crate) role_arn: Option<String>,
    /// Where the manifest and the job's reports will lie; no rule may take them for uploads.
    #[arg(long, value_name = "s3://BUCKET/PREFIX", requires = "batch_operations")]
    pub(crate) jobs: Option<Target>,
}

/// Where S3 is, and what is known of the function.
#[derive(Debug, Args)]
pub(crate) struct ConnectionArguments {
    /// The URL of another store with the API of S3; by default that of AWS_ENDPOINT_URL_S3 or
    /// AWS_ENDPOINT_URL, or Amazon S3.
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    pub(crate) endpoint_url: Option<String>,
    /// Name buckets in the path instead of the host; this is the default with an endpoint URL.
    #[arg(long)]
    pub(crate) path_style: bool,
    /// The region; by default that of AWS_REGION or AWS_DEFAULT_REGION.
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// The output bucket of rules that name none; by default that of RESIZER_OUTPUT_BUCKET, or the
    /// upload bucket with `-variants`.
    #[arg(long, value_name = "BUCKET")]
    pub(crate) output_bucket: Option<String>,
    /// The memory of the function in MB, which limits the size of a picture. Refusals are
    /// recognized only if it is the same; by default only the configuration's limits count.
    #[arg(long, value_name = "MB", value_parser = clap::value_parser!(u64).range(128..=32_768))]
    pub(crate) memory: Option<u64>,
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let name = text.strip_prefix("s3://").ok_or("it does not begin with s3://")?;
        let (bucket, prefix) = name.split_once('/').unwrap_or((name, ""));
        if bucket.is_empty() {
            return Err("it names no bucket".to_owned());
        }
        Ok(Self { bucket: bucket.to_owned(), prefix: prefix.to_owned() })
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.prefix)
    }
}

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (count, unit) = text.split_once('/').unwrap_or((text, "s"));
        let seconds = match unit {
            "s" => 1.0,
            "min" => 60.0,
            "h" => 3600.0,
            _ => return Err(format!("/{unit} is none of /s, /min and /h")),
        };
        let count: f64 = count.parse().map_err(|_| format!("{count:?} is no number"))?;
        let interval = seconds / count;
        if !(count > 0.0 && (1e-6..=86_400.0).contains(&interval)) {
            return Err("it must be between one in a day and a million in a second".to_owned());
        }
        Ok(Self { interval: Duration::from_secs_f64(interval) })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Rate, Target};

    #[test]
    fn targets_are_a_bucket_and_a_prefix() {
        for (text, bucket, prefix) in [
            ("s3://uploads", "uploads", ""),
            ("s3://uploads/", "uploads", ""),
            ("s3://uploads/a b/c", "uploads", "a b/c"),
            ("s3://uploads//x", "uploads", "/x"),
        ] {
            let target: Target = text.parse().expect(text);
            assert_eq!((&*target.bucket, &*target.prefix), (bucket, prefix), "{text}");
        }
        for text in ["uploads/x", "s3://", "s3:///x", "https://uploads"] {
            text.parse::<Target>().expect_err(text);
        }
    }

    #[test]
    fn rates_have_units() {
        for (text, micros) in
            [("50/s", 20_000), ("50", 20_000), ("600/min", 100_000), ("3600/h", 1_000_000)]
        {
            let rate: Rate = text.parse().expect(text);
            assert_eq!(rate.interval, Duration::from_micros(micros), "{text}");
        }
        for text in ["0/s", "-1/s", "x/s", "5/d", "", "inf/s", "NaN/s", "1e9/s"] {
            text.parse::<Rate>().expect_err(text);
        }
    }
}
