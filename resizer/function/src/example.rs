//! A rule in, a key out that an upload for it could have, for people to look at.

use crate::event::ObjectRef;
use crate::filter::SourceFilter;
use crate::pattern::Pattern;
use crate::rules::{self, Rule};

/// What the uploads of examples are named; the first one that a rule takes counts.
const NAMES: [&str; 5] = ["photo", "a", "1", "photo 2", "x/photo"];

/// The ends of their keys under a rule that takes any.
const ENDS: [&str; 4] = [".jpg", ".png", ".JPG", ""];

/// An upload in this bucket, or in the rule's own, that the rule of this index gets; one that it
/// would get but for an earlier rule, or but for its own results, where there is no other. `None`
/// where the rule's patterns leave none of the keys that are tried.
pub fn upload(rules: &[Rule], index: usize, bucket: &str) -> Option<ObjectRef> {
    let source = &rules[index].source;
    let bucket = source.bucket.as_deref().unwrap_or(bucket);
    let object = |key: String| ObjectRef { bucket: bucket.to_owned(), key };
    let taken: Vec<ObjectRef> =
        keys(source).map(object).filter(|object| source.takes(object)).collect();
    let is_its = |object: &&ObjectRef| {
        rules::find(rules, object).is_ok_and(|found| std::ptr::eq(found, &rules[index]))
    };
    taken.iter().find(is_its).or(taken.first()).cloned()
}

/// Keys that the filter may take.
fn keys(source: &SourceFilter) -> impl Iterator<Item = String> {
    let own: Vec<&str> = source.suffixes.iter().map(String::as_str).collect();
    let ends = if own.is_empty() { ENDS.to_vec() } else { own };
    let folder = source.prefix.trim_end_matches('/').to_owned();
    let plain = |name: &str, end: &str| format!("{}{name}{end}", source.prefix);
    NAMES.into_iter().flat_map(move |name| {
        let mut keys = Vec::new();
        for &end in &ends {
            keys.push(plain(name, end));
            for glob in &source.globs {
                let last = if glob.ends_open() { format!("{name}{end}") } else { name.to_owned() };
                keys.extend([name, "", &folder].map(|first| filled(glob, (first, name, &last))));
            }
        }
        keys
    })
}

/// A text that the pattern matches, whose wildcards stand for the first, a middle or the last text.
fn filled(glob: &Pattern, (first, middle, last): (&str, &str, &str)) -> String {
    let count = glob.wildcards();
    glob.filled(|index| match index {
        _ if index + 1 == count => last,
        0 => first,
        _ => middle,
    })
}

#[cfg(test)]
mod tests {
    use super::upload;
    use crate::config::{Config, Settings};

    #[test]
    fn each_rule_has_an_upload_of_its_own_as_far_as_there_is_one() {
        for (text, expected) in [
            ("", ["photo.jpg"].as_slice()),
            ("[[rule]]\nprefix = \"a/\"\n[[rule]]\n", &["a/photo.jpg", "photo.jpg"]),
            ("[[rule]]\nsuffix = [\".heic\", \".jpg\"]\n", &["photo.heic"]),
            ("[[rule]]\nmatch = \"albums/*/**.{jpg,png}\"\n", &["albums/photo/photo.jpg"]),
            ("[[rule]]\nprefix = \"p/\"\nmatch = \"**/*.jpg\"\n", &["p/photo.jpg"]),
            ("[[rule]]\nmatch = \"logo.svg\"\n", &["logo.svg"]),
            ("[[rule]]\nmatch = \"??/x\"\n", &["aa/x"]),
            ("[[rule]]\nexclude = \"**photo**\"\n", &["a.jpg"]),
            ("[[rule]]\nsuffix = \".jpg\"\n[[rule]]\n", &["photo.jpg", "photo.png"]),
            ("[[rule]]\n[[rule]]\n", &["photo.jpg", "photo.jpg"]),
        ] {
            let settings = Settings { text: Some(text.to_owned()), ..Settings::default() };
            let rules = Config::load(&settings).unwrap_or_else(|error| panic!("{error}")).rules;
            let uploads = (0..rules.len()).map(|index| upload(&rules, index, "uploads"));
            let keys: Vec<String> = uploads.map(|object| object.expect("a key").key).collect();
            assert_eq!(keys, expected, "{text}");
        }
        let settings = Settings {
            text: Some("[[rule]]\nexclude = \"**\"\n".to_owned()),
            ..Settings::default()
        };
        let rules = Config::load(&settings).unwrap_or_else(|error| panic!("{error}")).rules;
        assert_eq!(upload(&rules, 0, "uploads"), None);
    }
}
