//! The stress tests, each in a number that takes seconds.

use std::path::PathBuf;

use local_harness::bootstrap;
use local_harness::commands::trouble::{Extent, faults, histories, keys, kills, loops, soak};
use local_harness::harness::HarnessOptions;

fn options() -> HarnessOptions {
    let binary = bootstrap::build().expect("the function builds");
    HarnessOptions::new(binary, PathBuf::new())
}

#[tokio::test(flavor = "multi_thread")]
async fn histories_end_in_their_last_upload() {
    let extent = Extent { count: 60, seed: 11 };
    histories::run(options(), extent).await.unwrap_or_else(|error| panic!("{error}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_lose_tear_and_mix_nothing() {
    let extent = Extent { count: 150, seed: 12 };
    faults::run(options(), extent).await.unwrap_or_else(|error| panic!("{error}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn kills_leave_what_a_run_without_them_leaves() {
    let extent = Extent { count: 24, seed: 13 };
    kills::run(options(), extent).await.unwrap_or_else(|error| panic!("{error}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_every_kind_come_back() {
    let extent = Extent { count: 150, seed: 14 };
    keys::run(options(), extent).await.unwrap_or_else(|error| panic!("{error}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn outputs_beside_uploads_start_nothing() {
    let extent = Extent { count: 60, seed: 15 };
    loops::run(options(), extent).await.unwrap_or_else(|error| panic!("{error}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_does_not_grow() {
    let extent = Extent { count: 600, seed: 16 };
    soak::run(options(), extent).await.unwrap_or_else(|error| panic!("{error}"));
}
