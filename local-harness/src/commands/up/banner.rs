//! What `up` prints once everything runs.

use super::arguments::Plan;
use super::services::Urls;
use crate::forwarding::QUEUE_NAME;
use crate::harness::{Keys, REGION};

/// The text: what listens where, and what to try.
pub(super) fn text(plan: &Plan, urls: &Urls, keys: &Keys) -> String {
    let Urls { s3, lambda, function, sqs, page } = urls;
    let Keys { access_key, secret_key } = keys;
    let buckets = &plan.buckets;
    let upload = &buckets.uploads[0];
    let output = buckets.outputs.first().unwrap_or(upload);
    let others = [&buckets.others[..], &plan.args.other_buckets[..]].concat();
    let mut text = String::new();
    let mut line = |name: &str, value: &str| text += &format!("{name:<16} {value}\n");
    line("Page", &format!("{page}/   (drop pictures there, and watch what becomes of them)"));
    line("S3 endpoint", &format!("{s3}   (path style, region {REGION})"));
    line("Lambda endpoint", &format!("{lambda}   (function `resizer`)"));
    line("Function URL", &format!("{function}   (answers if the configuration has [endpoint])"));
    line("Queue", &format!("{sqs}   (SQS protocol, queue `{QUEUE_NAME}`)"));
    line("Configuration", &plan.source.name());
    line("Upload buckets", &buckets.uploads.join(", "));
    let access = if plan.args.public_read { "   (anyone may read them)" } else { "" };
    line("Output buckets", &format!("{}{access}", buckets.outputs.join(", ")));
    if !others.is_empty() {
        line("Other buckets", &others.join(", "));
    }
    line("Objects kept in", &plan.args.data_dir.display().to_string());
    if !plan.args.allowed_origins.is_empty() {
        line("Allowed origins", &plan.args.allowed_origins.join(", "));
    }
    if !plan.args.host.is_loopback() {
        text += &format!(
            "\nWarning: everyone who reaches {} can invoke the function and upload by the page.\n",
            plan.args.host
        );
    }
    text += &format!(
        "
Try it, in another terminal:

  export AWS_ACCESS_KEY_ID={access_key} AWS_SECRET_ACCESS_KEY={secret_key}
  export AWS_DEFAULT_REGION={REGION} AWS_ENDPOINT_URL={s3}
  export AWS_ENDPOINT_URL_LAMBDA={lambda} AWS_ENDPOINT_URL_SQS={sqs}
  aws s3 cp photo.jpg s3://{upload}/
  aws s3 ls --recursive s3://{output}/

Ctrl-C stops everything. {}
",
        if plan.args.json { "The function's log follows." } else { "Uploads follow." }
    );
    text
}
