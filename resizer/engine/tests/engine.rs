//! The engine from outside: files in, variants or a typed refusal out.

#[path = "engine/corpus.rs"]
mod corpus;
#[path = "engine/filters.rs"]
mod filters;
#[path = "engine/geometry.rs"]
mod geometry;
#[path = "engine/limits.rs"]
mod limits;
#[path = "engine/pictures.rs"]
mod pictures;
#[path = "engine/pixels.rs"]
mod pixels;
#[path = "engine/placeholders.rs"]
mod placeholders;
#[path = "engine/resizing.rs"]
mod resizing;
#[path = "engine/stopping.rs"]
mod stopping;
#[path = "engine/support.rs"]
mod support;
