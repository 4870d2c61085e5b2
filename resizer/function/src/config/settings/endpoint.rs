//! `[endpoint]`: pictures over HTTP, the configured variants and, with signing keys, free options.

use resizer_engine::spec::{MAX_SIDE, OutputFormat};

use crate::config::declare::{Key, Table, Without};
use crate::config::kinds::{Color, OneOrMany, Text, Whole, Word, Words};
use crate::config::read::Defaults;
use crate::config::reader::Reader;
use crate::endpoint::signature::SigningKeys;
use crate::endpoint::{Access, Bounds, Endpoint, Results};
use crate::template::{SourceName, Template, VariantName};

pub(in crate::config) static ENDPOINT: Table = Table {
    path: "endpoint",
    is_list: false,
    doc: "With this table, the function answers HTTP requests. [endpoint.md](endpoint.md) \
          describes the URLs. Without the table, it answers all of them with 404.",
    example: "[endpoint]",
    settings: &[
        &BUCKET,
        &PREFIX,
        &NAMED,
        &MAX_WIDTH,
        &MAX_HEIGHT,
        &MAX_MEGAPIXELS,
        &FORMATS,
        &MAX_AGE_S,
        &ERROR_MAX_AGE_S,
        &ERROR_IMAGE,
        &BASE_URL,
        &RESULTS_BUCKET,
        &RESULTS_PREFIX,
    ],
    shared: &[],
    inherits: None,
    renamed: &[],
};

static BUCKET: Key<Text> = Key {
    name: "bucket",
    kind: Text { takes: "the name of a bucket", is_good: is_bucket },
    without: Without::Means("the bucket in `RESIZER_UPLOAD_BUCKET`"),
    example: "\"uploads\"",
    doc: "The only bucket whose uploads the endpoint serves.",
};

static PREFIX: Key<Text> = Key {
    name: "prefix",
    kind: Text { takes: "the beginning of keys", is_good: |_| true },
    without: Without::Value("\"\""),
    example: "\"photos/\"",
    doc: "The endpoint serves only uploads whose keys begin with this text. It answers requests \
          for other keys without a request to S3.",
};

static NAMED: Key<Words<Access>> = Key {
    name: "named",
    kind: Words {
        words: &[
            Word::new("public", Access::Public, "anyone may ask for the variants of the rules"),
            Word::new("signed", Access::Signed, "their URLs need a signature too"),
        ],
        instead: &[],
    },
    without: Without::Value("\"public\""),
    example: "\"signed\"",
    doc: "Who may ask for the variants that the rules make.",
};

static MAX_WIDTH: Key<Whole<u32>> = Key {
    name: "max_width",
    kind: Whole { min: 1, max: MAX_SIDE, unit: "pixels" },
    without: Without::Value("4096"),
    example: "2048",
    doc: "Limits the option `w` of signed URLs, and the width of what they deliver.",
};

static MAX_HEIGHT: Key<Whole<u32>> = Key {
    name: "max_height",
    kind: Whole { min: 1, max: MAX_SIDE, unit: "pixels" },
    without: Without::Value("4096"),
    example: "2048",
    doc: "Limits the option `h` of signed URLs, and the height of what they deliver.",
};

static MAX_MEGAPIXELS: Key<Whole<u32>> = Key {
    name: "max_megapixels",
    kind: Whole { min: 1, max: 4096, unit: "megapixels" },
    without: Without::Value("16"),
    example: "4",
    doc: "Limits the width times the height of what signed URLs deliver, in units of 2^20 pixels.",
};

static FORMATS: Key<OneOrMany<Words<OutputFormat>>> = Key {
    name: "formats",
    kind: OneOrMany(Words {
        words: &[
            Word::new("jpeg", OutputFormat::Jpeg, "JPEG").or(&["jpg"]),
            Word::new("png", OutputFormat::Png, "PNG"),
            Word::new("webp", OutputFormat::Webp, "WebP"),
            Word::new("avif", OutputFormat::Avif, "AVIF, in several times the time of JPEG"),
            Word::new("gif", OutputFormat::Gif, "GIF"),
        ],
        instead: &[
            ("auto", "it is a value of the option `format`; list what it may choose from"),
            ("source", "the format of the upload is always allowed; list the others"),
        ],
    }),
    without: Without::Value("[\"webp\", \"jpeg\", \"png\"]"),
    example: "[\"avif\", \"webp\", \"jpeg\"]",
    doc: "The formats that the option `format` of signed URLs may name. With `format=auto`, the \
          endpoint chooses one of them by the request's `Accept` header.",
};

static MAX_AGE_S: Key<Whole<u32>> = Key {
    name: "max_age_s",
    kind: Whole { min: 0, max: 31_536_000, unit: "seconds" },
    without: Without::Value("86400"),
    example: "3600",
    doc: "How long browsers and CDNs may keep a picture. It applies to variants whose rule sets no \
          `cache_control`, and to signed URLs with options.",
};

