//! Rows whose channels lie one after the other, as pixels: what other decoders deliver.

/// `rows` are `width` pixels wide and hold `channels` each.
pub(crate) fn interleaved(rows: &[u8], width: usize, channels: usize) -> Vec<u8> {
    let pixel = |row: &[u8], x: usize| -> Vec<u8> {
        (0..channels).map(|channel| row[channel * width + x]).collect()
    };
    rows.chunks_exact(width * channels)
        .flat_map(|row| (0..width).flat_map(move |x| pixel(row, x)))
        .collect()
}
