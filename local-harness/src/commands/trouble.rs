//! The stress tests. They share small pictures, a rule with few variants, a harness with its
//! objects in memory, and the comparison with the objects of a run without faults.

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
