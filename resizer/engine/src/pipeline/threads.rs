//! Decoding beside resampling, or several tiles beside each other. With one thread nothing is
//! handed over and no thread is started.

use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread;

use super::{Control, Stage};
use crate::decode::{Band, Decoder};
use crate::error::RenderError;
use crate::resize::{Picture, Resampler};

/// Bands that may be decoded before they are resampled.
const BANDS_AHEAD: usize = 4;

/// Decodes all of a source into the resampler; its pictures.
///
/// # Errors
/// The decoder's; `Stopped`.
pub(super) fn resample(
    decoder: Decoder<'_>,
    mut resampler: Resampler,
    threads: usize,
    control: &mut Control<'_>,
) -> Result<Vec<Picture>, RenderError> {
    decode(decoder, threads, control, |band| resampler.push(band))?;
    Ok(resampler.finish())
}

/// Decodes all of a source, and passes each band to `resample`.
///
/// # Errors
/// The decoder's; `Stopped`.
pub(super) fn decode(
    mut decoder: Decoder<'_>,
    threads: usize,
    control: &mut Control<'_>,
    mut resample: impl FnMut(&Band),
) -> Result<(), RenderError> {
    let mut take = |band: &Band| {
        control.end(Stage::Decode);
        resample(band);
        control.end(Stage::Resize);
    };
    // A decoder that divides its work leaves no thread for resampling beside it, which takes less.
    let is_divided = decoder.divide(threads);
    if threads <= 1 || is_divided {
        let mut band = Band::default();
        while decoder.next_band(&mut band)? {
            take(&band);
        }
        return Ok(());
    }
    thread::scope(|scope| {
        let (full, arriving) = sync_channel(BANDS_AHEAD);
        // Bands go back and forth, so that no memory is taken for each of them.
        let (empty, returned) = channel();
        scope.spawn(move || decode_ahead(decoder, &returned, &full));
        // A decoder that is done does not listen any more.
        let hand_back = |band| empty.send(band).unwrap_or_default();
        (0..BANDS_AHEAD).for_each(|_| hand_back(Band::default()));
        for band in arriving {
            let band = band?;
            take(&band);
            hand_back(band);
        }
        Ok(())
    })
}

/// Fills one empty band after the other, until nobody wants them or there are no more rows.
fn decode_ahead(
    mut decoder: Decoder<'_>,
    empty: &Receiver<Band>,
    full: &SyncSender<Result<Band, RenderError>>,
) {
    for mut band in empty {
        let filled = match decoder.next_band(&mut band) {
            Ok(true) => Ok(band),
            Ok(false) => return,
            Err(error) => Err(error),
        };
        let failed = filled.is_err();
        if full.send(filled).is_err() || failed {
            return;
        }
    }
}
