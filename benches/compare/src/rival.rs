//! A rival: one row of the tables, and how it is started.

/// How a rival is installed and started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Family {
    /// The runner's own binary.
    Ours,
    /// The runner's own binary.
    ImageCrate,
    /// rivals/floor, built by cargo.
    Floor,
    /// rivals/oximg, built by cargo.
    Oximg,
    /// rivals/worker.mjs.
    Node,
    /// rivals/worker.py in an environment of its own.
    Python,
    /// rivals/worker.py around Debian's package.
    ImageMagick,
    /// The runner's own binary, resampling alone.
    OursResampling,
    /// rivals/resizing, built by cargo.
    RustResampling,
    /// rivals/resizing.py in the environment of `Python`.
    PythonResampling,
}

/// One row of the tables.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rival {
    /// For the command line and file names.
    pub(crate) id: &'static str,
    /// In tables and plots.
    pub(crate) name: &'static str,
    pub(crate) family: Family,
    /// The worker's argument.
    pub(crate) mode: &'static str,
    /// What it does, in short.
    pub(crate) how: &'static str,
}

impl Rival {
    pub(crate) fn is_ours(&self) -> bool {
        self.family == Family::Ours
    }

    pub(crate) fn is_ours_resampling(&self) -> bool {
        self.family == Family::OursResampling
    }

    pub(crate) fn is_floor(&self) -> bool {
        self.family == Family::Floor
    }
}
