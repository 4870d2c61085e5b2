//! The engine from outside: files in, variants or a typed refusal out.

#[path = "engine/corpus.rs"]
mod corpus;
