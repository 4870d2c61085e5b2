//! Types of the less common options.

pub use crate::decode::{Damage, Limits};
pub use crate::encode::Density;
