//! `--batch-operations`: the uploads that rules take as manifests of S3 Batch Operations, and a job
//! for each that invokes the deployed function.
//! Source: Amazon S3 User Guide, "Specifying a manifest" and "Invoke AWS Lambda function"; AWS CLI
//! reference, `s3control create-job`.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::SystemTime;

use md5::{Digest, Md5};
use resizer::config::Config;
use resizer::digest;
use resizer::error::Fault;
use resizer::event::ObjectRef;
use resizer::handler::App;
use resizer::percent::encoded;
use serde_json::{Value, json};

use super::arguments::{BackfillArguments, JobArguments, Target};
use super::connection;
use super::counts::Counts;
use super::listing::{Listing, rule_of};
use crate::Misuse;
use crate::output::{complain, counted, print};

/// The manifest is written by one PUT, whose ETag is its MD5. S3's own limit for that is 5 GB.
const MAX_MANIFEST_BYTES: u64 = 1 << 30;

/// A manifest that is being written.
struct Manifest {
    file: BufWriter<File>,
    digest: Md5,
    size_bytes: u64,
}

/// Why there are no manifests.
enum Trouble {
    Fault(Fault),
    Io(io::Error),
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Writes manifests and jobs into the folder, and prints the commands that start them.
///
/// # Errors
/// `Misuse` where the options do not make a job, or the folder cannot be written.
pub(crate) async fn write(app: &App, arguments: &BackfillArguments) -> Result<ExitCode, Misuse> {
    let job = Job::new(app.config(), arguments)?;
    let unwritten =
        |error: io::Error| Misuse(format!("{} cannot be written: {error}", job.folder.display()));
    job.clear().map_err(unwritten)?;
    let (counts, etags) = match manifests(app, arguments, &job).await {
        Ok(written) => written,
        Err(Trouble::Io(error)) => return Err(unwritten(error)),
        Err(Trouble::Fault(fault)) => {
            // A job must not find a manifest that lacks uploads.
            job.clear().map_err(unwritten)?;
            complain(&format!("error: {fault}\n"));
            return Ok(ExitCode::FAILURE);
        }
    };
    let mut text = format!("{}\n", counts.found());
    for (number, etag) in etags.iter().enumerate().map(|(at, etag)| (at + 1, etag)) {
        let json = serde_json::to_vec_pretty(&job.json(arguments, number, etag));
        let path = job.folder.join(format!("job-{number}.json"));
        fs::write(&path, json.expect("a value serializes")).map_err(unwritten)?;
        text.push_str(&job.commands(number, &path));
    }
    if etags.is_empty() {
        text.push_str("No rule takes any of them, so there is no job.\n");
    } else {
        let jobs = counted(etags.len(), "job waits", "jobs wait");
        text.push_str(&format!("Then {jobs} for your confirmation in the console of S3.\n"));
    }
    print(&text);
    Ok(ExitCode::SUCCESS)
}

/// Writes the manifests, and returns what was found and their ETags.
async fn manifests(
    app: &App,
    arguments: &BackfillArguments,
    job: &Job,
) -> Result<(Counts, Vec<String>), Trouble> {
    let (mut counts, mut etags) = (Counts::default(), Vec::new());
    let mut current: Option<Manifest> = None;
    let mut listing = Listing::new(app.store(), &arguments.target, None);
    while let Some((page, _)) = listing.next().await? {
        for listed in page.objects {
            let object = ObjectRef { bucket: arguments.target.bucket.clone(), key: listed.key };
            let rule = rule_of(app.config(), &object, listed.size_bytes);
            counts.find(rule, listed.size_bytes);
            if rule.is_err() {
                continue;
            }
            if let Some(full) = current.take_if(|one| one.size_bytes >= MAX_MANIFEST_BYTES) {
                etags.push(full.finish()?);
            }
            let manifest = match &mut current {
                Some(manifest) => manifest,
                None => current.insert(Manifest::create(&job.manifest_path(etags.len() + 1))?),
            };
            manifest.add(&object)?;
        }
    }
    if let Some(last) = current {
        etags.push(last.finish()?);
    }
    Ok((counts, etags))
}

impl Manifest {
    fn create(path: &Path) -> io::Result<Self> {
        let file = BufWriter::new(File::create(path)?);
        Ok(Self { file, digest: Md5::new(), size_bytes: 0 })
    }

    fn add(&mut self, object: &ObjectRef) -> io::Result<()> {
        let line = line(object);
        self.digest.update(line.as_bytes());
        self.size_bytes += line.len() as u64;
        self.file.write_all(line.as_bytes())
    }

