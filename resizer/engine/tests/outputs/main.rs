//! What files hold beside their pixels: read by a scanner that knows every part that our files may
//! have, and takes nothing else.

mod by_default;
mod iptc;
mod on_request;
mod scan;
mod sources;
mod tiff;
