//! What the fuzz targets have in common: which panics are none, and mutations that know parts.

use std::panic;

use libfuzzer_sys::fuzzer_mutate;

/// The fuzzer ends at every panic, but the engine catches those of the AV1, HEVC, and JPEG XL
/// decoders.
pub(crate) fn forgive_the_decoders() {
    let end = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        let place = panic.location().map_or("", |location| location.file());
        if !["rav1d", "heic-decoder", "jxl-0."].iter().any(|name| place.contains(name)) {
            end(panic);
        }
    }));
}

/// Half of the inputs by the fuzzer, the others by `mutate`; the sizes are what there is, and the
/// most.
pub(crate) fn mutated(
    data: &mut [u8],
    [size, max_size]: [usize; 2],
    seed: u32,
    mutate: impl FnOnce(&[u8]) -> Vec<u8>,
) -> usize {
    if seed % 2 == 0 || size == 0 {
        return fuzzer_mutate(data, size, max_size);
    }
    let file = mutate(&data[..size]);
    let size = file.len().min(max_size);
    data[..size].copy_from_slice(&file[..size]);
    size
}