    /// Its ETag, once it is written.
    fn finish(mut self) -> io::Result<String> {
        self.file.flush()?;
        Ok(digest::hexadecimal(&self.digest.finalize()))
    }
}

fn line(object: &ObjectRef) -> String {
    format!("{},{}\n", object.bucket, encoded(&object.key))
}

/// What all jobs have in common.
struct Job {
    folder: PathBuf,
    function: String,
    role: String,
    place: Target,
    partition: String,
    region: String,
    account: String,
    /// A digest of the configuration.
    configuration: String,
    /// When the command ran.
    written: SystemTime,
}

impl Job {
    fn new(config: &Config, arguments: &BackfillArguments) -> Result<Self, Misuse> {
        let JobArguments { batch_operations, function_arn, role_arn, jobs } = &arguments.job;
        let (Some(folder), Some(function), Some(role), Some(place)) =
            (batch_operations, function_arn, role_arn, jobs)
        else {
            let problem = "--batch-operations needs --function-arn, --role-arn and --jobs";
            return Err(Misuse(problem.to_owned()));
        };
        let parts: Vec<&str> = function.split(':').collect();
        let ["arn", partition, "lambda", region, account, "function", _, ..] = parts[..] else {
            return Err(Misuse(format!("{function} is no ARN of a Lambda function")));
        };
        let job = Self {
            folder: folder.clone(),
            function: function.clone(),
            role: role.clone(),
            place: place.clone(),
            partition: partition.to_owned(),
            region: region.to_owned(),
            account: account.to_owned(),
            configuration: connection::digest_of(config, &arguments.connection),
            written: SystemTime::now(),
        };
        let names =
            ["manifest-1.csv", "reports/job-1/manifest.json", "reports/job-1/results/1.csv"];
        for key in names.map(|name| job.key(name)) {
            let object = ObjectRef { bucket: place.bucket.clone(), key };
            if let Ok(rule) = config.rule_for(&object) {
                return Err(Misuse(format!(
                    "the rule {:?} would take s3://{}/{} for an upload; name another place with \
                     --jobs",
                    rule.name, object.bucket, object.key
                )));
            }
        }
        Ok(job)
    }

    /// Creates the folder, without what an earlier command wrote there.
    fn clear(&self) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let of = |before, after| name.strip_prefix(before)?.strip_suffix(after);
            let number = of("manifest-", ".csv").or_else(|| of("job-", ".json"));
            if number.is_some_and(|number| number.parse::<usize>().is_ok()) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    fn manifest_path(&self, number: usize) -> PathBuf {
        self.folder.join(format!("manifest-{number}.csv"))
    }

    fn key(&self, name: &str) -> String {
        let prefix = self.place.prefix.trim_end_matches('/');
        if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") }
    }

    fn json(&self, arguments: &BackfillArguments, number: usize, etag: &str) -> Value {
        let bucket = format!("arn:{}:s3:::{}", self.partition, self.place.bucket);
        let manifest = self.key(&format!("manifest-{number}.csv"));
        json!({
            "AccountId": self.account,
            "ConfirmationRequired": true,
            "Operation": {"LambdaInvoke": {
                "FunctionArn": self.function,
                "InvocationSchemaVersion": "2.0",
            }},
            "Report": {
                "Bucket": bucket,
                "Prefix": self.key("reports"),
                "Format": "Report_CSV_20180820",
                "Enabled": true,
                "ReportScope": "FailedTasksOnly",
            },
            "Manifest": {
                "Spec": {"Format": "S3BatchOperations_CSV_20180820", "Fields": ["Bucket", "Key"]},
                "Location": {"ObjectArn": format!("{bucket}/{manifest}"), "ETag": etag},
            },
            "Description": format!("resizer backfill {} ({number})", arguments.target)
                .chars()
                .take(256)
                .collect::<String>(),
            "Priority": 10,
            "RoleArn": self.role,
            "ClientRequestToken": format!("resizer-{}", self.token(number, etag)),
        })
    }

    /// The same file of a job is the same job, however often it is sent. A later command makes
    /// another one, even over the same uploads.
    fn token(&self, number: usize, etag: &str) -> String {
        let Self { function, role, configuration, written, .. } = self;
        let all = format!("{function}\n{role}\n{configuration}\n{etag}\n{number}\n{written:?}");
        digest::sha256(all.as_bytes())[..32].to_owned()
    }

    fn commands(&self, number: usize, job: &Path) -> String {
        let Self { region, place, .. } = self;
        let bucket = &place.bucket;
        let key = quoted(&self.key(&format!("manifest-{number}.csv")));
        let manifest = quoted(&self.manifest_path(number).display().to_string());
        let input = quoted(&format!("file://{}", job.display()));
        // S3 Batch Operations reads no manifest that is encrypted with a key of KMS, which may be
        // the default of the bucket.
        format!(
            "aws s3api put-object --bucket {bucket} --key {key} --body {manifest} \
             --server-side-encryption AES256\n\
             aws s3control create-job --region {region} --cli-input-json {input}\n"
        )
    }
}

/// For a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
