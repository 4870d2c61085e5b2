//! Real files beside what other programs say they show. Sets that are not at hand are skipped, which
//! is said; those that are have as many cases as they ever had.

mod avif;
mod files;
mod gif;
mod jpeg;
mod moving;
mod orientation;
mod plain;
mod png;
mod webp;
