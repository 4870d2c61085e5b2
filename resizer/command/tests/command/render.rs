//! `resizer render`: the whole output and all files, for good and bad files.

use std::fs;

use super::support::{Bench, photo};

const CONFIG: &str = "[[rule]]\nexclude = \"**.txt\"\nwidths = [16, 32]\nformats = [\"jpeg\"]\n\
                      output.manifest = \"manifests/{key}.json\"\n";

/// Words without the times, which differ from run to run.
fn words(table: &str) -> Vec<String> {
    let without_time = |line: &str| {
        let mut words: Vec<&str> = line.split_whitespace().collect();
        let has_time = line.starts_with(|first: char| !first.is_whitespace());
        if has_time && words.last().is_some_and(|last| last.parse::<u64>().is_ok()) {
            words.pop();
        }
        words.join(" ")
    };
    table.lines().map(without_time).collect()
}

fn names(bench: &Bench, folder: &str) -> Vec<String> {
    bench.files(folder).into_iter().map(|(name, _)| name).collect()
}

fn size(bench: &Bench, name: &str) -> u64 {
    fs::metadata(bench.path(name)).expect("a result").len()
}

#[test]
fn good_files_are_rendered_and_bad_ones_told() {
    let bench = Bench::with_config(CONFIG);
    let whole = photo(64, 48, 1);
    bench.put("photos/ü 1.jpg", &whole);
    bench.put("cut.jpg", &whole[..whole.len() / 2]);
    bench.put("page.jpg", b"<!doctype html><title>no picture</title>");
    bench.put("notes.txt", b"notes");
    bench.put("folder/x", b"");
    let files = ["photos/ü 1.jpg", "cut.jpg", "page.jpg", "notes.txt", "missing.jpg", "folder"];
    let arguments = [&["render", "--config", "resizer.toml"], &files[..]].concat();
    let ended = bench.run(&arguments);

    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    let variants = "resized/variants/photos/ü 1.jpg";
    let small = size(&bench, &format!("{variants}/w16.jpg"));
    let large = size(&bench, &format!("{variants}/w32.jpg"));
    let table = [
        "file variant size bytes ms".to_owned(),
        format!("photos/ü 1.jpg w16 jpeg 16x12 {small}"),
        format!("w32 jpeg 32x24 {large}"),
        format!("1 of 6 files 2 variants {}", small + large),
    ];
    assert_eq!(words(&ended.stdout), table, "{}", ended.stdout);
    let complaints = format!(
        "cut.jpg: refused (malformed): malformed JPEG: the file ends at byte {}, before its last \
         pixels; upload it again, or save the image anew\n\
         page.jpg: refused (not_an_image): {}\n\
         notes.txt: nothing (ignored_no_rule): no rule takes this key: `exclude` of rule \
         \"rule 1\" leaves it out\n\
         missing.jpg: cannot be read: No such file or directory (os error 2)\n\
         folder: is no file; name the files of a folder, as in FOLDER/*\n",
        whole.len() / 2,
        "not an image: the file starts with \"<!doctyp\"; upload a JPEG, PNG, WebP, AVIF or GIF \
         instead",
    );
    assert_eq!(ended.stderr, complaints);
    let expected = [
        "manifests/photos/ü 1.jpg.json",
        "variants/photos/ü 1.jpg/w16.jpg",
        "variants/photos/ü 1.jpg/w32.jpg",
    ];
    assert_eq!(names(&bench, "resized"), expected);
    assert_eq!(fs::read(bench.path("photos/ü 1.jpg")).expect("the input"), whole);

    // A second run finds the results of the first one, and good files alone end well.
    let first = bench.files("resized");
    let again = bench.run(&["render", "--config", "resizer.toml", "photos/ü 1.jpg"]);
    assert_eq!((again.code, again.stderr.as_str()), (Some(0), ""));
    assert_eq!(bench.files("resized"), first);
}

