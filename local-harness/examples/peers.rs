//! Measures functions on the emulated platform in turns: cold starts, then warm invocations.
//! `cargo compare --peers` calls it, prepares the functions, and makes a page of the figures.
//!
//! In: a plan, a file of JSON. Out: a line of JSON for each turn of a function, and its variants
//! as files.
//!     cargo run --release -p local-harness --example peers -- plan.json

#[path = "peers/platform.rs"]
mod platform;
#[path = "peers/turn.rs"]
mod turn;

use std::env;
use std::error::Error;
use std::fs;
use std::path::PathBuf;

use local_harness::bill::{Architecture, Prices};
use local_harness::bootstrap;
use serde::Deserialize;
use serde_json::json;

/// What is to be measured.
#[derive(Debug, Clone, Deserialize)]
struct Plan {
    /// The upload.
    picture: PathBuf,
    /// A folder for the variants: `ID/WIDTH.jpg`.
    variants: PathBuf,
    functions: Vec<FunctionPlan>,
    series: Vec<Series>,
}

/// A function.
#[derive(Debug, Clone, Deserialize)]
struct FunctionPlan {
    id: String,
    /// Its program; without one, that of the workspace.
    bootstrap: Option<PathBuf>,
    env: Vec<(String, String)>,
}

/// Turns of all functions with one memory size.
#[derive(Debug, Clone, Deserialize)]
struct Series {
    memory_mb: u32,
    rounds: usize,
    /// Warm invocations in each turn, after one that is cold.
    warm: usize,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args().nth(1).ok_or("usage: peers PLAN")?;
    let plan: Plan = serde_json::from_slice(&fs::read(path)?)?;
    let picture = fs::read(&plan.picture)?;
    let own = match plan.functions.iter().any(|function| function.bootstrap.is_none()) {
        true => bootstrap::build()?,
        false => PathBuf::new(),
    };
    let prices = Prices::built_in();
    let architecture = Architecture::of_this_machine();
    let (as_of, region, name) = (&prices.as_of, &prices.region, architecture.name());
    println!("{}", json!({ "prices": format!("{as_of} in {region}, {name}") }));
    for series in &plan.series {
        for round in 0..series.rounds {
            // Another function begins each round, so that none always follows the same one.
            for place in 0..plan.functions.len() {
                let function = &plan.functions[(place + round) % plan.functions.len()];
                let program = function.bootstrap.as_ref().unwrap_or(&own);
                let turn = turn::take(function, program, series, (&picture, &prices)).await;
                let mut line = json!({ "id": function.id, "memory_mb": series.memory_mb });
                match turn {
                    Ok(turn) => {
                        turn.write(&plan.variants.join(&function.id))?;
                        line["done"] = serde_json::to_value(&turn)?;
                    }
                    Err(error) => line["failed"] = error.to_string().into(),
                }
                println!("{line}");
            }
        }
    }
    Ok(())
}
