//! `resizer check`: the whole output for configurations of each kind.

use std::fs;
use std::path::Path;

use super::support::{Bench, Ended};

const TWO_RULES: &str = r#"
[[rule]]
name = "avatars"
prefix = "avatars/"
exclude = "**/draft*"
originals = { after = "delete" }

[[rule.variant]]
name = "square"
width = 256
height = 256
fit = "cover"
formats = ["webp", "jpeg"]

[[rule]]
name = "photos"
suffix = [".png", ".jpg"]
widths = [640]
originals = { after = "move" }
output.manifest = "manifests/{key}.json"
"#;

#[test]
fn every_rule_and_every_named_key_is_told() {
    let bench = Bench::with_config(TWO_RULES);
    let keys = ["avatars/me.gif", "avatars/draft.gif", "a.bmp", "B.JPG", "s3://uploads-variants/x"];
    let keys = keys.iter().flat_map(|key| ["--key", key]);
    let ended = bench.run(&["check", "resizer.toml"].into_iter().chain(keys).collect::<Vec<_>>());
    let stdout = r#"resizer.toml can be used: 2 rules, 0 warnings.

s3://uploads/avatars/photo.jpg -> rule "avatars"
  result        size     fit    format  key
  square        256x256  cover  webp    s3://uploads-variants/variants/avatars/photo.jpg/square.webp
  square        256x256  cover  jpeg    s3://uploads-variants/variants/avatars/photo.jpg/square.jpg
  (if refused)                          s3://uploads-variants/failures/avatars/photo.jpg.json
  The original is deleted once all of this is stored.

s3://uploads/photo.png -> rule "photos"
  result        size   fit     format        key
  w640          640x?  inside  source (png)  s3://uploads-variants/variants/photo.png/w640.png
  (manifest)                                 s3://uploads-variants/manifests/photo.png.json
  (if refused)                               s3://uploads-variants/failures/photo.png.json
  (original)                                 s3://uploads-originals/photo.png

s3://uploads/avatars/me.gif -> rule "avatars"
  result        size     fit    format  key
  square        256x256  cover  webp    s3://uploads-variants/variants/avatars/me.gif/square.webp
  square        256x256  cover  jpeg    s3://uploads-variants/variants/avatars/me.gif/square.jpg
  (if refused)                          s3://uploads-variants/failures/avatars/me.gif.json
  The original is deleted once all of this is stored.

s3://uploads/avatars/draft.gif -> nothing (ignored_no_rule): no rule takes this key: `exclude` of rule "avatars" leaves it out

s3://uploads/a.bmp -> nothing (ignored_no_rule): no rule takes this bucket and key

s3://uploads/B.JPG -> rule "photos"
  result        size   fit     format         key
  w640          640x?  inside  source (jpeg)  s3://uploads-variants/variants/B.JPG/w640.jpg
  (manifest)                                  s3://uploads-variants/manifests/B.JPG.json
  (if refused)                                s3://uploads-variants/failures/B.JPG.json
  (original)                                  s3://uploads-originals/B.JPG

s3://uploads-variants/x -> nothing (ignored_no_rule): no rule takes this bucket and key
"#;
    let expected = Ended { code: Some(0), stdout: stdout.to_owned(), stderr: String::new() };
    assert_eq!(ended, expected, "{}", ended.stdout);
}

#[test]
fn keys_of_no_use_are_told_with_their_reason() {
    let bench = Bench::with_config(
        "[[rule]]\nbucket = \"up\"\noutput.bucket = \"up\"\n\
         prefix = \"in/\"\noutput.key = \"out/{key}/{variant}/{ext}\"\nwidths = [9]\n\
         output.failure = \"out/{key}.json\"\n",
    );
    let long = format!("in/{}", "x".repeat(1020));
    let ended = bench.run(&[
        "check",
        "resizer.toml",
        "--key",
        "s3://up/in/\n",
        "--key",
        &long,
        "--key",
        &format!("s3://up/{long}"),
    ]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    let refused = "refused (too_large): too large: 1035 bytes in the key of a variant, at most \
                   1024 are accepted; upload it under a shorter key\n";
    let parts = [
        "\ns3://up/in/photo.jpg -> rule \"rule 1\"\n",
        "  w9            9x?   inside  source (jpeg)  s3://up/out/in/photo.jpg/w9/jpg\n",
        "\ns3://up/in/\\n -> rule \"rule 1\"\n",
        &format!("\ns3://uploads/{long} -> nothing (ignored_no_rule): "),
        &format!("\ns3://up/{long} -> rule \"rule 1\"\n  {refused}"),
    ];
    for part in parts {
        assert!(ended.stdout.contains(part), "{part:?} in {}", ended.stdout);
    }
    let nothing = Bench::with_config("[[rule]]\nexclude = \"**\"\n");
    let ended = nothing.run(&["check", "resizer.toml"]);
    let said = "\nRule \"rule 1\": no key comes to mind that it takes; name one with --key.\n";
    assert!(ended.code == Some(0) && ended.stdout.ends_with(said), "{ended:?}");
}

/// What the function's own tests have as its message at start, word by word.
#[test]
fn problems_and_warnings_are_those_of_the_functions_start() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../function/tests/configurations");
    let mut count = 0;
    for kind in ["refused", "warned"] {
        for entry in fs::read_dir(cases.join(kind)).expect("a folder of cases") {
            let path = entry.expect("a readable folder").path();
            if path.extension().is_none_or(|ending| ending != "toml") {
                continue;
            }
            count += 1;
            let text = fs::read_to_string(&path).expect("a readable case");
            let said = fs::read_to_string(path.with_extension("txt")).expect("what is said");
            let bench = Bench::with_config(&text);
            let ended = bench.run(&["check", "resizer.toml"]);
            let name = path.display();
            if kind == "refused" {
                let said = said.replacen("(RESIZER_CONFIG)", "(resizer.toml)", 1);
                let expected = Ended { code: Some(1), stdout: String::new(), stderr: said };
                assert_eq!(ended, expected, "{name}");
            } else {
                assert_eq!(ended.code, Some(0), "{name}");
                // The cases name no upload bucket; the command always has one.
                for warning in ended.stderr.lines() {
                    let warning = warning.strip_prefix("warning: ").expect("a warning");
                    assert!(said.lines().any(|line| line == warning), "{name}: {warning}");
                }
                let code = if ended.stderr.is_empty() { 0 } else { 1 };
                assert_eq!(bench.run(&["check", "--strict", "resizer.toml"]).code, Some(code));
            }
        }
    }
    assert_eq!(count, 44);
    let slash = Bench::with_config("[[rule]]\nprefix = \"/a/\"\n").run(&["check", "resizer.toml"]);
    assert!(slash.stderr.starts_with("warning: line 2: rule \"rule 1\" takes only keys"));
    assert!(slash.stdout.starts_with("resizer.toml can be used: 1 rule, 1 warning.\n"));
}
