//! The one place where a panic of somebody else's decoder or encoder becomes a refusal of the file
//! that brought it about. Our own code stays outside, so that its panics are found.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use crate::error::Reject;
use crate::format::ImageFormat;

thread_local! {
    /// How many guards are under way on this thread.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// Does `work`, which calls into a library that reads or writes pictures.
///
/// # Errors
/// Those of `work`; `Malformed` with the source's format where it panics.
pub(crate) fn guarded<T>(
    format: ImageFormat,
    work: impl FnOnce() -> Result<T, Reject>,
) -> Result<T, Reject> {
    let done = caught(work);
    done.unwrap_or_else(|| Err(Reject::malformed(format, "its data confuse the decoder")))
}

/// The same for what a picture can do without: nothing where it panics.
pub(crate) fn guarded_option<T>(work: impl FnOnce() -> Option<T>) -> Option<T> {
    caught(work).flatten()
}

fn caught<T>(work: impl FnOnce() -> T) -> Option<T> {
    DEPTH.set(DEPTH.get() + 1);
    // Whatever was half done is dropped: a decoder that failed is never asked again.
    let done = catch_unwind(AssertUnwindSafe(work));
    DEPTH.set(DEPTH.get() - 1);
    done.ok()
}

/// Whether a panic of this thread would be caught by the engine and become a refusal.
pub(crate) fn catches_panics() -> bool {
    DEPTH.get() > 0
}

/// Keeps panics that the engine catches from the process's panic hook, which would write them and
/// a backtrace to the log. Changes the hook once, however often it is called.
pub fn silence_caught_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !catches_panics() {
                before(panic);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::{catches_panics, guarded};
    use crate::error::Reject;
    use crate::format::ImageFormat;

    #[test]
    fn a_panic_becomes_a_refusal_that_names_the_format() {
        let refusal = guarded(ImageFormat::Gif, || -> Result<(), Reject> {
            assert!(catches_panics());
            let nothing: [u8; 0] = std::hint::black_box([]);
            Err(Reject::malformed(ImageFormat::Gif, nothing[std::hint::black_box(0)]))
        });
        let expected = "malformed GIF: its data confuse the decoder";
        assert_eq!(refusal.expect_err("it panics").to_string(), expected);
        assert!(!catches_panics());
    }
}
