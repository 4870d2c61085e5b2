//! What `--prune` deletes: exactly what no rule makes.

use std::collections::{BTreeMap, BTreeSet};

use resizer::config::{Config, Settings};
use resizer::event::ObjectRef;
use resizer::layout::{Layout, LayoutText};
use resizer::ledger::LEDGER_KEY;
use resizer::rules::Rule;
use resizer::store::{ProvenanceTag, State};
use serde_json::json;

use super::bucket::{Bucket, CONFIG, Ended, Object, RESULTS, UPLOADS, interrupted, pictures};

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed >> 33) as usize % end
    }

    fn one_in(&mut self, end: usize) -> bool {
        self.below(end) == 0
    }

    fn pick<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[self.below(texts.len())]
    }
}

/// A configuration of one to three rules: which uploads, and where their results go.
fn configuration(dice: &mut Dice) -> String {
    let rule = |dice: &mut Dice| {
        let filter = dice.pick(&[
            "",
            "prefix = \"p/\"\n",
            "suffix = [\".jpg\", \".PNG\"]\n",
            "match = \"**/?.{jpg,png}\"\n",
            "exclude = \"p/q/**\"\n",
        ]);
        let key = dice.pick(&[
            "variants/{key}/{variant}.{ext}",
            "{variant}/{key}.{ext}",
            "by-bucket/{bucket}/{key}-{variant}.{ext}",
            "v/{dir}/{stem}-{variant}.{ext}",
            "flat/{stem}.{source_ext}-{variant}.{ext}",
            "twice/{key}/{stem}/{variant}",
        ]);
        let manifest = dice.pick(&[
            "",
            "output.manifest = \"manifests/{key}.json\"\n",
            "output.manifest = \"m/{dir}/{stem}.json\"\n",
        ]);
        let originals = dice.pick(&["", "", "originals.after = \"delete\"\n"]);
        let variant = dice.pick(&["a", "b", "c"]);
        let formats = dice.pick(&["[\"jpeg\"]", "[\"webp\", \"png\"]"]);
        format!(
            "[[rule]]\n{filter}{manifest}{originals}output.key = \"{key}\"\n\
             [[rule.variant]]\nname = \"{variant}\"\nwidth = 8\n\
             formats = {}\n",
            if key.contains("{ext}") { formats } else { "[\"jpeg\"]" }
        )
    };
    let count = 1 + dice.below(3);
    (0..count).map(|_| rule(dice)).collect()
}

fn load(text: &str) -> Result<Config, String> {
    let upload_bucket = Some(UPLOADS.to_owned());
    let settings = Settings { text: Some(text.to_owned()), upload_bucket, ..Settings::default() };
    Config::load(&settings).map_err(|error| error.to_string())
}

/// A configuration that the function would start with.
fn good(dice: &mut Dice) -> (String, Config) {
    loop {
        let text = configuration(dice);
        if let Ok(config) = load(&text) {
            return (text, config);
        }
    }
}

fn upload(key: &str) -> ObjectRef {
    ObjectRef { bucket: UPLOADS.to_owned(), key: key.to_owned() }
}

fn keys() -> Vec<String> {
    let folders = ["", "p/", "p/q/", "p/q-r/", "ü +/", "variants/"];
    let names = ["x.jpg", "x.png", "y.JPG", "z", "long name.png"];
    folders
        .iter()
        .flat_map(|folder| names.iter().map(move |name| format!("{folder}{name}")))
        .collect()
}

/// The tag of a result of this upload, in whatever state it was.
fn tag(source: &ObjectRef, number: usize) -> BTreeMap<String, String> {
    let state = State {
        etag: format!("etag {number}"),
        last_modified_s: 1,
        size_bytes: 2,
        version_id: None,
        focal_point: None,
    };
    ProvenanceTag::new("0123456789abcdef".to_owned(), source, &state).metadata()
}

