//! Configurations that are read, and what is said of those that are not.

use std::path::Path;

use resizer::completion::Channel;
use resizer::config::{Config, ConfigError, Settings};
use resizer::event::ObjectRef;
use resizer::rules::{Ignored, find};
use resizer_engine::Limits;
use resizer_engine::spec::{
    Animation, Effort, Filter, Fit, FormatSpec, Gravity, Hdr, Light, Metadata, OutputColor,
    OutputFormat, Quality, Request, Rgba, Truncated, VariantSpec,
};

pub(crate) fn load(text: &str) -> Result<Config, ConfigError> {
    Config::load(&Settings { text: Some(text.to_owned()), ..Settings::default() })
}

pub(crate) fn object(bucket: &str, key: &str) -> ObjectRef {
    ObjectRef { bucket: bucket.to_owned(), key: key.to_owned() }
}

#[test]
fn without_configuration_there_are_five_widths() {
    let config = Config::load(&Settings::default()).expect("the default is good");
    let upload = object("uploads", "2026/cat & dog.jpg");
    let rule = find(&config.rules, &upload).expect("every key has a rule");
    let names: Vec<&str> = rule.request.variants.iter().map(|spec| spec.name.as_str()).collect();
    assert_eq!(names, ["w160", "w320", "w640", "w1080", "w1920"]);
    let targets = rule.targets(&upload);
    assert_eq!(targets.bucket, "uploads-variants");
    assert_eq!(targets.key_of("w160", OutputFormat::Webp), "variants/2026/cat & dog.jpg/w160.webp");
    assert_eq!(targets.failure, "failures/2026/cat & dog.jpg.json");
    assert_eq!(targets.variants.len(), 15, "five widths, three formats that a source can have");
    let own = object("uploads-variants", "variants/2026/cat & dog.jpg/w160.jpg");
    assert_eq!(find(&config.rules, &own).expect_err("never again"), Ignored::OwnKey);
}

#[test]
fn settings_choose_output_bucket_and_memory() {
    let settings = Settings {
        output_bucket: Some("thumbs".to_owned()),
        memory_size_mib: Some(512),
        ..Settings::default()
    };
    let config = Config::load(&settings).expect("a good configuration");
    assert_eq!(config.rules[0].targets(&object("in", "a.jpg")).bucket, "thumbs");
    assert_eq!(config.limits.max_memory_bytes, (512 - 30) << 20);
    assert_eq!(config.max_source_bytes, 256 << 20);
}

#[test]
fn one_thread_works_for_each_processor_that_memory_pays_for() {
    let threads = |memory_size_mib| {
        let settings = Settings { memory_size_mib, ..Settings::default() };
        Config::load(&settings).expect("a good configuration").threads
    };
    let there = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    assert_eq!((threads(Some(128)), threads(Some(1769))), (1, 1));
    assert_eq!(threads(Some(3538)), there.min(2));
    assert_eq!(threads(None), there);
}

