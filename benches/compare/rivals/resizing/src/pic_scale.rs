//! pic-scale: `Scaler`, which prefers speed unless it is told otherwise, and in linear light
//! `LinearApproxScaler` in fixed point or `LinearScaler` in floating point. The plan, which has the
//! weights, is made for each result, as in the other libraries.

use std::fmt::Debug;
use std::sync::Arc;

use pic_scale::{ImageSize, ImageStore, ImageStoreMut, LinearApproxScaler, LinearScaler};
use pic_scale::{PicScaleError, Resampling, ResamplingFunction, Scaler, WorkloadStrategy};

use crate::protocol::{Pixels, Run, Samples};
use crate::wide;

type Planned<T, const CHANNELS: usize> = Result<Arc<Resampling<T, CHANNELS>>, PicScaleError>;

/// The methods that plan have the same names in all three scalers.
macro_rules! with_scaler {
    ($scaler:expr, $pixels:expr, $bytes:expr) => {{
        let scaler = $scaler;
        match ($pixels.channels, $pixels.bits) {
            (1, 8) => {
                let plan = move |from, to| scaler.plan_planar_resampling(from, to);
                run::<u8, 1>($pixels, $bytes, plan)
            }
            (3, 8) => {
                let plan = move |from, to| scaler.plan_rgb_resampling(from, to);
                run::<u8, 3>($pixels, $bytes, plan)
            }
            (4, 8) => {
                let plan = move |from, to| scaler.plan_rgba_resampling(from, to, true);
                run::<u8, 4>($pixels, $bytes, plan)
            }
            (3, 16) => {
                let plan = move |from, to| scaler.plan_rgb_resampling16(from, to, 16);
                run::<u16, 3>($pixels, wide(&$bytes), plan)
            }
            (channels, bits) => Err(format!("no pixels of {channels} times {bits} bits")),
        }
    }};
}

/// # Errors
/// For a mode that does not have the light that is asked for, and for pixels of other kinds.
pub(crate) fn prepare(mode: &str, pixels: &Pixels, bytes: Vec<u8>) -> Result<Run, String> {
    let lanczos3 = ResamplingFunction::Lanczos3;
    let strategy = |strategy| Scaler::new(lanczos3).set_workload_strategy(strategy);
    match (mode, pixels.linear) {
        ("speed", false) => with_scaler!(strategy(WorkloadStrategy::PreferSpeed), pixels, bytes),
        ("quality", false) => {
            with_scaler!(strategy(WorkloadStrategy::PreferQuality), pixels, bytes)
        }
        ("speed", true) => with_scaler!(LinearApproxScaler::new(lanczos3), pixels, bytes),
        ("quality", true) => with_scaler!(LinearScaler::new(lanczos3), pixels, bytes),
        _ => Err(format!("no mode {mode}")),
    }
}

fn run<T, const CHANNELS: usize>(
    pixels: &Pixels,
    source: Vec<T>,
    plan: impl Fn(ImageSize, ImageSize) -> Planned<T, CHANNELS> + 'static,
) -> Result<Run, String>
where
    T: Copy + Default + Debug + 'static,
    Samples: From<Vec<T>>,
{
    let size = |[width, height]: [u32; 2]| ImageSize::new(width as usize, height as usize);
    let (from, bits) = (size(pixels.size), pixels.bits as usize);
    Ok(Box::new(move |sizes| {
        let result = |&to: &[u32; 2]| {
            let to = size(to);
            let mut store =
                ImageStore::<T, CHANNELS>::from_slice(&source, from.width, from.height)?;
            store.bit_depth = bits;
            let mut out = vec![T::default(); to.width * to.height * CHANNELS];
            let mut small =
                ImageStoreMut::<T, CHANNELS>::from_slice(&mut out, to.width, to.height)?;
            small.bit_depth = bits;
            plan(from, to)?.resample(&store, &mut small)?;
            Ok(out.into())
        };
        let results: Result<Vec<_>, PicScaleError> = sizes.iter().map(result).collect();
        results.map_err(|error| error.to_string())
    }))
}
