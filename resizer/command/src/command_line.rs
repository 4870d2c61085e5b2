//! The commands and their options.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;

use crate::backfill::BackfillArguments;

/// Tries out the upload-time image resizer: what a configuration says, and what becomes of files.
#[derive(Debug, Parser)]
#[command(name = "resizer", version, max_term_width = 100)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check a configuration, and list what its rules would write.
    ///
    /// Prints every problem that the function would refuse the file for at its start, every
    /// warning, and for an invented upload of each rule the keys of its results. Exits with 0 where
    /// the configuration can be used, with 1 where it cannot, and with 2 after a wrong use.
    Check(CheckArguments),
    /// Make the variants of files, as the function would make them of uploads.
    ///
    /// Writes every variant, and the manifest where the rule has one, into a folder under the key
    /// that it would have in the output bucket. Exits with 1 if a file was refused or could not be
    /// read or written; the others are done all the same.
    Render(RenderArguments),
    /// Write a configuration that does what another tool was told to do.
    ///
    /// Prints TOML that keeps names, sizes, formats, and the deletion of originals, with comments
    /// that say what differs. `firebase` reads the parameters of the extension Resize Images: the
    /// `.env` file that `firebase ext:export` writes, or the defaults of an `extension.yaml`.
    /// `wordpress` reads what `wp media image-size --format=json` (or `csv`) prints, or PHP with
    /// `add_image_size`. `laravel` reads PHP with `addMediaConversion` of laravel-medialibrary.
    Import(ImportArguments),
    /// Print a signed URL of the endpoint.
    ///
    /// The environment variable RESIZER_SIGNING_KEYS has the keys, as that of the function:
    /// `id:secret`, several with commas between them.
    Sign(SignArguments),
    /// Make the variants of uploads that were in their bucket before.
    ///
    /// Works like the function, in this process, with the rights of the caller: lists the uploads
    /// under a prefix, and makes the variants of all that a rule takes. Prints what became of them
    /// and what the requests cost. A run that was interrupted goes on where it was when the same
    /// command is given again. Exits with 1 if objects failed or the run ended early, with 130
    /// after an interrupt, and with 2 after a wrong use.
    Backfill(Box<BackfillArguments>),
    /// Print the completions of a shell.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Print the manual page, or write one page for each command into a folder.
    Man {
        /// The folder; without it, the first page is printed.
        #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
        folder: Option<PathBuf>,
    },
}

/// What the function finds in its environment.
#[derive(Debug, Args)]
pub(crate) struct FunctionArguments {
    /// The upload bucket, for rules that name none.
    #[arg(long, value_name = "BUCKET", default_value = "uploads")]
    pub(crate) upload_bucket: String,
    /// The output bucket of rules that name none; by default the upload bucket with `-variants`.
    #[arg(long, value_name = "BUCKET")]
    pub(crate) output_bucket: Option<String>,
    /// The memory of the function in MB; by default only the configuration's limits count.
    #[arg(long, value_name = "MB", value_parser = clap::value_parser!(u64).range(128..=32_768))]
    pub(crate) memory: Option<u64>,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArguments {
    /// The configuration: a TOML file.
    #[arg(value_name = "CONFIG", value_hint = ValueHint::FilePath)]
    pub(crate) config: PathBuf,
    /// The key of an upload whose results are listed too; `s3://BUCKET/KEY` for one in another
    /// bucket. May be repeated.
    #[arg(long = "key", value_name = "KEY")]
    pub(crate) keys: Vec<String>,
    /// Exit with 1 after a warning.
    #[arg(long)]
    pub(crate) strict: bool,
    #[command(flatten)]
    pub(crate) function: FunctionArguments,
}

#[derive(Debug, Args)]
pub(crate) struct RenderArguments {
    /// The files.
    #[arg(value_name = "FILE", required = true, value_hint = ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,
    /// The configuration; by default every file gets the widths 160, 320, 640, 1080 and 1920.
    #[arg(long, value_hint = ValueHint::FilePath)]
    pub(crate) config: Option<PathBuf>,
    /// The folder for the results.
    #[arg(long, value_name = "DIR", default_value = "resized", value_hint = ValueHint::DirPath)]
    pub(crate) out: PathBuf,
    /// What the key of each upload begins with. The rest is the file's path, or its name alone if
    /// the path is absolute or leads out of the current folder.
    #[arg(long, value_name = "PREFIX", default_value = "", hide_default_value = true)]
    pub(crate) prefix: String,
    #[command(flatten)]
    pub(crate) function: FunctionArguments,
}

/// Another resizer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Tool {
    Firebase,
    Wordpress,
    Laravel,
}

#[derive(Debug, Args)]
pub(crate) struct ImportArguments {
    /// The other tool.
    pub(crate) tool: Tool,
    /// Its settings.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct SignArguments {
    /// The key of the upload.
    pub(crate) key: String,
    /// Options such as `w=640`, `fit=cover`, or `format=webp`.
    #[arg(value_name = "OPTION=VALUE")]
    pub(crate) options: Vec<String>,
    /// A variant of a rule instead of options, for `named = "signed"`.
    #[arg(long, value_name = "NAME")]
    pub(crate) variant: Option<String>,
    /// Seconds until the URL expires; by default it never does.
    #[arg(long, value_name = "SECONDS")]
    pub(crate) expires_in: Option<u64>,
    /// The id of the signing key; by default that of the first one.
    #[arg(long, value_name = "ID")]
    pub(crate) key_id: Option<String>,
    /// What the URL begins with, such as `https://images.example.com`.
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    pub(crate) base_url: Option<String>,
}