#[test]
fn a_full_configuration_is_read() {
    let text = r##"
[limits]
max_megapixels = 50
max_source_mib = 20

[[rule]]
name = "avatars"
bucket = "uploads"
prefix = "avatars/"
match = ["**/*.{jpg,png}", "**/*.webp"]
light = "gamma"
filter = "catmull-rom"
effort = "small"

[rule.output]
bucket = "public"
key = "a/{dir}/{stem}-{variant}-{width}x{height}.{ext}"
manifest = "a/{key}.manifest.json"
cache_control = "public, max-age=31536000, immutable"

[[rule.variant]]
name = "square"
width = 128
height = 128
fit = "cover"
gravity = "north"
formats = ["webp", "source"]
quality = 70
background = "#102030"

[[rule]]
suffix = ".gif"
"##;
    let config = load(text).expect("a good configuration");
    assert_eq!((config.limits.max_pixels, config.max_source_bytes), (50 << 20, 20 << 20));
    let upload = object("uploads", "avatars/u/me.jpg");
    let rule = find(&config.rules, &upload).expect("the first rule");
    assert_eq!(rule.name, "avatars");
    let spec = &rule.request.variants[0];
    assert_eq!((spec.fit, spec.gravity), (Fit::Cover, Gravity::North));
    assert_eq!(spec.quality, 70.into());
    assert_eq!(spec.background, Rgba([16, 32, 48, 255]));
    assert_eq!((spec.light, spec.effort), (Light::Gamma, Effort::Small));
    assert_eq!(spec.filter, Filter::CatmullRom);
    let [.., other] = &config.rules[..] else { panic!("two rules") };
    let [first, ..] = &other.request.variants[..] else { panic!("the default variants") };
    assert_eq!((first.light, first.effort), (Light::Linear, Effort::Balanced));
    assert_eq!(spec.formats, [FormatSpec::Fixed(OutputFormat::Webp), FormatSpec::Source]);
    let targets = rule.targets(&upload);
    assert_eq!(targets.key_of("square", OutputFormat::Webp), "a/avatars/u/me-square-128x128.webp");
    assert_eq!(targets.manifest.as_deref(), Some("a/avatars/u/me.jpg.manifest.json"));
    assert!(rule.output.storage.cache_control.is_some());

    let rule = |bucket, key| find(&config.rules, &object(bucket, key)).map(|rule| &*rule.name);
    assert_eq!(rule("other", "avatars/me.jpg"), Err(Ignored::NoRule));
    assert_eq!(rule("other", "b/me.gif"), Ok("rule 2"));
    assert_eq!(rule("public", "a/u/me-square-128x128.png"), Err(Ignored::NoRule));
}

#[test]
fn words_about_pictures_are_read() {
    let text = r#"
[limits]
max_animation_megapixels = 64

[[rule]]
color = "keep"
metadata = "all"
hdr = "keep"
animation = "animate"
truncated = "accept"
trim = 12

[[rule.variant]]
width = 100
height = 100
fit = "cover"
gravity = [0.25, 1]
sharpen = 30
formats = ["avif", "gif"]

[[rule.variant]]
width = 80
height = 80
fit = "cover"
gravity = "attention"
"#;
    let config = load(text).expect("a good configuration");
    assert_eq!(config.limits.max_animation_pixels, 64 << 20);
    let request = &config.rules[0].request;
    assert_eq!((request.animation, request.trim), (Animation::Animate, Some(12)));
    assert_eq!(request.truncated, Truncated::Accept);
    let [first, second] = &request.variants[..] else { panic!("two variants") };
    assert_eq!((first.color, first.metadata), (OutputColor::Keep, Metadata::All));
    assert_eq!([first.hdr, second.hdr], [Hdr::Keep; 2]);
    assert_eq!((first.gravity, first.sharpen), (Gravity::Focal(2500, 10_000), 30));
    assert_eq!(second.gravity, Gravity::Attention);
    let targets = config.rules[0].targets(&object("uploads", "a.jpg"));
    let formats = |name| {
        let of = targets.variants.iter().filter(move |target| target.variant == name);
        of.map(|target| target.format).collect::<Vec<_>>()
    };
    assert_eq!(formats("100x100"), [OutputFormat::Avif, OutputFormat::Gif]);
    let of_source = [OutputFormat::Jpeg, OutputFormat::Png, OutputFormat::Webp, OutputFormat::Gif];
    assert_eq!(formats("80x80"), of_source, "an animated GIF stays one");
}

#[test]
fn the_deployed_configuration_is_good() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/resizer.toml");
    let settings = Settings { file: Some(file), ..Settings::default() };
    let config = Config::load(&settings).expect("infra/resizer.toml is good");
    let names: Vec<&str> = config.rules.iter().map(|rule| rule.name.as_str()).collect();
    assert_eq!(names, ["avatars", "pictures"]);
}

