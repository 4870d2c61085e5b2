//! `cost`: the bill for a million uploads like those of a measured run, line by line.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::CommandError;
use super::load::usage;
use crate::bill::{Architecture, BillLine, Prices, Usage};
use crate::measured::Measured;
use crate::stdout::out;

const MILLION: f64 = 1e6;

/// The options of `cost`.
#[derive(Debug, Clone, clap::Args)]
pub struct CostArgs {
    /// The results of a run, as `load --json` writes them.
    pub measured: PathBuf,
    /// Prices, a TOML file. Default: local-harness/prices.toml.
    #[arg(long, value_name = "FILE")]
    pub prices: Option<PathBuf>,
    /// Months for which uploads and variants are stored.
    #[arg(long, default_value_t = 1.0, value_name = "NUMBER")]
    pub months: f64,
    /// Times that each variant is read by visitors. These are GET requests, and data out.
    #[arg(long, default_value_t = 0.0, value_name = "NUMBER")]
    pub views: f64,
    /// Say how each line is computed.
    #[arg(long)]
    pub formulas: bool,
}

/// Prints the bill.
///
/// # Errors
/// `File`, `Prices`, and `Check` for a file that is not one of `load`.
pub fn run(args: &CostArgs) -> Result<(), CommandError> {
    let measured = read(&args.measured)?;
    let prices = Prices::read(args.prices.as_deref())?;
    out!("{}", text(&measured, &prices, args));
    Ok(())
}

/// Reads the results of a run.
///
/// # Errors
/// `File`, and `Check` for a file that is not one of `load`.
pub fn read(path: &Path) -> Result<Measured, CommandError> {
    let text = std::fs::read_to_string(path).map_err(CommandError::file(path))?;
    serde_json::from_str(&text).map_err(|error| {
        let problem = format!("it is no file that `load --json` wrote: {error}");
        CommandError::Check { what: path.display().to_string(), problem }
    })
}

/// What a million such uploads use, with storage and views.
fn million(measured: &Measured, args: &CostArgs) -> Usage {
    let uploads = measured.uploads.max(1) as f64;
    let mut used = usage(measured);
    let (uploaded, stored) = (measured.bytes.uploaded as f64, measured.bytes.stored as f64);
    used.byte_months += (uploaded + stored) * args.months;
    used.bytes_out += stored * args.views;
    used.reads += measured.variants as f64 * args.views;
    used.share(MILLION / uploads)
}

fn text(measured: &Measured, prices: &Prices, args: &CostArgs) -> String {
    let mut text = String::new();
    write(&mut text, measured, prices, args).expect("a String takes every write");
    text
}

fn write(
    text: &mut String,
    measured: &Measured,
    prices: &Prices,
    args: &CostArgs,
) -> std::fmt::Result {
    let used = million(measured, args);
    let setup = &measured.setup;
    writeln!(
        text,
        "A million uploads like the {} of this run (pictures {}, {} MB), at the prices of {} in \
         {}:\n",
        measured.uploads, setup.pictures, setup.memory_size_mb, prices.as_of, prices.region
    )?;
    let bills = [Architecture::X86_64, Architecture::Arm64]
        .map(|architecture| used.bill(prices, architecture));
    writeln!(text, "{:20}{:>16}  {:9}{:>10}{:>10}", "", "amount", "", "x86_64", "arm64")?;
    for (x86_64, arm64) in bills[0].iter().zip(&bills[1]) {
        let BillLine { name, amount, unit, dollars } = x86_64;
        let (x86_64, arm64) = (money(*dollars), money(arm64.dollars));
        writeln!(text, "{name:20}{:>16}  {unit:9}{x86_64:>10}{arm64:>10}", grouped(*amount))?;
    }
    let [x86_64, arm64] = bills.map(|bill| bill.iter().map(|line| line.dollars).sum());
    let (x86_64, arm64) = (money(x86_64), money(arm64));
    writeln!(text, "{:20}{:>16}  {:9}{x86_64:>10}{arm64:>10}", "sum", "", "")?;
    writeln!(
        text,
        "\nThe times were measured on {}; on the other processor they are assumed to be the same.",
        setup.architecture
    )?;
    if args.formulas {
        formulas(text, measured, args)?;
    }
    Ok(())
}

fn formulas(text: &mut String, measured: &Measured, args: &CostArgs) -> std::fmt::Result {
    let memory = measured.setup.memory_size_mb;
    writeln!(
        text,
        "\n\
         compute             billed seconds, inits included, times {memory}/1024 GB\n\
         requests to Lambda  one for each invocation, of {:.2} uploads in the mean\n\
         PUT                 PUT, COPY and LIST requests of the function\n\
         GET and HEAD        GET and HEAD requests of the function, and {} views of each variant\n\
         queue               a send, a receive and a delete for each message, up to ten at once\n\
         storage             bytes of uploads and variants for {} months\n\
         data out            bytes of variants, {} times",
        measured.uploads as f64 / measured.invocations.max(1) as f64,
        args.views,
        args.months,
        args.views
    )
}

fn money(dollars: f64) -> String {
    format!("${dollars:.2}")
}

/// A number with a comma between thousands.
pub(super) fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{CostArgs, grouped, text};
    use crate::bill::Prices;
    use crate::measured::{ByteSums, Measured, RequestSums, Setup};

    #[test]
    fn the_bill_is_that_of_a_million() {
        let measured = Measured {
            uploads: 100,
            invocations: 50,
            variants: 500,
            billed_gb_s: 40.0,
            requests: RequestSums { writes: 500, reads: 200 },
            bytes: ByteSums { uploaded: 100_000_000, stored: 20_000_000 },
            setup: Setup { memory_size_mb: 2048, batch_size: 10, ..Setup::default() },
            ..Measured::default()
        };
        let (measured_path, prices) = (PathBuf::new(), Prices::built_in());
        let args = CostArgs {
            measured: measured_path,
            prices: None,
            months: 2.0,
            views: 3.0,
            formulas: true,
        };
        let bill = text(&measured, &prices, &args);
        let dollars = |name: &str| -> f64 {
            let line = bill.lines().find(|line| line.starts_with(name)).expect("the line is there");
            let fields: Vec<&str> = line.split_whitespace().collect();
            fields[fields.len() - 2].trim_start_matches('$').parse().expect("a sum")
        };
        // 400,000 GB-s; 500,000 invocations; 5 million PUTs; 2 million reads and 15 million views;
        // 1.2 million requests to the queue; 1.2 TB for two months; 600 GB out.
        let wanted = [
            ("compute", 6.67),
            ("requests to Lambda", 0.10),
            ("PUT", 25.0),
            ("GET and HEAD", 6.8),
            ("queue", 0.48),
            ("storage", 55.2),
            ("data out", 54.0),
        ];
        for (name, sum) in wanted {
            assert!((dollars(name) - sum).abs() < 0.006, "{name}: {bill}");
        }
        assert!((dollars("sum") - 148.25).abs() < 0.02, "{bill}");
    }

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(
            [0.0, 999.4, 1000.0, 1_234_567.0].map(grouped),
            ["0", "999", "1,000", "1,234,567"]
        );
    }
}
