//! The options of `load`.

use std::path::PathBuf;

use super::LoadOptions;
use super::pictures::Mix;
use crate::bill::Prices;
use crate::commands::CommandError;
use crate::commands::results::ResultArgs;

/// Keys unless a user names a number: so many that uploads do not wait for each other, and so few
/// that a long run does not fill the disk.
const MAX_KEYS: usize = 10_000;

/// The options that only `load` has.
#[derive(Debug, Clone, clap::Args)]
pub struct LoadArgs {
    /// Uploads.
    #[arg(long, default_value_t = 1_000, value_parser = at_least_one)]
    pub count: usize,
    /// Uploads for each second. Default: as fast as it goes.
    #[arg(long, value_name = "NUMBER", value_parser = positive)]
    pub rate: Option<f64>,
    /// Clients that upload at the same time.
    #[arg(long, default_value_t = 8, value_name = "NUMBER",
          value_parser = clap::value_parser!(u16).range(1..=1_000))]
    pub clients: u16,
    /// Sizes of the generated pictures.
    #[arg(long, value_enum, default_value_t = Mix::Mixed)]
    pub mix: Mix,
    /// Folder with pictures of your own instead; each file is as likely as any other.
    #[arg(long, value_name = "FOLDER", conflicts_with = "mix")]
    pub pictures: Option<PathBuf>,
    /// Messages for each invocation, at most.
    #[arg(long, default_value_t = 10, value_name = "NUMBER", value_parser = at_least_one)]
    pub batch_size: usize,
    /// Keys that the uploads replace again and again. Default: as many as uploads, up to 10,000.
    #[arg(long, value_name = "NUMBER", value_parser = at_least_one)]
    pub keys: Option<usize>,
    /// Seed, files and prices.
    #[command(flatten)]
    pub results: ResultArgs,
    /// Folder for the objects; those of an earlier load are removed.
    #[arg(long, default_value = "target/load")]
    pub data_dir: PathBuf,
}

impl LoadArgs {
    /// The options with their files read.
    ///
    /// # Errors
    /// `File` and `Prices` for the file of prices.
    pub fn options(&self) -> Result<LoadOptions, CommandError> {
        Ok(LoadOptions {
            count: self.count,
            keys: self.keys.unwrap_or(self.count.min(MAX_KEYS)),
            rate: self.rate,
            clients: self.clients.into(),
            mix: self.mix,
            pictures: self.pictures.clone(),
            seed: self.results.seed,
            json: self.results.json.clone(),
            plot: self.results.plot.clone(),
            prices: Prices::read(self.results.prices.as_deref())?,
        })
    }
}

fn at_least_one(text: &str) -> Result<usize, String> {
    let number = text.replace('_', "").parse().map_err(|_| "not a whole number".to_owned())?;
    if number == 0 { Err("must be at least 1".to_owned()) } else { Ok(number) }
}

fn positive(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    let is_rate = number.is_finite() && number > 0.0;
    if is_rate { Ok(number) } else { Err("must be more than 0".to_owned()) }
}
