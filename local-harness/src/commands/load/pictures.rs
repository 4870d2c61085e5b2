//! The pictures that `load` uploads: a mix of generated photographs, or the files of a folder.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use fixtures::jpeg::{JpegOptions, jpeg};
use fixtures::scene::photograph;
use lambda_local::seeded::Sequence;

use crate::commands::CommandError;

/// Photographs of each size in a mix.
const SCENES: u64 = 3;

/// A distribution of sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Mix {
    /// 320x240.
    Small,
    /// 1600x1200.
    Web,
    /// 4000x3000.
    Phone,
    /// Six of ten small, three of ten web, one of ten phone.
    Mixed,
}

impl Mix {
    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Web => "web",
            Self::Phone => "phone",
            Self::Mixed => "mixed",
        }
    }

    /// Width, height, and how many of ten.
    fn sizes(self) -> &'static [(u32, u32, usize)] {
        match self {
            Self::Small => &[(320, 240, 10)],
            Self::Web => &[(1600, 1200, 10)],
            Self::Phone => &[(4000, 3000, 10)],
            Self::Mixed => &[(320, 240, 6), (1600, 1200, 3), (4000, 3000, 1)],
        }
    }
}

/// A file to upload.
#[derive(Debug, Clone)]
pub(super) struct Picture {
    pub(super) bytes: Bytes,
    /// With its dot, or nothing.
    pub(super) extension: String,
}

/// Pictures, each as often as its share.
#[derive(Debug)]
pub(super) struct Pictures {
    pub(super) name: String,
    all: Vec<Picture>,
    seed: u64,
}

impl Pictures {
    /// Generates the photographs of a mix.
    pub(super) fn of_mix(mix: Mix, seed: u64) -> Self {
        let mut all = Vec::new();
        for (width, height, share) in mix.sizes() {
            let scenes: Vec<Picture> = (0..SCENES)
                .map(|scene| Picture {
                    bytes: jpeg(&photograph(*width, *height, scene), &JpegOptions::default())
                        .into(),
                    extension: ".jpg".to_owned(),
                })
                .collect();
            all.extend((0..*share).flat_map(|_| scenes.clone()));
        }
        Self { name: mix.name().to_owned(), all, seed }
    }

    /// Reads the files of a folder, in the order of their names.
    pub(super) fn of_folder(folder: &Path, seed: u64) -> Result<Self, CommandError> {
        let entries = std::fs::read_dir(folder).map_err(CommandError::file(folder))?;
        let paths: Result<Vec<PathBuf>, _> = entries.map(|entry| Ok(entry?.path())).collect();
        let mut paths = paths.map_err(CommandError::file(folder))?;
        paths.retain(|path| path.is_file());
        paths.sort();
        let picture = |path: &PathBuf| {
            let extension = path.extension().map(|name| format!(".{}", name.to_string_lossy()));
            let bytes = std::fs::read(path).map_err(CommandError::file(path))?.into();
            Ok(Picture { bytes, extension: extension.unwrap_or_default() })
        };
        let all: Vec<Picture> = paths.iter().map(picture).collect::<Result<_, CommandError>>()?;
        if all.is_empty() {
            let (what, problem) = (folder.display().to_string(), "it has no files".to_owned());
            return Err(CommandError::Check { what, problem });
        }
        Ok(Self { name: folder.display().to_string(), all, seed })
    }

    /// The picture of the key with this number, the same in every run with this seed.
    pub(super) fn of_key(&self, number: usize) -> &Picture {
        let mut chance = Sequence::new(self.seed ^ (number as u64).rotate_left(32));
        &self.all[chance.below(self.all.len() as u64) as usize]
    }
}