#[test]
fn the_configurations_of_the_readme_are_good() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let readme = std::fs::read_to_string(readme).expect("the README is there");
    let blocks = readme.split("```toml\n").skip(1);
    let texts: Vec<&str> = blocks.filter_map(|block| block.split("```").next()).collect();
    assert_eq!(texts.len(), 3);
    for text in texts {
        let config = load(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert!(config.warnings.is_empty(), "{text}: {:?}", config.warnings);
    }
}

#[test]
fn keys_that_two_results_would_share_are_refused() {
    for key in ["{key}.{ext}", "{key}/{variant}"] {
        let text = format!("[[rule]]\noutput.key = \"{key}\"\n");
        let error = load(&text).expect_err(key).to_string();
        assert!(error.contains("would have the same key"), "{key}: {error}");
    }
    let error = load("[[rule]]\noutput.key = \"fixed.jpg\"\n").expect_err("one key").to_string();
    assert!(error.contains("the same key for every upload"), "{error}");
}

#[test]
fn configurations_that_could_loop_are_refused_with_both_lines() {
    let looping = [
        // The same bucket, and nothing that keeps the keys apart.
        "[[rule]]\noutput.bucket = \"{bucket}\"\n",
        "[[rule]]\nbucket = \"b\"\nmatch = \"**\"\n[rule.output]\nbucket = \"b\"\n",
        "[[rule]]\nprefix = \"v\"\n[rule.output]\nbucket = \"{bucket}\"\n",
        // One rule's outputs are another one's uploads.
        "[[rule]]\nbucket = \"a\"\noutput.bucket = \"b\"\n\
         [[rule]]\nbucket = \"b\"\nsuffix = \".jpg\"\noutput.bucket = \"c\"\n",
    ];
    for text in looping {
        let error = load(text).expect_err(text).to_string();
        assert!(error.contains("in the same bucket"), "{text}: {error}");
    }
    let error = load(looping[1]).expect_err("a loop").to_string();
    assert!(error.contains("line 5: ") && error.contains("(line 3)"), "{error}");

    for text in [
        "[[rule]]\nprefix = \"in/\"\noutput.bucket = \"{bucket}\"\n",
        "[[rule]]\nmatch = \"*.jpg\"\noutput.bucket = \"{bucket}\"\n",
        "[[rule]]\nexclude = [\"variants/**\", \"failures/**\"]\noutput.bucket = \"{bucket}\"\n",
        "[[rule]]\nbucket = \"a\"\noutput.bucket = \"b\"\n",
        "[[rule]]\nbucket = \"a\"\noutput.bucket = \"b\"\n\
         [[rule]]\nbucket = \"b\"\nprefix = \"in/\"\noutput.bucket = \"c\"\n",
    ] {
        load(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    }
}

#[test]
fn completions_go_to_one_channel() {
    let channel = |text: &str| load(text).map(|config| config.completion);
    assert_eq!(channel("").expect("good"), None);
    let bus = channel("[completion]\nevent_bus = \"pictures\"\n").expect("good");
    assert_eq!(bus, Some(Channel::EventBus("pictures".to_owned())));
    let arn = "arn:aws:sns:eu-west-1:123456789012:pictures";
    let topic = channel(&format!("[completion]\nsns_topic = \"{arn}\"\n")).expect("good");
    assert_eq!(topic, Some(Channel::SnsTopic(arn.to_owned())));
}

#[test]
fn what_is_surely_meant_has_no_warning() {
    let moving = "[[rule]]\noriginals.after = \"move\"\nbucket = \"a\"\n";
    for text in [
        "",
        "[[rule]]\nprefix = \"in/\"\n",
        "[[rule]]\nsuffix = \".jpg\"\n",
        "[[rule]]\nmatch = \"**.jpg\"\n[[rule]]\nmatch = \"**.JPG\"\n",
        "[[rule]]\nprefix = \"a/\"\n[[rule]]\n",
        "[[rule]]\nbucket = \"a\"\n[[rule]]\nbucket = \"b\"\n",
        "[[rule]]\nbucket = \"a\"\noutput.bucket = \"pictures\"\n",
        "[limits]\ns3_timeout_ms = 200\n",
        "[[rule]]\nwidths = 4096\nformats = \"avif\"\n",
        "[[rule]]\noutput.versioned_urls = true\noutput.cache_control = \"max-age=9, immutable\"\n",
        moving,
    ] {
        let warnings = load(text).expect("a good configuration").warnings;
        assert!(warnings.is_empty(), "{text}: {warnings:?}");
    }
}

#[test]
fn the_environment_decides_too() {
    let settings = Settings {
        upload_bucket: Some("pictures".to_owned()),
        output_bucket: Some("pictures".to_owned()),
        ..Settings::default()
    };
    let error = Config::load(&settings).expect_err("results would be uploads").to_string();
    assert!(error.contains("would be its own uploads"), "{error}");
    let settings = Settings { output_bucket: Some("{key}".to_owned()), ..Settings::default() };
    let error = Config::load(&settings).expect_err("no bucket").to_string();
    assert!(error.contains("`RESIZER_OUTPUT_BUCKET` names {key}"), "{error}");
}

#[test]
fn an_endpoint_has_a_bucket() {
    let error = load("[endpoint]\n").expect_err("no bucket is known").to_string();
    let said = "line 1: [endpoint] needs `bucket`, the bucket whose uploads it serves, because \
                RESIZER_UPLOAD_BUCKET is not set";
    assert!(error.contains(said), "{error}");
    let upload_bucket = Some("pictures".to_owned());
    let text = Some("[endpoint]\n".to_owned());
    let config = Config::load(&Settings { text, upload_bucket, ..Settings::default() });
    let endpoint = config.expect("the bucket of the environment").endpoint;
    assert_eq!(endpoint.map(|endpoint| endpoint.bucket).as_deref(), Some("pictures"));
}

#[test]
fn rules_say_what_their_variants_share() {
    let text = r#"
[[rule]]
widths = [640, 750]
formats = ["avif", "jpg"]
quality = { avif = 50, jpg = 85 }

[[rule.variant]]
name = "square"
width = 64
height = 64
fit = "fill"
formats = "webp"
quality = { webp = 70 }
"#;
    let request = load(text).expect("a good configuration").rules.remove(0).request;
    let names: Vec<&str> = request.variants.iter().map(|spec| spec.name.as_str()).collect();
    assert_eq!(names, ["w640", "w750", "square"]);
    let [wide, _, square] = &request.variants[..] else { panic!("three variants") };
    let fixed = |formats: &[OutputFormat]| -> Vec<FormatSpec> {
        formats.iter().copied().map(FormatSpec::Fixed).collect()
    };
    assert_eq!(wide.formats, fixed(&[OutputFormat::Avif, OutputFormat::Jpeg]));
    assert_eq!(wide.quality, Quality { jpeg: 85, webp: 80, avif: 50, png: 80 });
    assert_eq!((square.fit, &square.formats), (Fit::Exact, &fixed(&[OutputFormat::Webp])));
    assert_eq!(square.quality, Quality { jpeg: 85, webp: 70, avif: 50, png: 80 });

    let pad = "[[rule.variant]]\nwidth = 1\nheight = 1\nfit = \"contain\"\n";
    let rules = load(&format!("[[rule]]\n{pad}")).expect("a good configuration").rules;
    assert_eq!(rules[0].request.variants[0].fit, Fit::Pad);
}

#[test]
fn defaults_are_those_of_the_engine() {
    let config = load("[[rule]]\n[[rule.variant]]\n").expect("a good configuration");
    let default = VariantSpec { name: "full".to_owned(), ..VariantSpec::default() };
    assert_eq!(config.rules[0].request, Request::from(vec![default]));
    assert_eq!(config.limits, Limits::default());
    assert_eq!((config.max_source_bytes, config.s3_timeout.as_millis()), (256 << 20, 5000));
    assert_eq!(config.late_requests.as_millis(), 60_000);
}
