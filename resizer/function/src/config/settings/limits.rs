//! `[limits]`: what one upload may cost, and how long S3 is waited for.

use std::time::Duration;

use resizer_engine::Limits;
use resizer_engine::spec::MAX_SIDE;

use crate::config::declare::{Key, Table, Without};
use crate::config::kinds::Whole;
use crate::config::reader::Reader;

pub(in crate::config) static LIMITS: Table = Table {
    path: "limits",
    is_list: false,
    doc: "These limits apply to each upload. An upload that exceeds a limit is refused with a \
          failure record.",
    example: "[limits]",
    settings: &[
        &MAX_MEGAPIXELS,
        &MAX_SIDE_PIXELS,
        &MAX_SCANS,
        &MAX_ANIMATION_MEGAPIXELS,
        &MAX_FRAMES,
        &MAX_SOURCE_MIB,
        &MAX_MEMORY_MIB,
        &S3_TIMEOUT_MS,
        &LATE_REQUEST_MS,
    ],
    shared: &[],
    inherits: None,
    renamed: &[("s3_patience_ms", "s3_timeout_ms")],
};

static MAX_MEGAPIXELS: Key<Whole<u64>> = Key {
    name: "max_megapixels",
    kind: Whole { min: 1, max: u64::MAX, unit: "megapixels" },
    without: Without::Value("256"),
    example: "100",
    doc: "Limits the width times the height of a picture, in units of 2^20 pixels.",
};

static MAX_SIDE_PIXELS: Key<Whole<u32>> = Key {
    name: "max_side",
    kind: Whole { min: 1, max: MAX_SIDE, unit: "pixels" },
    without: Without::Value("65500"),
    example: "20000",
    doc: "Limits the longer side of a picture.",
};

static MAX_SCANS: Key<Whole<u32>> = Key {
    name: "max_scans",
    kind: Whole { min: 1, max: u32::MAX, unit: "scans" },
    without: Without::Value("100"),
    example: "20",
    doc: "Limits the scans of a JPEG. Encoders write about ten. Each scan costs time.",
};

static MAX_ANIMATION_MEGAPIXELS: Key<Whole<u64>> = Key {
    name: "max_animation_megapixels",
    kind: Whole { min: 1, max: u64::MAX, unit: "megapixels" },
    without: Without::Value("256"),
    example: "64",
    doc: "Limits the width times the height times the frames of an animation whose variants are \
          animated, in units of 2^20 pixels.",
};

static MAX_FRAMES: Key<Whole<u32>> = Key {
    name: "max_frames",
    kind: Whole { min: 1, max: u32::MAX, unit: "frames" },
    without: Without::Value("4000"),
    example: "500",
    doc: "Limits the frames of an animation whose variants are animated.",
};

static MAX_SOURCE_MIB: Key<Whole<u64>> = Key {
    name: "max_source_mib",
    kind: Whole { min: 1, max: u64::MAX, unit: "MiB" },
    without: Without::Value("256"),
    example: "25",
    doc: "Limits the size of an uploaded object. The function does not read larger objects. It \
          also does not read objects that would not fit into its memory.",
};

static MAX_MEMORY_MIB: Key<Whole<u64>> = Key {
    name: "max_memory_mib",
    kind: Whole { min: 1, max: u64::MAX, unit: "MiB" },
    without: Without::Means("the memory of the function, or 2048 where that is not known"),
    example: "512",
    doc: "Limits the peak memory of an upload, which is predicted from its header. The memory of \
          the function is always a limit too.",
};

static S3_TIMEOUT_MS: Key<Whole<u64>> = Key {
    name: "s3_timeout_ms",
    kind: Whole { min: 1, max: u64::MAX, unit: "milliseconds" },
    without: Without::Value("5000"),
    example: "2000",
    doc: "Sets how long the function waits for a response from S3 before it sends the request \
          again.",
};

static LATE_REQUEST_MS: Key<Whole<u64>> = Key {
    name: "late_request_ms",
    kind: Whole { min: 0, max: u64::MAX, unit: "milliseconds" },
    // S3 ends a connection on which nothing moves for 20 s, and answers what it has whole within
    // seconds. A request that is carried out a minute after its client gave it up was never seen.
    without: Without::Value("60000"),
    example: "30000",
    doc: "Sets how long S3 may still carry out a request that got no response. Originals are \
          moved or deleted only after this time.",
};

/// Below this, S3 has rarely answered: its first byte often takes 100 ms.
const SHORT_TIMEOUT_MS: u64 = 100;

/// What the table says.
pub(in crate::config) struct LimitSettings {
    pub(in crate::config) limits: Limits,
    pub(in crate::config) max_source_bytes: u64,
    pub(in crate::config) s3_timeout: Duration,
    pub(in crate::config) late_requests: Duration,
}

/// What the table says, with this much memory where it does not say how much.
pub(in crate::config) fn read(table: &Reader<'_>, default_memory_bytes: u64) -> LimitSettings {
    let mebi = |count: u64| count.saturating_mul(1 << 20);
    if let Some(timeout) = table.given(&S3_TIMEOUT_MS)
        && timeout.value < SHORT_TIMEOUT_MS
    {
        let warning = format!(
            "`s3_timeout_ms` is {} milliseconds, and S3 often needs {SHORT_TIMEOUT_MS} for an \
             answer: most requests would be sent again; leave it out for 5000",
            timeout.value
        );
        table.problems.warn(timeout.at, warning);
    }
    LimitSettings {
        limits: Limits {
            max_pixels: mebi(table.value(&MAX_MEGAPIXELS)),
            max_side: table.value(&MAX_SIDE_PIXELS),
            max_animation_pixels: mebi(table.value(&MAX_ANIMATION_MEGAPIXELS)),
            max_frames: table.value(&MAX_FRAMES),
            max_scans: table.value(&MAX_SCANS),
            max_memory_bytes: table
                .given(&MAX_MEMORY_MIB)
                .map_or(default_memory_bytes, |given| mebi(given.value)),
        },
        max_source_bytes: mebi(table.value(&MAX_SOURCE_MIB)),
        s3_timeout: Duration::from_millis(table.value(&S3_TIMEOUT_MS)),
        late_requests: Duration::from_millis(table.value(&LATE_REQUEST_MS)),
    }
}
