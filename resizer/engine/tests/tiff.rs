//! TIFF in every way that writers have of storing it: the pixels are those that were stored, or the
//! refusal names the kind.

#[path = "tiff/compressions.rs"]
mod compressions;
#[path = "tiff/fax.rs"]
mod fax;
#[path = "tiff/jpeg.rs"]
mod jpeg;
#[path = "tiff/layouts.rs"]
mod layouts;
#[path = "tiff/matrix.rs"]
mod matrix;
#[path = "tiff/oddities.rs"]
mod oddities;
#[path = "tiff/refusals.rs"]
mod refusals;
#[path = "tiff/support.rs"]
mod support;
#[path = "tiff/ycbcr.rs"]
mod ycbcr;
