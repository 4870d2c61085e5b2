//! The report as Markdown: tables, links to plots, and what was done how.

mod table;
mod text;

use std::fs;
use std::path::Path;

use crate::Outcome;
use crate::equal::Equal;
use crate::goals::Goal;
use crate::inputs::Inputs;
use crate::install::{self, Installed};
use crate::machine::Machine;
use crate::plot;
use crate::score::JobResult;

pub(crate) use self::table::thousands;

/// The name of the folder with the plots, beside the report.
const PLOTS: &str = "report";

/// Everything that a run found out.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) machine: Machine,
    pub(crate) inputs: Inputs,
    pub(crate) installed: Installed,
    pub(crate) results: Vec<JobResult>,
    pub(crate) equal: Outcome<Vec<Equal>>,
    pub(crate) goals: Vec<Goal>,
    pub(crate) rounds: usize,
}

impl Report {
    /// Writes REPORT.md and its plots into a folder.
    ///
    /// # Errors
    /// As the file system has them.
    pub(crate) fn write(&self, folder: &Path) -> Outcome<()> {
        let plots = folder.join(PLOTS);
        fs::create_dir_all(&plots).map_err(|error| format!("{}: {error}", plots.display()))?;
        let write = |path: &Path, text: &str| {
            fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
        };
        for result in self.results.iter().filter(|result| result.job.is_main) {
            let named = |kind: &str| plots.join(format!("{}-{kind}.svg", result.job.id));
            write(&named("time"), &plot::bars(result))?;
            write(&named("score"), &plot::scatter(result))?;
        }
        let path = folder.join("REPORT.md");
        write(&path, &self.markdown())?;
        eprintln!("{}", path.display());
        Ok(())
    }

    fn markdown(&self) -> String {
        let parts = [
            text::opening(&self.machine),
            table::glance(&self.goals),
            self.results.iter().map(|result| self.job(result)).collect(),
            table::stages(&self.results),
            table::equal(&self.equal),
            table::targets(&self.goals),
            text::method(&self.installed, &self.machine, self.rounds),
            table::inputs(&self.inputs),
            table::rivals(&self.installed),
        ];
        // Error messages may name files; the report does not name the repository's folder.
        parts.join("\n").replace(&format!("{}/", install::workspace().display()), "")
    }

    fn job(&self, result: &JobResult) -> String {
        let job = &result.job;
        let mut out = format!("## {}\n\n", job.title);
        if job.is_main {
            for (kind, words) in [("time", "CPU time"), ("score", "score against CPU time")] {
                let link = format!("{PLOTS}/{}-{kind}.svg", job.id);
                out += &format!("![{}: {words}]({link})\n\n", job.title);
            }
        }
        out + &table::job(result) + "\n"
    }
}
