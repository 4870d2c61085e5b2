//! The engine beside other programs: Pillow with its libraries, LittleCMS among them, and libvips.
//! `tools` installs pinned versions. `cargo interop` runs these tests, which fail where the programs
//! cannot be installed.

mod animation;
mod avif;
mod color;
mod difference;
mod opened;
mod outputs;
mod tools;
