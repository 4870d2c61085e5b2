//! Gain maps: of every kind of source, through every change of a picture, and those that are
//! damaged.

#[path = "gain_maps/files.rs"]
mod files;
#[path = "gain_maps/heif.rs"]
mod heif;
#[path = "gain_maps/outcomes.rs"]
mod outcomes;
#[path = "gain_maps/real.rs"]
mod real;
#[path = "gain_maps/reconstruction.rs"]
mod reconstruction;
