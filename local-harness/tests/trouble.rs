//! The function under trouble: the model of its protocol, random histories, faults of S3, deaths
//! and odd keys, each in small numbers; the harness's commands run the same in large ones.

#[path = "trouble/model.rs"]
mod model;
#[path = "trouble/runs.rs"]
mod runs;
