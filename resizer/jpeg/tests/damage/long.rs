//! What long runs of mutations have in common: arguments, the choice of files, the watch on hangs,
//! findings on disk.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::random::Random;
use crate::seeds::Seed;

/// The mutation under way, for the watch on hangs; `u64::MAX` at the end.
static CURRENT: AtomicU64 = AtomicU64::new(0);

/// What a run is told.
pub(crate) struct Arguments {
    pub(crate) seed: u64,
    pub(crate) from: u64,
    pub(crate) count: u64,
    pub(crate) most_bytes: usize,
    pub(crate) save: Option<PathBuf>,
    pub(crate) folders: Vec<PathBuf>,
}

impl Arguments {
    /// The command line's.
    pub(crate) fn read() -> Result<Self, String> {
        let mut arguments = Self {
            seed: 1,
            from: 0,
            count: 10_000,
            most_bytes: 200_000,
            save: None,
            folders: Vec::new(),
        };
        let mut given = std::env::args().skip(1);
        while let Some(name) = given.next() {
            if !name.starts_with("--") {
                arguments.folders.push(name.into());
                continue;
            }
            let value = given.next().ok_or(format!("{name} needs a value"))?;
            let number = || value.parse().map_err(|_| format!("{name} needs a number"));
            match name.as_str() {
                "--seed" => arguments.seed = number()?,
                "--from" => arguments.from = number()?,
                "--count" => arguments.count = number()?,
                "--most-bytes" => arguments.most_bytes = number()? as usize,
                "--save" => arguments.save = Some(value.into()),
                _ => return Err(format!("{name} is not known")),
            }
        }
        Ok(arguments)
    }

    /// The numbers of all mutations, one after the other under the watch: one that takes longer
    /// than `hang` ends the process.
    pub(crate) fn numbers(&self, hang: Duration) -> impl Iterator<Item = u64> {
        std::thread::spawn(move || watch(hang));
        let numbers = (self.from..self.from + self.count).chain([u64::MAX]);
        numbers
            .inspect(|&number| CURRENT.store(number, Ordering::Relaxed))
            .take_while(|&number| number != u64::MAX)
    }

    /// Keeps the file of a mutation, where a folder was named.
    pub(crate) fn save(&self, number: u64, file: &[u8]) {
        let Some(folder) = &self.save else { return };
        let path = folder.join(format!("seed-{}-mutation-{number}", self.seed));
        if let Err(error) = fs::create_dir_all(folder).and_then(|()| fs::write(&path, file)) {
            eprintln!("{} could not be written: {error}", path.display());
        }
    }
}

/// A seed; the small ones more often, so that none takes most of the time.
pub(crate) fn chosen<'a>(seeds: &'a [Seed], random: &mut Random) -> &'a Seed {
    loop {
        let seed = &seeds[random.below(seeds.len())];
        if random.below(seed.bytes.len() + 4000) < 4000 {
            return seed;
        }
    }
}

/// Ends the process if one mutation takes too long.
fn watch(hang: Duration) {
    let mut seen = (u64::MAX, Instant::now());
    loop {
        std::thread::sleep(Duration::from_secs(1));
        let current = CURRENT.load(Ordering::Relaxed);
        if current == u64::MAX {
            return;
        }
        if current != seen.0 {
            seen = (current, Instant::now());
        } else if seen.1.elapsed() > hang {
            eprintln!("mutation {current} does not end");
            std::process::exit(3);
        }
    }
}
