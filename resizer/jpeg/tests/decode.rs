//! The decoder through its public interface. Files that no encoder at hand writes are made here
//! from coefficients.

#[path = "decode/blocks.rs"]
mod blocks;
#[path = "decode/broken.rs"]
mod broken;
#[path = "decode/encoded.rs"]
mod encoded;
#[path = "decode/handmade.rs"]
mod handmade;
#[path = "decode/huffman.rs"]
mod huffman;
#[path = "decode/large.rs"]
mod large;
#[path = "decode/pictures.rs"]
mod pictures;
#[path = "decode/restarts.rs"]
mod restarts;
#[path = "decode/support.rs"]
mod support;
#[path = "decode/writer.rs"]
mod writer;