static ERROR_MAX_AGE_S: Key<Whole<u32>> = Key {
    name: "error_max_age_s",
    kind: Whole { min: 0, max: 86_400, unit: "seconds" },
    without: Without::Value("60"),
    example: "10",
    doc: "How long they may keep an answer such as 404. An answer with 503 is not kept, or after a \
          deadline for 30 seconds at most.",
};

static ERROR_IMAGE: Key<Color> = Key {
    name: "error_image",
    kind: Color,
    without: Without::Means("the body of an error is JSON"),
    example: "\"#e0e0e0\"",
    doc: "If the request's `Accept` header names a type of image, as that of an `<img>` does, the \
          body of an error is an SVG image in this color instead of JSON. The status stays that \
          of the error.",
};

static BASE_URL: Key<Text> = Key {
    name: "base_url",
    kind: Text { takes: "a URL that begins with https:// or http://", is_good: is_base_url },
    without: Without::Means("the `base_url` of the rule if it is absolute, or a presigned URL"),
    example: "\"https://images.example.com\"",
    doc: "A picture that is too large for an answer of Lambda is answered by a redirect to this \
          URL with the key of the stored object. A signed URL, and the path of the stored key \
          itself, are redirected to a presigned URL instead.",
};

static RESULTS_BUCKET: Key<Text> = Key {
    name: "results_bucket",
    kind: Text { takes: "the name of a bucket", is_good: is_bucket },
    without: Without::Means("the output bucket of rules that name none"),
    example: "\"uploads-variants\"",
    doc: "The bucket in which the function stores what it made for signed URLs with options.",
};

static RESULTS_PREFIX: Key<Text> = Key {
    name: "results_prefix",
    kind: Text {
        takes: "the beginning of keys up to a slash",
        is_good: |prefix| prefix.len() > 1 && prefix.len() <= 512 && prefix.ends_with('/'),
    },
    without: Without::Value("\"endpoint/\""),
    example: "\"endpoint/\"",
    doc: "The keys of these objects begin with this text. Objects there are never uploads. A \
          lifecycle rule should expire them.",
};

/// What the table says; nothing where there is none.
pub(in crate::config) fn read(
    file: &Reader<'_>,
    defaults: Defaults<'_>,
    output_bucket: &Template,
) -> Option<Endpoint> {
    let at = file.at_of("endpoint")?;
    let table = file.section(&ENDPOINT);
    let bucket = bucket(&table, defaults.upload_bucket, at);
    let named = table.value(&NAMED);
    let keys = SigningKeys::parse(defaults.signing_keys.unwrap_or_default());
    let keys = keys.unwrap_or_else(|problem| {
        table.problems.add(at, problem.to_string());
        SigningKeys::default()
    });
    if named == Access::Signed && keys.is_empty() {
        let warning = "`named = \"signed\"` and RESIZER_SIGNING_KEYS is not set, so that every \
                       request is answered with 403; set it to `id:secret`";
        table.problems.warn(table.at_of(NAMED.name).unwrap_or(at), warning);
    }
    let source = SourceName { bucket: &bucket, key: "" };
    let results_bucket = table.given(&RESULTS_BUCKET).map(|bucket| bucket.value);
    Some(Endpoint {
        results: Results {
            bucket: results_bucket
                .unwrap_or_else(|| output_bucket.render(source, VariantName::default())),
            prefix: table.value(&RESULTS_PREFIX),
        },
        bucket,
        prefix: table.value(&PREFIX),
        named,
        bounds: Bounds {
            max_width: table.value(&MAX_WIDTH),
            max_height: table.value(&MAX_HEIGHT),
            max_pixels: u64::from(table.value(&MAX_MEGAPIXELS)) << 20,
            formats: table.value(&FORMATS),
        },
        max_age_s: table.value(&MAX_AGE_S),
        error_max_age_s: table.value(&ERROR_MAX_AGE_S),
        error_image: table.given(&ERROR_IMAGE).map(|color| color.value),
        base_url: table.given(&BASE_URL).map(|url| url.value),
        keys,
    })
}

/// The bucket of the uploads; a problem, and none, where nothing names it.
fn bucket(table: &Reader<'_>, upload_bucket: Option<&str>, at: usize) -> String {
    let named = table.given(&BUCKET).map(|bucket| bucket.value);
    if named.is_none() && table.at_of(BUCKET.name).is_none() && upload_bucket.is_none() {
        let problem = "[endpoint] needs `bucket`, the bucket whose uploads it serves, because \
                       RESIZER_UPLOAD_BUCKET is not set";
        table.problems.add(at, problem);
    }
    named.or_else(|| upload_bucket.map(str::to_owned)).unwrap_or_default()
}

fn is_bucket(text: &str) -> bool {
    let is_of_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-_".contains(c);
    (3..=63).contains(&text.len()) && text.chars().all(is_of_name)
}

fn is_base_url(text: &str) -> bool {
    let begins = ["https://", "http://"].iter().any(|start| text.starts_with(start));
    begins && text.chars().all(|c| c.is_ascii_graphic() && !"\"'<>\\^`{|}?#,".contains(c))
}
