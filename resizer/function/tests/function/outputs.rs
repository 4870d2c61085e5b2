//! How results are named and kept: presets, tags, classes, keys, metadata; and what is said of
//! settings that S3 would refuse.

use resizer::event::ObjectRef;
use resizer::object_properties::KmsKey;
use resizer::rules::Rule;
use resizer_engine::spec::OutputFormat;

use crate::configuration::load;

fn rule(text: &str) -> Rule {
    load(text).unwrap_or_else(|error| panic!("{text}\n{error}")).rules.remove(0)
}

fn refused(text: &str) -> String {
    load(text).expect_err(text).to_string()
}

fn key(rule: &Rule, upload: &str, variant: &str, format: OutputFormat) -> String {
    let object = ObjectRef { bucket: "uploads".to_owned(), key: upload.to_owned() };
    rule.targets(&object).key_of(variant, format).to_owned()
}

const THUMB: &str = "[[rule.variant]]\nname = \"thumb\"\nwidth = 200\nheight = 150\n";

#[test]
fn presets_name_variants_as_other_tools_do() {
    for (output, upload, expected) in [
        ("naming = \"plain\"", "a/b.png", "variants/a/b.png/thumb.jpg"),
        ("naming = \"firebase\"", "a/b.png", "a/b_200x150.png"),
        ("naming = \"firebase\"", "a/14.JPG", "a/14_200x150.JPG"),
        ("naming = \"firebase\"", "b.jpeg", "b_200x150.jpeg"),
        ("naming = \"firebase\"", "x.la", "x.la_200x150"),
        ("naming = \"firebase\"", "b.tar.png", "b.tar_200x150.png"),
        ("naming = \"firebase\"\nfolder = \"thumbs\"", "a/b.png", "a/thumbs/b_200x150.png"),
        ("naming = \"firebase\"\nfolder = \"/x/y/\"", "b.png", "x/y/b_200x150.png"),
        ("naming = \"wordpress\"", "2026/10/b.png", "2026/10/b-200x150.jpg"),
        ("naming = \"laravel\"", "17/b.png", "17/conversions/b-thumb.jpg"),
        ("naming = \"laravel\"\nfolder = \"c\"", "17/b.png", "17/c/b-thumb.jpg"),
    ] {
        let rule = rule(&format!("[[rule]]\n[rule.output]\n{output}\n{THUMB}"));
        assert_eq!(key(&rule, upload, "thumb", OutputFormat::Jpeg), expected, "{output}");
        let written = ObjectRef { bucket: "uploads-variants".to_owned(), key: expected.to_owned() };
        assert!(rule.could_have_written(&written), "{output}: never a source again");
    }
}

#[test]
fn firebase_names_distinguish_several_formats() {
    let several = rule(&format!(
        "[[rule]]\n[rule.output]\nnaming = \"firebase\"\n{THUMB}formats = [\"webp\", \"jpeg\"]\n"
    ));
    for (upload, format, expected) in [
        ("14.JPG", OutputFormat::Jpeg, "14_200x150.jpeg"),
        ("14.JPG", OutputFormat::Webp, "14_200x150.webp"),
        ("x.la", OutputFormat::Jpeg, "x.la_200x150.jpeg"),
        ("x.la", OutputFormat::Webp, "x.la_200x150.webp"),
    ] {
        assert_eq!(key(&several, upload, "thumb", format), expected);
    }
    // Without an extension two variants would be told apart by nothing.
    let error = refused(&format!(
        "[[rule]]\noutput.key = \"{{base}}{{suffix}}\"\n{THUMB}formats = [\"webp\"]\n\
         [[rule.variant]]\nname = \"b\"\nwidth = 3\nformats = [\"jpeg\"]\n"
    ));
    assert!(error.contains("would have the same key"), "{error}");
}

#[test]
fn presets_say_what_they_need() {
    for (output, expected) in [
        ("folder = \"x\"", "line 3: `folder` is for `naming`"),
        ("naming = \"plain\"\nfolder = \"x\"", "line 4: `folder` is for `naming`"),
        ("naming = \"firebase\"\nfolder = \"{stem}\"", "line 4: `folder` is \"{stem}\"; it takes"),
        ("naming = \"firebase\"\nfolder = \"/\"", "line 4: `folder` is \"/\"; it takes"),
    ] {
        let error = refused(&format!("[[rule]]\n[rule.output]\n{output}\n{THUMB}"));
        assert!(error.contains(expected), "{output}: {error}");
    }
    // The default widths leave their heights open.
    rule("[[rule]]\n[rule.output]\nnaming = \"laravel\"\n");
    // In the bucket of the uploads what is written would be uploads, in whatever folder.
    let error = refused(&format!(
        "[[rule]]\n[rule.output]\nbucket = \"{{bucket}}\"\nnaming = \"firebase\"\n{THUMB}"
    ));
    assert!(error.contains("line 4: ") && error.contains("(line 1)"), "{error}");
    // Unless their ends tell them apart.
    rule(&format!(
        "[[rule]]\nsuffix = \".png\"\n[rule.output]\nbucket = \"{{bucket}}\"\n\
         naming = \"firebase\"\n{THUMB}formats = [\"webp\"]\n"
    ));
}

