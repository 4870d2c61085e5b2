//! Second engines beside ours: Pillow with its libraries, LittleCMS among them, and libvips. `tools`
//! installs them; where it cannot, the tests say so in one line and pass.

mod colours;
mod difference;
mod moving;
mod opened;
mod outputs;
mod tools;
