//! Rules: which uploads they take, where results and originals go, and how results are recognized.

use resizer::rules::find;

use crate::configuration::{load, object};

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
    let text = "[[rule]]\noriginals = { after = \"move\", bucket = \"{bucket}\" }\n";
    let error = load(text).expect_err("what is moved is an upload again").to_string();
    assert!(error.contains("would be its own uploads"), "{error}");
}

#[test]
fn results_prove_themselves_only_when_they_are_complete_and_alone() {
    let text = "[[rule]]\noutput.manifest = \"m/{key}\"\n\
                [[rule.variant]]\nname = \"a\"\nwidth = 1\n\
                [[rule.variant]]\nname = \"b\"\nwidth = 2\nformats = [\"webp\", \"source\"]\n";
    let rule = load(text).expect("a good configuration").rules.remove(0);
    let targets = rule.targets(&object("in", "k"));
    let verdict = |keys: &[&str]| rule.recognizes(&targets, &keys.iter().copied().collect());
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
fn the_fingerprint_changes_with_what_decides_the_variants() {
    let fingerprint =
        |text: &str| load(text).expect("a good configuration").rules[0].fingerprint.clone();
    let plain = fingerprint("[[rule]]\n");
    assert_eq!(plain, fingerprint("[[rule]]\nname = \"another name\"\n"));
    assert_ne!(plain, fingerprint("[[rule]]\n[[rule.variant]]\nwidth = 160\n"));
    assert_ne!(plain, fingerprint("[[rule]]\nhdr = \"keep\"\n"));
    assert_eq!(plain, fingerprint("[[rule]]\nhdr = \"drop\"\n"));
    for setting in ["raw = \"preview\"", "png_colors = \"all\"", "formats = [\"auto\"]"] {
        assert_ne!(plain, fingerprint(&format!("[[rule]]\n{setting}\n")), "{setting}");
    }
    assert_ne!(plain, fingerprint("[[rule]]\noutput.cache_control = \"no-store\"\n"));
}

#[test]
fn suffixes_are_several_and_in_any_case() {
    let text = "[[rule]]\nsuffix = [\".jpg\", \".JPEG\"]\nexclude = [\"tmp/**\", \"**.x.jpg\"]\n";
    let rules = load(text).expect("a good configuration").rules;
    let takes = |key: &str| find(&rules, &object("uploads", key)).is_ok();
    for key in ["a.jpg", "B.JPG", "d/c.jpeg", "ü.Jpeg"] {
        assert!(takes(key), "{key}");
    }
    for key in ["a.png", "jpg", "tmp/a.jpg", "tmp/", "d/a.x.jpg"] {
        assert!(!takes(key), "{key}");
    }
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
    let glob = "[[rule]]\nname = \"a\"\nmatch = \"**.jpg\"\n";
    assert_eq!(why(glob, "b", "B.jpg"), "a");
    assert!(why(glob, "b", "B.JPG").contains("rule \"a\" would take it in another case"));
    assert_eq!(why(glob, "b", "B.png"), "no rule takes this bucket and key");
    let told = why(&format!("{glob}exclude = \"tmp/**\"\n"), "b", "tmp/B.jpg");
    assert!(told.contains("`exclude` of rule \"a\" leaves it out"), "{told}");

    // A bucket of uploads that is named like one of originals.
    let moving = "[[rule]]\nname = \"a\"\noriginals.after = \"move\"\n";
    let told = why(moving, "site-originals", "x.jpg");
    assert!(told.contains("rule \"a\" could have moved an original to this place"), "{told}");
    let named = format!("{moving}bucket = \"site-originals\"\n");
    assert_eq!(why(&named, "site-originals", "x.jpg"), "a", "what it moves goes elsewhere");
    assert!(why("", "site-variants", "variants/x.jpg/w160.jpg").contains("of this name"));
}