async fn write_ledger(bucket: &Bucket, configs: &[&Config]) {
    let mut layouts: Vec<LayoutText> = Vec::new();
    for rule in configs.iter().flat_map(|config| &config.rules) {
        let layout = Layout::of(rule).to_text();
        if !layouts.contains(&layout) {
            layouts.push(layout);
        }
    }
    let ledger = json!({ "version": 1, "layouts": layouts }).to_string();
    bucket.put(RESULTS, LEDGER_KEY, ledger.as_bytes()).await;
}

/// Keys that a dry run names, or the number that a run deleted.
fn named(dry: &Ended) -> BTreeSet<String> {
    let start = format!("s3://{RESULTS}/");
    let places = dry.stdout.lines().filter_map(|line| line.split_once("  "));
    places.filter_map(|(_, place)| place.strip_prefix(&start)).map(str::to_owned).collect()
}

/// A bucket with a random history under random configurations.
async fn history(seed: u64) {
    let mut dice = Dice(seed);
    let configs: Vec<(String, Config)> = (0..3).map(|_| good(&mut dice)).collect();
    let (text, current) = configs.last().expect("three of them");
    let bucket = Bucket::new(text).await;
    let loaded: Vec<&Config> = configs.iter().map(|(_, config)| config).collect();
    write_ledger(&bucket, &loaded).await;

    // Results that any of the configurations made of any upload, each place once.
    let mut owners: BTreeMap<String, ObjectRef> = BTreeMap::new();
    for (config, source) in
        loaded.iter().flat_map(|config| keys().into_iter().map(move |key| (config, upload(&key))))
    {
        let Ok(rule) = config.rule_for(&source) else { continue };
        for key in rule.targets(&source).keys() {
            if dice.one_in(2) && key != LEDGER_KEY {
                owners.entry(key.clone()).or_insert_with(|| source.clone());
            }
        }
    }
    for (number, (key, source)) in owners.iter().enumerate() {
        bucket.put_tagged(key, tag(source, number)).await;
    }
    // Objects of others, some of them in places of results.
    let mut foreign = BTreeSet::new();
    for key in ["variants/x.jpg/a.jpg", "readme.txt", "p/x.jpg", "variants/", "m/p/x.json"] {
        if !owners.contains_key(key) {
            bucket.put(RESULTS, key, b"no result").await;
            foreign.insert(key.to_owned());
        }
    }
    // What is there of the uploads by now.
    let picture = pictures().remove(0);
    let mut present = BTreeSet::new();
    for key in keys() {
        if dice.one_in(2) {
            bucket.put(UPLOADS, &key, &picture).await;
            present.insert(key);
        }
    }

    let is_made = |key: &String, source: &ObjectRef| {
        present.contains(&source.key)
            && current
                .rule_for(source)
                .is_ok_and(|rule| rule.targets(source).keys().any(|one| one == key))
    };
    // What may be all that is left of an original stays, whatever became of its rule since.
    let rules = || loaded.iter().flat_map(|config| &config.rules);
    let retires = rules().any(Rule::retires_originals);
    let may_outlive = |key: &String, source: &ObjectRef| {
        let mut retiring = rules().filter(|rule| rule.retires_originals());
        retiring.any(|rule| {
            rule.source.takes(source) && rule.targets(source).keys().any(|one| one == key)
        })
    };
    let keys_of = |is_it: &dyn Fn(&String, &ObjectRef) -> bool| {
        let owned = owners.iter().filter(|(key, source)| is_it(key, source));
        owned.map(|(key, _)| key.clone()).collect::<BTreeSet<String>>()
    };
    let must_stay = keys_of(&|key, source| {
        is_made(key, source) || !present.contains(&source.key) && may_outlive(key, source)
    });
    // These keys do not have the folder of their source, so no source that is gone is found by them.
    let is_told = |key: &str| !key.starts_with("flat/");
    let must_go = keys_of(&|key, source| {
        !is_made(key, source) && (present.contains(&source.key) || !retires && is_told(key))
    });
    let about = format!("seed {seed}, {} results, under\n{text}", owners.len());
    assert!(owners.len() > 30 && !must_go.is_empty(), "a history of some use: {about}");

    let prune = ["s3://uploads", "--prune", "--confirm-deployed"];
    let dry = bucket.done(&[&prune[..], &["--dry-run"]].concat()).await;
    let doomed = named(&dry);
    assert!(doomed.is_disjoint(&must_stay), "{:?}: {about}", &doomed & &must_stay);
    assert!(doomed.is_superset(&must_go), "{:?}: {about}", &must_go - &doomed);
    let before = bucket.keys(RESULTS).await.len();
    assert_eq!(before, owners.len() + foreign.len(), "it only looked: {about}");

    let ended = bucket.done(&[&prune[..], &["--parallel", "5"]].concat()).await;
    assert_eq!(ended.count("deleted"), doomed.len() as u64, "{about} {ended:?}");

    // An upload that wants a place which is free now has had a delivery, as after any event.
    let targets = |key: &String| {
        let rule = current.rule_for(&upload(key)).ok();
        rule.map_or(Vec::new(), |rule| rule.targets(&upload(key)).keys().cloned().collect())
    };
    let delivered: BTreeSet<&String> =
        present.iter().filter(|key| targets(key).iter().any(|key| doomed.contains(key))).collect();
    let theirs: BTreeSet<String> = delivered.iter().flat_map(|key| targets(key)).collect();
    let left = bucket.results().await;
    for (key, object) in left.iter().filter(|(key, _)| theirs.contains(*key)) {
        let origin = &object.metadata["resizer-source"];
        let mut owners = present.iter().filter(|source| origin_of(source) == *origin);
        assert!(owners.any(|source| targets(source).contains(key)), "{key}: {about}");
    }
    let exact = |keys: &mut dyn Iterator<Item = String>| {
        keys.filter(|key| !theirs.contains(key)).collect::<BTreeSet<String>>()
    };
    let kept = owners.into_keys().filter(|key| !doomed.contains(key));
    let expected = exact(&mut kept.chain(foreign));
    assert_eq!(exact(&mut left.into_keys()), expected, "{about}");
}

