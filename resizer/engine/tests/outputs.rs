//! What files hold beside their pixels: read by a scanner that knows every part that our files may
//! have, and takes nothing else.

#[path = "outputs/by_default.rs"]
mod by_default;
#[path = "outputs/on_request.rs"]
mod on_request;
#[path = "outputs/scan.rs"]
mod scan;
#[path = "outputs/sources.rs"]
mod sources;
#[path = "outputs/tiff.rs"]
mod tiff;