#[test]
fn variants_replace_what_their_output_says() {
    let rule = rule(
        r#"
[[rule]]
[rule.output]
cache_control = "public, max-age=60"
tags = { team = "web", "cost center" = "Köln/4" }
storage_class = "STANDARD_IA"
kms_key = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
copy_metadata = true

[[rule.variant]]
name = "a"
width = 10

[[rule.variant]]
name = "b"
width = 20
cache_control = "no-store"
tags = {}
storage_class = "STANDARD"
kms_key = "alias/pictures"
kms_bucket_key = false
copy_metadata = false
"#,
    );
    let (all, b) = (rule.output.storage_of("a"), rule.output.storage_of("b"));
    assert_eq!(all, &rule.output.storage);
    assert_eq!(all.cache_control.as_deref(), Some("public, max-age=60"));
    assert_eq!(all.tagging().as_deref(), Some("cost%20center=K%C3%B6ln%2F4&team=web"));
    assert_eq!((all.class.as_deref(), all.copies_metadata), (Some("STANDARD_IA"), true));
    assert!(all.kms_key.as_ref().is_some_and(|key| key.for_bucket));
    assert_eq!((b.cache_control.as_deref(), b.tagging()), (Some("no-store"), None));
    assert_eq!((b.class.as_deref(), b.copies_metadata), (Some("STANDARD"), false));
    let key = KmsKey { id: "alias/pictures".to_owned(), for_bucket: false };
    assert_eq!(b.kms_key, Some(key));

    let records = rule.output.storage.of_records();
    assert_eq!((records.tags, records.kms_key), (all.tags.clone(), all.kms_key.clone()));
    assert_eq!(
        (records.cache_control, records.class, records.copies_metadata),
        (None, None, false)
    );
}

#[test]
fn what_s3_would_refuse_is_listed_with_its_line() {
    let many: String = (0..11).map(|n| format!("k{n} = \"v\", ")).collect();
    let long = "x".repeat(257);
    let text = format!(
        "[[rule]]\noutput.tags = {{ {many} }}\n[[rule.variant]]\ntags = {{ long = \"{long}\" }}\n"
    );
    let message = refused(&text);
    for expected in [
        "line 2: `tags` has 11 tags; S3 takes 10",
        "line 4: the tag \"long\" of `tags` has more than 256 characters",
    ] {
        assert!(message.contains(expected), "{expected:?} is missing in\n{message}");
    }
    // Within all limits, and still no header that S3 takes: each of these is nine bytes encoded.
    let wide = "漢".repeat(250);
    let message =
        refused(&format!("[[rule]]\noutput.tags = {{ a = \"{wide}\", b = \"{wide}\" }}\n"));
    assert!(message.contains("bytes once it is encoded; at most 4096 fit"), "{message}");
}

#[test]
fn urls_have_a_version_where_it_is_asked_for() {
    let url = |output: &str| {
        let rule = rule(&format!("[[rule]]\n[rule.output]\n{output}\n{THUMB}"));
        rule.output.url("a b.jpg", b"abc")
    };
    assert_eq!(url(""), "a%20b.jpg");
    assert_eq!(url("versioned_urls = true"), "a%20b.jpg?v=90015098");
    let both = "base_url = \"https://cdn.example.com\"\nversioned_urls = true";
    assert_eq!(url(both), "https://cdn.example.com/a%20b.jpg?v=90015098");
}

#[test]
fn the_fingerprint_changes_with_how_results_are_kept() {
    let fingerprint =
        |output: &str| rule(&format!("[[rule]]\n[rule.output]\n{output}\n{THUMB}")).fingerprint;
    let plain = fingerprint("");
    for output in [
        "tags = { a = \"1\" }",
        "storage_class = \"STANDARD_IA\"",
        "kms_key = \"alias/a\"",
        "copy_metadata = true",
        "base_url = \"/\"",
        "naming = \"firebase\"",
        "manifest = \"m/{key}\"",
        "versioned_urls = true",
    ] {
        assert_ne!(fingerprint(output), plain, "{output}");
    }
    assert_eq!(fingerprint("naming = \"plain\""), plain);
    let variant = rule(&format!("[[rule]]\n{THUMB}tags = {{ a = \"1\" }}\n")).fingerprint;
    assert_ne!(variant, plain, "also for a variant alone");
}

#[test]
fn whoever_shows_pictures_gets_placeholders() {
    let placeholders = |text: &str| rule(text).request.placeholders;
    assert!(!placeholders("[[rule]]\n"));
    assert!(placeholders("[[rule]]\noutput.manifest = \"m/{key}\"\n"));
    assert!(placeholders("[completion]\nevent_bus = \"b\"\n[[rule]]\n"));
}
