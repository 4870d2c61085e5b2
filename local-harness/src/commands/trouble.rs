//! The commands under trouble. They share pictures, a rule that makes little of each, a harness with
//! its objects in memory, and the comparison with what a run without trouble stores.

mod extent;
pub mod faults;
pub mod histories;
pub mod keys;
pub mod kills;
pub mod loops;
mod reference;
pub mod soak;
mod stored;
mod tally;
mod trial;

pub use extent::Extent;
