//! Configurations that are read, and what is said of those that are not.

use std::path::Path;

use resizer::completion::Channel;
use resizer::config::{Config, ConfigError, Settings};
use resizer::event::ObjectRef;
use resizer::rules::{Ignored, find};
use resizer_engine::spec::{
    Animation, Effort, Fit, FormatSpec, Gravity, Light, Metadata, OutputColor, OutputFormat, Rgba,
    Truncated,
};

fn load(text: &str) -> Result<Config, ConfigError> {
    Config::load(&Settings { text: Some(text.to_owned()), ..Settings::default() })
}

fn object(bucket: &str, key: &str) -> ObjectRef {
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
    assert_eq!(config.limits.max_memory_bytes, (512 - 24) << 20);
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
resize = "gamma"
effort = "small"

[rule.output]
bucket = "public"
key = "a/{dir}/{stem}-{variant}-{width}x{height}.{format}"
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
colour = "keep"
metadata = "all"
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
fn wrong_words_about_pictures_are_listed_together() {
    let text = r#"
[[rule]]
colour = "cmyk"
metadata = "some"
animation = "yes"
truncated = "maybe"

[[rule.variant]]
width = 100
height = 100
fit = "cover"
gravity = [0.5, 1.5]
sharpen = 500
"#;
    let error = load(text).expect_err("nothing of it is right");
    let expected = ["colour", "metadata", "animation", "truncated", "gravity", "sharpen"];
    assert_eq!(error.problems.len(), expected.len(), "{error}");
    for word in expected {
        assert!(error.problems.iter().any(|problem| problem.contains(word)), "{word}: {error}");
    }
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
fn the_configuration_of_the_readme_is_good() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let readme = std::fs::read_to_string(readme).expect("the README is there");
    let (_, behind) = readme.split_once("```toml\n").expect("it shows a configuration");
    let (text, _) = behind.split_once("```").expect("the block ends");
    let config = load(text).expect("what the README shows can be used");
    assert_eq!(config.rules[0].request.variants[0].name, "square");
}

#[test]
fn every_problem_is_listed_with_its_line() {
    let text = r#"
speed = "fast"
[limits]
max_side = 70000
[[rule]]
match = "a{b"
resize = "light"
effort = "much"
[rule.output]
key = "x/{nmae}"
[[rule.variant]]
name = "a"
width = 0
fit = "stretch"
formats = ["bmp"]
quality = 101
background = "blue-ish"
colour = 1
[[rule.variant]]
fit = "cover"
width = 10
"#;
    let error = load(text).expect_err("nearly everything is wrong");
    let message = error.to_string();
    for expected in [
        "the file has an unknown setting `speed`",
        "max_side of [limits] is 70000, not 1 to 65500",
        "line 6: the glob \"a{b\" has a `{` without a `}`",
        "line 7: resize \"light\" is none of linear, gamma",
        "line 8: effort \"much\" is none of fast, balanced, small",
        "line 10: the template \"x/{nmae}\" names `{nmae}`",
        "line 11: width of variant \"a\" is not 1 to 65500",
        "line 11: fit \"stretch\" is none of inside, cover, pad, exact",
        "line 11: format \"bmp\" is none of source, jpeg, png, webp, avif, gif",
        "line 11: quality of variant \"a\" is 101, not 1 to 100",
        "line 11: background \"blue-ish\" is none of",
        "line 11: a variant has an unknown setting `colour`",
        "line 19: variant \"w10\" needs width and height for its fit",
    ] {
        assert!(message.contains(expected), "{expected:?} is missing in\n{message}");
    }
    assert!(load("[[rule]\n").expect_err("no TOML").to_string().contains("line 1"));
}

#[test]
fn keys_that_two_results_would_share_are_refused() {
    for key in ["{key}.{format}", "{key}/{variant}", "fixed.jpg"] {
        let text = format!("[[rule]]\noutput.key = \"{key}\"\n");
        let error = load(&text).expect_err(key).to_string();
        assert!(error.contains("share the key"), "{key}: {error}");
    }
    let twice = "[[rule.variant]]\nname = \"a\"\nwidth = 1\n".repeat(2);
    let error = load(&format!("[[rule]]\n{twice}")).expect_err("two of one name").to_string();
    assert!(error.contains("two variants named \"a\""), "{error}");

    let text = "[[rule]]\noutput.key = \"{key}/{variant}-{height}.{format}\"\n";
    let error = load(text).expect_err("no variant has a height").to_string();
    assert!(error.contains("line 2: variant \"w160\" has no {height} for its key"), "{error}");
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
        assert!(error.contains("collide"), "{text}: {error}");
    }
    let error = load(looping[1]).expect_err("a loop").to_string();
    assert!(error.contains("line 5 and line 3 collide"), "{error}");

    for text in [
        "[[rule]]\nprefix = \"in/\"\noutput.bucket = \"{bucket}\"\n",
        "[[rule]]\nmatch = \"*.jpg\"\noutput.bucket = \"{bucket}\"\n",
        "[[rule]]\nbucket = \"a\"\noutput.bucket = \"b\"\n",
        "[[rule]]\nbucket = \"a\"\noutput.bucket = \"b\"\n\
         [[rule]]\nbucket = \"b\"\nprefix = \"in/\"\noutput.bucket = \"c\"\n",
    ] {
        load(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    }
}

#[test]
fn originals_stay_unless_a_rule_sends_them_away() {
    let rule = |text: &str| load(text).expect("a good configuration").rules.remove(0);
    assert!(!rule("[[rule]]\n").retires_originals());
    assert!(rule("[[rule]]\noriginals = { after = \"delete\" }\n").retires_originals());
    let moved = rule("[[rule]]\noriginals = { after = \"move\" }\n");
    let place = moved.targets(&object("uploads", "a/b.jpg")).moved;
    assert_eq!(place, Some(object("uploads-originals", "a/b.jpg")));
    assert!(moved.could_have_written(&object("uploads-originals", "a/b.jpg")), "never a source");
    let text = "[[rule]]\nprefix = \"in/\"\n\
                originals = { after = \"move\", bucket = \"{bucket}\", key = \"done/{key}\" }\n";
    let place = rule(text).targets(&object("uploads", "in/a.jpg")).moved;
    assert_eq!(place, Some(object("uploads", "done/in/a.jpg")));
    for (text, expected) in [
        ("originals = { after = \"burn\" }", "line 2: after \"burn\" of originals is none of"),
        ("originals = { after = \"delete\", key = \"k\" }", "only `after = \"move\"` has"),
        ("originals = { after = \"move\", bucket = \"{key}\" }", "may not name {key}"),
        ("originals = { after = \"move\", bucket = \"{bucket}\" }", "collide"),
    ] {
        let error = load(&format!("[[rule]]\n{text}\n")).expect_err(text).to_string();
        assert!(error.contains(expected), "{text}: {error}");
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
    for (text, expected) in [
        ("event_bus = \"a\"\nsns_topic = \"arn:b\"", "choose one"),
        ("sns_topic = \"pictures\"", "a topic's ARN"),
        ("event_bus = \"\"", "the name or ARN"),
        ("queue = \"a\"", "unknown setting `queue`"),
    ] {
        let error = channel(&format!("[completion]\n{text}\n")).expect_err(text).to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }
}

#[test]
fn results_prove_themselves_only_when_they_are_complete_and_alone() {
    let text = "[[rule]]\noutput.manifest = \"m/{key}\"\n\
                [[rule.variant]]\nname = \"a\"\nwidth = 1\n\
                [[rule.variant]]\nname = \"b\"\nwidth = 2\nformats = [\"webp\", \"source\"]\n";
    let rule = load(text).expect("a good configuration").rules.remove(0);
    let targets = rule.targets(&object("in", "k"));
    let verdict = |keys: &[&str]| rule.recognises(&targets, &keys.iter().copied().collect());
    let (a, b, webp) = ("variants/k/a.jpg", "variants/k/b.jpg", "variants/k/b.webp");
    assert_eq!(verdict(&[a, b, webp, "m/k"]), Some(true));
    assert_eq!(verdict(&["variants/k/a.webp", webp, "m/k"]), Some(true), "one file for both");
    assert_eq!(verdict(&["failures/k.json"]), Some(false));
    for keys in [
        &[][..],
        &[a, b, webp],
        &[a, b, "m/k"],
        &[a, "variants/k/b.png", webp, "m/k"],
        &[a, b, webp, "m/k", "failures/k.json"],
        &[a, b, webp, "m/k", "variants/k/a.png"],
    ] {
        assert_eq!(verdict(keys), None, "{keys:?}");
    }
}

#[test]
fn the_recipe_changes_with_what_decides_the_variants() {
    let recipe = |text: &str| load(text).expect("a good configuration").rules[0].recipe.clone();
    let plain = recipe("[[rule]]\n");
    assert_eq!(plain, recipe("[[rule]]\nname = \"another name\"\n"));
    assert_ne!(plain, recipe("[[rule]]\n[[rule.variant]]\nwidth = 160\n"));
    assert_ne!(plain, recipe("[[rule]]\noutput.cache_control = \"no-store\"\n"));
}

#[test]
fn limits_of_nothing_are_refused() {
    let limits = "[limits]\nmax_megapixels = 0\nmax_animation_megapixels = 0\nmax_scans = 0\n\
                  max_source_mib = 0\nmax_memory_mib = 0\nmax_side = 0\nmax_frames = 0\n\
                  s3_patience_ms = 0\n";
    let error = load(limits).expect_err("no upload could keep to them");
    assert_eq!(error.problems.len(), 8, "{error}");
    let message = error.to_string();
    let expected = "max_megapixels of [limits] is 0, which no upload could keep to; leave it out";
    assert!(message.contains(expected), "{message}");
    assert!(message.contains("max_side of [limits] is 0, not 1 to 65500"), "{message}");
}

#[test]
fn what_may_not_be_meant_is_warned_of() {
    let warnings = |text: &str| load(text).expect("a good configuration").warnings;
    for text in ["", "[[rule]]\nprefix = \"in/\"\n", "[[rule]]\nsuffix = \".original\"\n"] {
        assert!(warnings(text).is_empty(), "{text}");
    }
    for text in ["suffix = \".jpg\"", "match = \"**.jpg\"", "match = \"in/*.{jpg,JPG,jpeg}\""] {
        let found = warnings(&format!("[[rule]]\nname = \"a\"\n{text}\n"));
        let end = if text.contains("jpeg") { "jpeg" } else { "jpg" };
        let capitals = end.to_uppercase();
        let expected =
            format!("rule \"a\" takes keys that end in .{end} and no rule takes .{capitals}");
        assert!(found.len() == 1 && found[0].starts_with(&expected), "{text}: {found:?}");
    }
    // Another rule may be for the capitals.
    assert!(warnings("[[rule]]\nsuffix = \".jpg\"\n[[rule]]\nsuffix = \".JPG\"\n").is_empty());

    let moving = "[[rule]]\noriginals.after = \"move\"\n";
    let found = warnings(moving);
    assert!(found.len() == 1 && found[0].contains("\"{bucket}-originals\""), "{found:?}");
    assert!(warnings(&format!("{moving}bucket = \"a\"\n")).is_empty());
}

#[test]
fn uploads_that_nobody_serves_are_told_why() {
    let why = |text: &str, bucket: &str, key: &str| {
        let rules = load(text).expect("a good configuration").rules;
        let object = object(bucket, key);
        match find(&rules, &object) {
            Ok(rule) => rule.name.clone(),
            Err(ignored) => {
                let more = resizer::reason::reason(&rules, &object, ignored);
                more.unwrap_or_else(|| ignored.reason().to_owned())
            }
        }
    };
    let suffix = "[[rule]]\nname = \"a\"\nsuffix = \".jpg\"\n";
    assert_eq!(why(suffix, "b", "B.jpg"), "a");
    assert!(why(suffix, "b", "B.JPG").contains("rule \"a\" would take it in another case"));
    assert_eq!(why(suffix, "b", "B.png"), "no rule takes this bucket and key");

    // A bucket of uploads that is named like one of originals.
    let moving = "[[rule]]\nname = \"a\"\noriginals.after = \"move\"\n";
    let told = why(moving, "site-originals", "x.jpg");
    assert!(told.contains("rule \"a\" could have moved an original to this place"), "{told}");
    let named = format!("{moving}bucket = \"site-originals\"\n");
    assert_eq!(why(&named, "site-originals", "x.jpg"), "a", "what it moves goes elsewhere");
    assert!(why("", "site-variants", "variants/x.jpg/w160.jpg").contains("of this name"));
}
