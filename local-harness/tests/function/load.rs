//! `load` and what is computed from its results: every upload is counted, and lost ones are told.

use std::path::PathBuf;
use std::time::Duration;

use local_harness::bill::Prices;
use local_harness::commands::CommandError;
use local_harness::commands::load::{LoadOptions, Mix, measure};
use local_harness::harness::HarnessOptions;

use crate::support::binary;

const COUNT: usize = 24;

fn load() -> LoadOptions {
    LoadOptions {
        count: COUNT,
        keys: 8,
        rate: None,
        clients: 4,
        mix: Mix::Small,
        pictures: None,
        seed: 1,
        json: None,
        plot: None,
        prices: Prices::built_in(),
    }
}

fn options(folder: &tempfile::TempDir) -> HarnessOptions {
    let mut options = HarnessOptions::new(binary(), folder.path().join("load"));
    options.batch_size = 5;
    options.timeout = Duration::from_secs(900);
    options
}

#[tokio::test]
async fn every_upload_of_a_load_is_measured() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let measured = measure(options(&folder), &load()).await.expect("the load ends");
    assert_eq!((measured.uploads, measured.refused_uploads), (COUNT, 0));
    assert_eq!(measured.outcomes.get("stored"), Some(&COUNT));
    assert_eq!((measured.failed_deliveries, measured.dead_letters), (0, 0));
    // Two widths of a source of 320 pixels are smaller, and the others are as large as it.
    assert_eq!(measured.variants, 5 * COUNT);
    assert_eq!(measured.requests.writes, 5 * COUNT as u64);
    assert_eq!(measured.latency_ms.count, COUNT);
    assert!(measured.latency_ms.p50 <= measured.latency_ms.max);
    let listed: usize = measured.services.iter().map(|service| service.messages).sum();
    // S3's test event is a message, too.
    assert_eq!(listed, COUNT + 1);
    assert_eq!(measured.invocations, measured.services.len());
    let in_windows: usize = measured.windows.iter().map(|window| window.uploads).sum();
    assert_eq!(in_windows, COUNT);
    assert!(measured.billed_gb_s > 0.0 && measured.max_memory_used_mb > 0);

    // The same folder is used again, and another one is left alone.
    let again = measure(options(&folder), &load()).await.expect("the load ends");
    assert_eq!(again.variants, measured.variants);
    let other = folder.path().join("other");
    std::fs::create_dir(&other).expect("a folder");
    std::fs::write(other.join("notes"), "mine").expect("a file");
    let options = HarnessOptions { data_dir: other, ..options(&folder) };
    let refused = measure(options, &load()).await;
    assert!(matches!(refused, Err(CommandError::ForeignFolder { .. })), "{refused:?}");
}

#[tokio::test]
async fn a_load_takes_pictures_of_a_folder_and_counts_what_fails() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let pictures = folder.path().join("pictures");
    std::fs::create_dir(&pictures).expect("a folder");
    std::fs::write(pictures.join("broken.jpg"), "no picture").expect("a file");
    let load = LoadOptions { count: 3, pictures: Some(pictures.clone()), ..load() };
    let measured = measure(options(&folder), &load).await.expect("the load ends");
    assert_eq!(measured.setup.pictures, pictures.display().to_string());
    assert_eq!(measured.outcomes.values().sum::<usize>(), 3);
    assert_eq!(measured.outcomes.get("stored"), None);

    // A rule that cannot store: its output bucket does not exist.
    let mut options = options(&folder);
    let config = "[[rule]]\noutput.bucket = \"nowhere\"\nwidths = [10]\n";
    options.env.push(("RESIZER_CONFIG".to_owned(), config.to_owned()));
    options.queue.max_receive_count = 2;
    let load = LoadOptions { count: 2, pictures: None, ..load };
    let measured = measure(options, &load).await.expect("the load ends");
    assert_eq!((measured.failed_deliveries, measured.dead_letters), (4, 2));
    assert_eq!(measured.latency_ms.count, 0, "only what ends well has a latency");
    let empty = LoadOptions { pictures: Some(PathBuf::from("/nowhere")), ..load };
    let options = HarnessOptions::new(binary(), folder.path().join("load"));
    assert!(matches!(measure(options, &empty).await, Err(CommandError::File { .. })));
}
