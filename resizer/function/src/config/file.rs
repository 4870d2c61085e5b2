//! The TOML file as serde sees it: every value with its place, nothing checked but its type.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::{Spanned, Value};

use super::storage::StorageTable;

/// Members that nobody asked for; each is reported as a problem.
pub(super) type Unknown = BTreeMap<String, Value>;

#[derive(Deserialize, Default)]
pub(super) struct File {
    #[serde(default)]
    pub(super) limits: LimitsTable,
    #[serde(default)]
    pub(super) completion: CompletionTable,
    #[serde(default)]
    pub(super) rule: Vec<Spanned<RuleTable>>,
    #[serde(flatten)]
    pub(super) unknown: Unknown,
}

#[derive(Deserialize, Default)]
pub(super) struct LimitsTable {
    pub(super) max_megapixels: Option<u64>,
    pub(super) max_side: Option<u32>,
    pub(super) max_animation_megapixels: Option<u64>,
    pub(super) max_frames: Option<u32>,
    pub(super) max_scans: Option<u32>,
    pub(super) max_source_mib: Option<u64>,
    pub(super) max_memory_mib: Option<u64>,
    pub(super) s3_patience_ms: Option<u64>,
    pub(super) late_request_ms: Option<u64>,
    #[serde(flatten)]
    pub(super) unknown: Unknown,
}

#[derive(Deserialize, Default)]
pub(super) struct CompletionTable {
    pub(super) event_bus: Option<String>,
    pub(super) sns_topic: Option<String>,
    #[serde(flatten)]
    pub(super) unknown: Unknown,
}

#[derive(Deserialize, Default)]
pub(super) struct RuleTable {
    pub(super) name: Option<String>,
    pub(super) bucket: Option<String>,
    pub(super) prefix: Option<Spanned<String>>,
    pub(super) suffix: Option<Spanned<String>>,
    #[serde(rename = "match")]
    pub(super) globs: Option<Spanned<OneOrMany>>,
    pub(super) resize: Option<Spanned<String>>,
    pub(super) effort: Option<Spanned<String>>,
    pub(super) colour: Option<Spanned<String>>,
    pub(super) metadata: Option<Spanned<String>>,
    pub(super) animation: Option<Spanned<String>>,
    pub(super) truncated: Option<Spanned<String>>,
    pub(super) trim: Option<u8>,
    #[serde(default)]
    pub(super) output: OutputTable,
    pub(super) originals: Option<Spanned<OriginalsTable>>,
    #[serde(default)]
    pub(super) variant: Vec<Spanned<VariantTable>>,
    #[serde(flatten)]
    pub(super) unknown: Unknown,
}

#[derive(Deserialize, Clone)]
#[serde(untagged)]
pub(super) enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize, Default)]
pub(super) struct OutputTable {
    pub(super) bucket: Option<Spanned<String>>,
    pub(super) key: Option<Spanned<String>>,
    pub(super) manifest: Option<Spanned<String>>,
    pub(super) failure: Option<Spanned<String>>,
    pub(super) naming: Option<Spanned<String>>,
    pub(super) folder: Option<Spanned<String>>,
    pub(super) base_url: Option<Spanned<String>>,
    pub(super) cache_control: Option<Spanned<String>>,
    pub(super) tags: Option<Spanned<BTreeMap<String, String>>>,
    pub(super) storage_class: Option<Spanned<String>>,
    pub(super) kms_key: Option<Spanned<String>>,
    pub(super) kms_bucket_key: Option<bool>,
    pub(super) copy_metadata: Option<bool>,
    #[serde(flatten)]
    pub(super) unknown: Unknown,
}

#[derive(Deserialize)]
pub(super) struct OriginalsTable {
    pub(super) after: String,
    pub(super) bucket: Option<String>,
    pub(super) key: Option<String>,
    #[serde(flatten)]
    pub(super) unknown: Unknown,
}

#[derive(Deserialize, Clone)]
#[serde(untagged)]
pub(super) enum GravityValue {
    Word(String),
    Point([f64; 2]),
}

#[derive(Deserialize, Default)]
pub(super) struct VariantTable {
    pub(super) name: Option<String>,
    pub(super) width: Option<u32>,
    pub(super) height: Option<u32>,
    pub(super) fit: Option<String>,
    pub(super) gravity: Option<GravityValue>,
    pub(super) sharpen: Option<u32>,
    pub(super) formats: Option<Vec<String>>,
    pub(super) quality: Option<u32>,
    pub(super) background: Option<String>,
    pub(super) enlarge: Option<bool>,
    pub(super) cache_control: Option<Spanned<String>>,
    pub(super) tags: Option<Spanned<BTreeMap<String, String>>>,
    pub(super) storage_class: Option<Spanned<String>>,
    pub(super) kms_key: Option<Spanned<String>>,
    pub(super) kms_bucket_key: Option<bool>,
    pub(super) copy_metadata: Option<bool>,
    #[serde(flatten)]
    pub(super) unknown: Unknown,
}

/// The settings that both tables have; serde keeps no places of what it flattens.
macro_rules! storage_table {
    ($table:ty) => {
        impl $table {
            pub(super) fn storage(&self) -> StorageTable<'_> {
                StorageTable {
                    cache_control: &self.cache_control,
                    tags: &self.tags,
                    storage_class: &self.storage_class,
                    kms_key: &self.kms_key,
                    kms_bucket_key: self.kms_bucket_key,
                    copy_metadata: self.copy_metadata,
                }
            }
        }
    };
}

storage_table!(OutputTable);
storage_table!(VariantTable);