#[test]
fn a_wrong_configuration_renders_nothing() {
    let bench = Bench::with_config("[[rule]]\nwidth = 3\n");
    bench.put("a.jpg", &photo(8, 8, 1));
    let ended = bench.run(&["render", "a.jpg", "--config", "resizer.toml"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""));
    let said = "the configuration (resizer.toml) cannot be used:\n  - line 2: ";
    assert!(ended.stderr.starts_with(said), "{}", ended.stderr);
    assert!(!bench.path("resized").exists());
}

#[test]
fn nothing_lies_outside_of_the_folder_or_in_the_place_of_an_input() {
    let config = "[[rule]]\nprefix = \"deep/\"\noutput.key = \"../{variant}-{key}\"\nwidths = [8]\n\
                  formats = [\"jpeg\"]\n[[rule]]\noutput.key = \"{key}\"\nformats = [\"jpeg\"]\n\
                  widths = [8]\n";
    let bench = Bench::with_config(config);
    let whole = photo(16, 16, 1);
    bench.put("a.jpg", &whole);
    bench.put("deep/a.jpg", &whole);
    let before = bench.files("");
    let arguments = ["render", "--config", "resizer.toml", "--out", ".", "a.jpg", "deep/a.jpg"];
    let ended = bench.run(&arguments);
    assert_eq!(ended.code, Some(1));
    let place = bench.path("a.jpg").canonicalize().expect("a file");
    let complaints = format!(
        "a.jpg: the result \"a.jpg\" would overwrite the input {}; name another --out\n\
         deep/a.jpg: the result \"../w8-deep/a.jpg\" has no place in a folder, as S3 has one\n",
        place.display()
    );
    assert_eq!(ended.stderr, complaints);
    assert_eq!(bench.files(""), before);
    let ended = bench.run(&["render", "--config", "resizer.toml", "--prefix", "x/", "a.jpg"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    assert_eq!(names(&bench, "resized"), ["x/a.jpg"]);
}

#[test]
fn two_files_with_one_place_are_one_result_and_one_refusal() {
    let bench = Bench::with_config(
        "[[rule]]\noutput.key = \"{stem}.{ext}\"\nwidths = [8]\nformats = [\"webp\"]\n",
    );
    bench.put("a.jpg", &photo(16, 16, 1));
    bench.put("a.png", &photo(16, 16, 2));
    let ended = bench.run(&["render", "--config", "resizer.toml", "a.jpg", "a.png"]);
    assert_eq!(ended.code, Some(1));
    assert_eq!(names(&bench, "resized"), ["a.webp"]);
    let lines: Vec<&str> = ended.stderr.lines().collect();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(
        lines[0].contains(": refused (key_taken): key taken: s3://uploads-variants/a.webp is a")
    );
    assert!(
        words(&ended.stdout).last().is_some_and(|sum| sum.starts_with("1 of 2 files 1 variant "))
    );
}

#[test]
fn limits_are_the_functions() {
    let bench = Bench::with_config("[limits]\nmax_source_mib = 1\nmax_side = 20\n");
    bench.put("large.jpg", &[0xff; (1 << 20) + 1]);
    bench.put("wide.jpg", &photo(21, 8, 1));
    let ended = bench.run(&["render", "--config", "resizer.toml", "large.jpg", "wide.jpg"]);
    let said = "large.jpg: refused (too_large): too large: 1048577 bytes in the file, at most \
                1048576 are accepted; upload a smaller file, or raise max_source_mib and the \
                function's memory\n\
                wide.jpg: refused (too_large): too large: 21 pixels on a side, at most 20 \
                are accepted; upload a smaller image, or raise max_side\n";
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(1), said));
    assert_eq!(words(&ended.stdout), ["file variant size bytes ms", "0 of 2 files 0 variants 0"]);
    let ended = bench.run(&["render", "--memory", "128", "large.jpg"]);
    assert!(ended.stderr.starts_with("large.jpg: refused (not_an_image): "), "{}", ended.stderr);
}
