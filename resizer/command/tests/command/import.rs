//! `resizer import`: the whole file for parameters of each kind, and the names of Firebase's
//! extension for a thousand keys.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use resizer::config::{Config, Settings};
use resizer::event::ObjectRef;
use resizer::rules::Rule;
use resizer_engine::spec::OutputFormat;

use super::support::Bench;

fn imports() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/imports")
}

fn load(text: &str) -> Config {
    let settings = Settings {
        text: Some(text.to_owned()),
        upload_bucket: Some("uploads".to_owned()),
        ..Settings::default()
    };
    Config::load(&settings).unwrap_or_else(|error| panic!("{text}\n{error}"))
}

/// Every file beside which one of the same name ends in `.toml` becomes just that. RESIZER_ACCEPT=1
/// writes what it becomes today; read it before you commit it.
#[test]
fn settings_of_other_tools_become_configurations() {
    let mut count = 0;
    for tool in ["firebase", "wordpress", "laravel"] {
        let files = fs::read_dir(imports().join(tool)).expect("a folder of cases");
        let files = files.map(|entry| entry.expect("a readable folder").path());
        for file in files.filter(|file| file.extension().is_some_and(|ending| ending != "toml")) {
            count += 1;
            let ended = Bench::new().run(&["import", tool, file.to_str().expect("UTF-8")]);
            assert_eq!(ended.code, Some(0), "{}: {}", file.display(), ended.stderr);
            let expected = file.with_extension("toml");
            if std::env::var_os("RESIZER_ACCEPT").is_some() {
                fs::write(&expected, &ended.stdout).expect("a place to write to");
            }
            let expected = fs::read_to_string(&expected).unwrap_or_default();
            assert!(ended.stdout == expected, "{}:\n{}", file.display(), ended.stdout);
            load(&ended.stdout);
            let told = ended.stderr.lines().filter(|line| line.starts_with("differs: ")).count();
            let noted = expected.lines().filter(|line| line.starts_with("# - ")).count();
            assert!(told > 0 && told == noted, "{}: {told} of {noted}", file.display());
        }
    }
    assert_eq!(count, 9);
}

#[test]
fn what_cannot_be_read_is_a_wrong_use() {
    for (tool, text, said) in [
        ("firebase", "IMG_SIZES\n", "line 1 is no NAME=value: \"IMG_SIZES\""),
        (
            "firebase",
            "IMAGE_TYPE=webp\n",
            "IMG_SIZES is not set, such as IMG_SIZES=200x200,800x800",
        ),
        ("firebase", "IMG_SIZES=200\n", "IMG_SIZES: \"200\" is no WIDTHxHEIGHT"),
        ("firebase", "IMG_SIZES=+2x2\n", "IMG_SIZES: \"+2x2\" is no WIDTHxHEIGHT"),
        ("firebase", "IMG_SIZES=2x2\nSHARP_OPTIONS=[]\n", "SHARP_OPTIONS is no JSON object: []"),
        (
            "firebase",
            "IMG_SIZES=2x2\nINCLUDE_PATH_LIST=/a{b\n",
            "INCLUDE_PATH_LIST: the path \"/a{b\" has characters that patterns of keys cannot say",
        ),
        ("firebase", "params:\n", "no list of `params` in it"),
        (
            "firebase",
            "params:\n- &a {param: A}\n- *a\n",
            "it has aliases (`*name`); write out what they stand for",
        ),
        (
            "firebase",
            "IMG_SIZES=2x2\nDELETE_ORIGINAL_FILE=False\n",
            "DELETE_ORIGINAL_FILE is \"False\"; it may be true, false or on_success",
        ),
        (
            "wordpress",
            "<?php echo 1;",
            "no image size in it; give what `wp media image-size --format=json` prints, or a PHP \
             file with add_image_size",
        ),
        ("wordpress", "[1", "no JSON list: EOF while parsing a list at line 1 column 2"),
        ("wordpress", "name,width,height\n", "the table has no column \"crop\""),
        ("laravel", "<?php", "no conversion in it; give a model with addMediaConversion('name')"),
    ] {
        let bench = Bench::new();
        bench.put("file", text.as_bytes());
        let ended = bench.run(&["import", tool, "file"]);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{text}");
        assert_eq!(ended.stderr, format!("error: file: {said}\n"), "{text}");
    }
    let bench = Bench::new();
    bench.put("file", b"IMG_SIZES=0x200\n");
    let ended = bench.run(&["import", "firebase", "file"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""));
    assert!(ended.stderr.contains("what it says cannot be kept"), "{}", ended.stderr);
}

/// The parameters behind each thousandth: sizes, types, folder.
const PARAMETERS: [[&str; 3]; 10] = [
    ["200x200", "false", ""],
    ["200x200,64x48,1600x1200", "webp", "thumbs"],
    ["200x200,10x20000", "jpeg", ""],
    ["320x240", "png", "thumbs"],
    ["1x1,640x640", "avif", "a/b"],
    ["500x300", "false", "resized images"],
    ["200x200,400x400", "jpeg,webp,png", ""],
    ["200x200", "webp,false", "größe"],
    ["300x300,600x600", "avif,webp,jpeg", "x.y"],
    ["128x128", "gif", ""],
];

/// The formats that an upload's variant of this type may be written in.
fn formats(rule: &Rule, kind: &str, key: &str) -> Vec<OutputFormat> {
    let ending = key.rsplit('.').next().unwrap_or_default().to_lowercase();
    match kind {
        "jpeg" => vec![OutputFormat::Jpeg],
        "png" => vec![OutputFormat::Png],
        "webp" => vec![OutputFormat::Webp],
        "avif" => vec![OutputFormat::Avif],
        "gif" => vec![OutputFormat::Gif],
        // The only file has one name, whatever it turns out to be.
        _ if rule.request.variants[0].formats.len() == 1 => {
            vec![OutputFormat::Jpeg, OutputFormat::Png, OutputFormat::Webp]
        }
        _ if ending == "png" => vec![OutputFormat::Png],
        _ => vec![OutputFormat::Jpeg],
    }
}

/// The names come from the code of the extension, run with Node's own `path` on keys that a
/// generator drew: each line has the number of its parameters, key, size, type, and the name.
#[test]
fn a_thousand_keys_have_the_names_that_firebase_gives_them() {
    let rules = PARAMETERS.map(|[sizes, kinds, folder]| {
        let bench = Bench::new();
        let text = format!("IMG_SIZES={sizes}\nIMAGE_TYPE={kinds}\nRESIZED_IMAGES_PATH={folder}\n");
        bench.put("resize.env", text.as_bytes());
        let ended = bench.run(&["import", "firebase", "resize.env"]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        load(&ended.stdout).rules.remove(0)
    });
    let names = fs::read_to_string(imports().join("firebase-names.tsv")).expect("the names");
    let mut of_rule: BTreeMap<usize, usize> = BTreeMap::new();
    for line in names.lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        let [index, key, size, kind, expected] = cells[..] else { panic!("{line}") };
        let index: usize = index.parse().expect("a number");
        let rule = &rules[index];
        let object = ObjectRef { bucket: "uploads".to_owned(), key: key.to_owned() };
        let targets = rule.targets(&object);
        for format in formats(rule, kind, key) {
            assert_eq!(targets.key_of(size, format), expected, "{key} as {kind}, {format:?}");
        }
        *of_rule.entry(index).or_default() += 1;
    }
    assert_eq!(of_rule.into_values().collect::<Vec<_>>(), [100; 10]);
}
