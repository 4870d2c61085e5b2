//! Real files of the corpus beside what other programs say they show.

mod avif;
mod files;
mod gif;
mod jpeg;
mod jxl;
mod moving;
mod orientation;
mod plain;
mod png;
mod webp;
