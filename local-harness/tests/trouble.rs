//! The model check and the stress tests in small numbers; the harness's commands run the same in
//! large ones.

#[path = "trouble/model.rs"]
mod model;
#[path = "trouble/runs.rs"]
mod runs;
