//! Second engines beside ours: Pillow with its libraries, LittleCMS among them, and libvips. `tools`
//! installs them, pinned; `cargo interop` runs these tests, and they fail where it cannot.

mod colours;
mod difference;
mod moving;
mod opened;
mod outputs;
mod tools;