fn origin_of(key: &str) -> String {
    resizer::store::origin(&upload(key))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exactly_what_no_rule_makes_is_deleted() {
    for seed in 0..2 {
        history(seed).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs minutes"]
async fn so_it_is_in_a_hundred_histories() {
    for seed in 2..100 {
        history(seed).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn results_of_the_function_itself_go_and_stay_as_they_should() {
    let bucket = Bucket::new(CONFIG).await;
    let picture = pictures().remove(0);
    for key in ["stays.jpg", "goes.jpg", "sub/goes.jpg", "text.txt"] {
        bucket.put(UPLOADS, key, &picture).await;
    }
    bucket.put(UPLOADS, "refused.txt", b"text").await;
    bucket.done(&["s3://uploads"]).await;
    let all = bucket.keys(RESULTS).await;
    assert_eq!(all.len(), 4 * 3 + 1);
    for key in ["goes.jpg", "sub/goes.jpg", "refused.txt"] {
        bucket.delete(UPLOADS, key).await;
    }
    // One of no release's tags, one of a release whose tags name no source, one of another bucket.
    let nameless = |key: &str| {
        let tag = [("resizer-fingerprint", "1"), ("resizer-source-etag", "e")];
        (key.to_owned(), tag.map(|(name, value)| (name.to_owned(), value.to_owned())).into())
    };
    let (key, tag): (String, BTreeMap<String, String>) = nameless("variants/old.jpg/a.jpg");
    bucket.put_tagged(&key, tag).await;
    let elsewhere = ObjectRef { bucket: "elsewhere".to_owned(), key: "x.jpg".to_owned() };
    bucket.put_tagged("variants/x.jpg/a.jpg", super::prune::tag(&elsewhere, 1)).await;
    bucket.put(RESULTS, "variants/goes.jpg/note", b"somebody's").await;

    let part = bucket.done(&["s3://uploads/sub/", "--prune"]).await;
    assert_eq!((part.count("deleted"), part.count("source_gone")), (3, 3), "{part:?}");
    // Under a configuration without manifests, theirs go too.
    let other = CONFIG.replace("output.manifest = \"manifests/{key}.json\"\n", "");
    std::fs::write(bucket.path("other.toml"), &other).expect("a file");
    let other = ["s3://uploads", "--prune", "--config", "other.toml"];
    let refused = bucket.run(&other).await;
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("no function or backfill with this configuration"));
    let fill = ["s3://uploads/stays", "--config", "other.toml"];
    bucket.done(&fill).await;
    bucket.mark("manifests/text.txt.json", b"an old one").await;
    let ended = bucket.done(&other).await;
    // The upload that was filled again lost its manifest then.
    let counts = ["deleted", "source_gone", "other_key"].map(|name| ended.count(name));
    assert_eq!(counts, [3 + 1 + 1 + 1, 3 + 1 + 1, 1], "{ended:?}");
    let left: BTreeSet<String> = bucket.keys(RESULTS).await.into_iter().collect();
    let expected = [
        "variants/goes.jpg/note",
        "variants/stays.jpg/a.jpg",
        "variants/stays.jpg/b.jpg",
        "variants/text.txt/a.jpg",
        "variants/text.txt/b.jpg",
        "variants/x.jpg/a.jpg",
    ];
    assert_eq!(left, expected.map(str::to_owned).into());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn results_outlive_originals_that_a_rule_retires() {
    let retiring = format!("{CONFIG}\n[rule.originals]\nafter = \"delete\"\n");
    let bucket = Bucket::new(&retiring).await;
    bucket.put(UPLOADS, "a.jpg", &pictures().remove(0)).await;
    let ended = bucket.done(&["s3://uploads"]).await;
    assert_eq!(ended.count("not_quiescent"), 1, "{ended:?}");
    bucket.delete(UPLOADS, "a.jpg").await;
    let ended = bucket.done(&["s3://uploads", "--prune"]).await;
    assert_eq!((ended.count("deleted"), bucket.keys(RESULTS).await.len()), (0, 3), "{ended:?}");

    // Nor can they be made again after originals are kept, under the same keys.
    std::fs::write(bucket.path("resizer.toml"), CONFIG).expect("a file");
    bucket.put(UPLOADS, "b.jpg", &pictures().remove(0)).await;
    bucket.done(&["s3://uploads"]).await;
    let ended = bucket.done(&["s3://uploads", "--prune"]).await;
    assert_eq!((ended.count("deleted"), bucket.keys(RESULTS).await.len()), (0, 6), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_configuration_of_another_upload_bucket_is_no_newer_one() {
    let rule = |bucket: &str| {
        let places = format!(
            "bucket = \"{bucket}\"\noutput.bucket = \"{RESULTS}\"\n\
             output.key = \"{bucket}/{{key}}-{{variant}}.jpg\"\n"
        );
        CONFIG.replace("output.manifest = \"manifests/{key}.json\"\n", &places)
    };
    let bucket = Bucket::new(&rule(UPLOADS)).await;
    bucket.create("other").await;
    bucket.put(UPLOADS, "a.jpg", &pictures().remove(0)).await;
    bucket.put("other", "a.jpg", &pictures().remove(0)).await;
    bucket.done(&["s3://uploads"]).await;
    std::fs::write(bucket.path("other.toml"), rule("other")).expect("a file");
    bucket.done(&["s3://other", "--config", "other.toml"]).await;
    bucket.delete(UPLOADS, "a.jpg").await;
    let ended = bucket.done(&["s3://uploads", "--prune"]).await;
    assert_eq!(ended.count("deleted"), 2, "{ended:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_upload_bucket_is_no_missing_upload() {
    let bucket = Bucket::new(CONFIG).await;
    bucket.put(UPLOADS, "a.jpg", &pictures().remove(0)).await;
    bucket.done(&["s3://uploads"]).await;
    bucket.delete(UPLOADS, "a.jpg").await;
    bucket.client.delete_bucket().bucket(UPLOADS).send().await.expect("an empty bucket");
    let ended = bucket.run(&["s3://uploads", "--prune"]).await;
    assert_eq!((ended.code, bucket.keys(RESULTS).await.len()), (Some(1), 3), "{ended:?}");
    assert!(ended.stderr.contains("setup while listing s3://uploads/"), "{ended:?}");
}

/// Two configurations with other keys, of which the second is deployed.
pub(crate) async fn changed() -> Bucket {
    let [old, new] = ["old", "new"].map(|folder| {
        let key = format!("output.key = \"{folder}/{{key}}/{{variant}}.{{ext}}\"\noutput.manifest");
        CONFIG.replace("output.manifest", &key)
    });
    let bucket = Bucket::new(&old).await;
    bucket.put(UPLOADS, "a.jpg", &pictures().remove(0)).await;
    bucket.done(&["s3://uploads"]).await;
    std::fs::write(bucket.path("new.toml"), &new).expect("a file");
    bucket.done(&["s3://uploads", "--config", "new.toml"]).await;
    bucket
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outdated_configuration_prunes_nothing() {
    let bucket = changed().await;
    let before = bucket.keys(RESULTS).await;
    for option in [&[][..], &["--dry-run"]] {
        let ended = bucket.run(&[&["s3://uploads", "--prune"], option].concat()).await;
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(ended.stderr.contains("give --confirm-deployed if this is the one"), "{ended:?}");
    }
    assert_eq!(bucket.keys(RESULTS).await, before);
    // After a rollback it is the right one.
    bucket.done(&["s3://uploads"]).await;
    bucket.put_tagged("new/a.jpg/a.jpg", tag(&upload("a.jpg"), 1)).await;
    let ended = bucket.done(&["s3://uploads", "--prune", "--confirm-deployed"]).await;
    assert_eq!((ended.count("other_key"), ended.count("deleted")), (1, 1), "{ended:?}");
    let left = bucket.keys(RESULTS).await;
    assert_eq!(left, ["manifests/a.jpg.json", "old/a.jpg/a.jpg", "old/a.jpg/b.jpg"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn copies_of_results_stay() {
    let config = CONFIG.replace(
        "output.manifest",
        "output.key = \"{dir}/{stem}-{variant}.{ext}\"\noutput.manifest",
    );
    let bucket = Bucket::new(&config).await;
    for key in ["photos/stays.jpg", "photos/goes.jpg"] {
        bucket.put(UPLOADS, key, &pictures().remove(0)).await;
    }
    bucket.done(&["s3://uploads"]).await;
    bucket.delete(UPLOADS, "photos/goes.jpg").await;
    // A copy within S3 has the metadata of its source, and lies where a result could.
    for name in ["stays", "goes"] {
        let Object { metadata, .. } = bucket.get(&format!("photos/{name}-a.jpg")).await;
        bucket.put_tagged(&format!("website/{name}-a.jpg"), metadata.clone()).await;
        bucket.put_tagged(&format!("manifests/copy of {name}.jpg.json"), metadata).await;
    }
    let ended = bucket.done(&["s3://uploads", "--prune"]).await;
    assert_eq!((ended.count("source_gone"), ended.count("deleted")), (3, 3), "{ended:?}");
    let left = bucket.keys(RESULTS).await;
    let expected = [
        "manifests/copy of goes.jpg.json",
        "manifests/copy of stays.jpg.json",
        "manifests/photos/stays.jpg.json",
        "photos/stays-a.jpg",
        "photos/stays-b.jpg",
        "website/goes-a.jpg",
        "website/stays-a.jpg",
    ];
    assert_eq!(left, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupt_ends_a_prune_between_deletions() {
    let bucket = Bucket::new(CONFIG).await;
    let keys: Vec<String> = (0..10).map(|number| format!("{number}.jpg")).collect();
    bucket.put_all(keys.iter().map(|key| (key.clone(), pictures().remove(0)))).await;
    bucket.done(&["s3://uploads"]).await;
    for key in &keys {
        bucket.delete(UPLOADS, key).await;
    }
    let child = bucket.spawn(&["s3://uploads", "--prune", "--rate", "10/s"]);
    while bucket.keys(RESULTS).await.len() == 30 {}
    let ended = interrupted(child).await;
    let left = bucket.keys(RESULTS).await.len();
    assert_eq!(ended.code, Some(130), "{ended:?}");
    assert!(left > 24, "no page is finished, and deletions have the rate, too: {left} {ended:?}");
    let ended = bucket.done(&["s3://uploads", "--prune"]).await;
    assert_eq!((ended.count("deleted"), bucket.keys(RESULTS).await.len()), (30, 0), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tag_without_a_source_is_of_no_bucket_in_particular() {
    let rule = CONFIG.split_once("[[rule]]").expect("a rule").1;
    let fixed = format!("output.bucket = \"{RESULTS}\"\n{rule}");
    let config = format!("[[rule]]\nbucket = \"other\"\n{fixed}[[rule]]\n{fixed}");
    let bucket = Bucket::new(&config).await;
    bucket.put(UPLOADS, "mine.jpg", &pictures().remove(0)).await;
    bucket.done(&["s3://uploads"]).await;
    let tag = [("resizer-fingerprint", "1"), ("resizer-source-etag", "e")];
    let tag = tag.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    bucket.put_tagged("variants/theirs.jpg/a.jpg", tag).await;
    let before = bucket.keys(RESULTS).await;
    let ended = bucket.done(&["s3://uploads", "--prune"]).await;
    assert_eq!(bucket.keys(RESULTS).await, before, "{ended:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dry_run_says_what_the_prune_will_send() {
    let keys =
        ["output.key = \"{dir}/{stem}-{variant}.{ext}\"\noutput.manifest", "output.manifest"];
    for key in keys {
        let bucket = Bucket::new(&CONFIG.replace("output.manifest", key)).await;
        for key in ["p/a.jpg", "p/b.jpg", "p/c.jpg"] {
            bucket.put(UPLOADS, key, &pictures().remove(0)).await;
        }
        bucket.done(&["s3://uploads"]).await;
        for key in ["p/a.jpg", "p/b.jpg"] {
            bucket.delete(UPLOADS, key).await;
        }
        let dry = bucket.done(&["s3://uploads", "--prune", "--dry-run"]).await;
        let ended = bucket.done(&["s3://uploads", "--prune"]).await;
        assert_eq!(ended.count("deleted"), 6, "{ended:?}");
        for name in ["LIST", "GET", "HEAD", "DELETE"] {
            assert_eq!(dry.sent(name), ended.sent(name), "{name}: {dry:?} {ended:?}");
        }
        assert!(dry.stdout.contains("this dry run: LIST"), "{dry:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_earlier_output_bucket_is_pruned_where_it_is_named() {
    let earlier = CONFIG.replace("output.manifest", "output.bucket = \"old\"\noutput.manifest");
    let bucket = Bucket::new(&earlier).await;
    bucket.create("old").await;
    bucket.create("none").await;
    bucket.put(UPLOADS, "a.jpg", &pictures().remove(0)).await;
    bucket.done(&["s3://uploads"]).await;
    std::fs::write(bucket.path("resizer.toml"), CONFIG).expect("a file");
    bucket.done(&["s3://uploads"]).await;
    let ended = bucket.done(&["s3://uploads", "--prune"]).await;
    assert!(ended.stderr.contains("unless --earlier-output-bucket names them"), "{ended:?}");
    assert_eq!(bucket.keys("old").await.len(), 3);

    let prune = ["s3://uploads", "--prune", "--earlier-output-bucket"];
    let ended = bucket.run(&[&prune[..], &["old"]].concat()).await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
    let ended = bucket.run(&[&prune[..], &["none", "--confirm-deployed"]].concat()).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains("check --earlier-output-bucket"), "{ended:?}");
    let ended =
        bucket.done(&[&prune[..], &["old", "--confirm-deployed", "--restart"]].concat()).await;
    assert_eq!((ended.count("other_key"), ended.count("deleted")), (3, 3), "{ended:?}");
    assert_eq!((bucket.keys("old").await.len(), bucket.keys(RESULTS).await.len()), (0, 3));
}
