//! The programs: each reads a lossless PNG and writes a PNG of the same size.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use resizer_engine::spec::{Effort, FormatSpec, OutputFormat, PngColors, VariantSpec};

use crate::Outcome;
use crate::install::{folder, once, rivals_folder, run};
use crate::ours;
use crate::protocol::process_cpu_ms;

/// One row of the tables.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Program {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) how: &'static str,
    kind: Kind,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Ours(Effort, PngColors),
    /// A way of the script `png.mjs`.
    Node,
    /// A way of the script `png.py`.
    Python,
}

/// The settings with which a program writes a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// The settings of its row.
    AsNamed,
    /// A palette of this quality, 1 to 100.
    Quality(u8),
    AllColors,
}

/// What became of a file.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    pub(crate) source: PathBuf,
    pub(crate) file: PathBuf,
    /// The median of all rounds.
    pub(crate) cpu_ms: f64,
}

pub(crate) const ALL: [Program; 10] = [
    ours("ours-fast", "ours, fast", Effort::Fast, PngColors::Auto),
    ours("ours-all", "ours, balanced, all colors", Effort::Balanced, PngColors::All),
    ours("ours-balanced", "ours, balanced", Effort::Balanced, PngColors::Auto),
    ours("ours-palette", "ours, balanced, `palette`", Effort::Balanced, PngColors::Palette),
    ours("ours-small-all", "ours, small, all colors", Effort::Small, PngColors::All),
    ours("ours-small", "ours, small", Effort::Small, PngColors::Auto),
    Program {
        id: "sharp",
        name: "sharp, palette",
        how: "`png({ palette: true })`: quality 100, effort 7",
        kind: Kind::Node,
    },
    Program {
        id: "pillow",
        name: "Pillow, quantize",
        how: "`quantize(256)` with dithering; with alpha by FASTOCTREE",
        kind: Kind::Python,
    },
    Program {
        id: "imagequant",
        name: "imagequant, as pngquant",
        how: "libimagequant's Python package, written by Pillow",
        kind: Kind::Python,
    },
    Program {
        id: "oxipng",
        name: "oxipng, all colors",
        how: "`pyoxipng`, level 2",
        kind: Kind::Python,
    },
];

/// The row with an id of `ALL`.
///
/// # Panics
/// When there is none.
pub(crate) fn named(id: &str) -> Program {
    let found = ALL.into_iter().find(|program| program.id == id);
    found.expect("ids are those of the table above")
}

const fn ours(
    id: &'static str,
    name: &'static str,
    effort: Effort,
    png_colors: PngColors,
) -> Program {
    Program {
        id,
        name,
        how: "`Job::render` at the picture's own size",
        kind: Kind::Ours(effort, png_colors),
    }
}

impl Program {
    /// Writes all files into a folder.
    ///
    /// # Errors
    /// Why the program could not be installed, or what it says.
    pub(crate) fn write_all(
        &self,
        sources: &[PathBuf],
        out: &Path,
        rounds: usize,
        core: usize,
    ) -> Outcome<Vec<Written>> {
        self.write_all_as(Way::AsNamed, sources, out, (rounds, core))
    }

    /// The same with other settings. The programs in Python do not support these.
    ///
    /// # Errors
    /// As `write_all` has them.
    pub(crate) fn write_all_as(
        &self,
        way: Way,
        sources: &[PathBuf],
        out: &Path,
        (rounds, core): (usize, usize),
    ) -> Outcome<Vec<Written>> {
        match self.kind {
            Kind::Ours(effort, png_colors) => {
                let spec = spec(effort, png_colors, way);
                sources.iter().map(|source| by_us(source, out, rounds, &spec)).collect()
            }
            Kind::Node => {
                let folder = node(&folder()?)?;
                let way = match way {
                    Way::AsNamed => "100".to_owned(),
                    Way::Quality(quality) => quality.to_string(),
                    Way::AllColors => "all".to_owned(),
                };
                let script = ["png.mjs", &rounds.to_string(), &way];
                self.by_script("node".into(), &script, &folder, (sources, out, core))
            }
            Kind::Python => {
                let folder = folder()?;
                let program = python(&folder)?;
                let script = ["png.py", self.id, &rounds.to_string()];
                self.by_script(program, &script, &folder, (sources, out, core))
            }
        }
    }

    /// One line of JSON for each file goes in, and a line with the time comes out.
    fn by_script(
        &self,
        program: PathBuf,
        script: &[&str],
        folder: &Path,
        (sources, out, core): (&[PathBuf], &Path, usize),
    ) -> Outcome<Vec<Written>> {
        let mut child = Command::new("taskset")
            .args(["-c", &core.to_string()])
            .arg(program)
            .arg(rivals_folder().join(script[0]))
            .args(&script[1..])
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| error.to_string())?;
        let name = |source: &Path| out.join(source.file_name().unwrap_or_default());
        let lines: String = sources
            .iter()
            .map(|source| format!("{}\t{}\n", source.display(), name(source).display()))
            .collect();
        let mut pipe = child.stdin.take().ok_or("no pipe")?;
        pipe.write_all(lines.as_bytes()).map_err(|error| error.to_string())?;
        drop(pipe);
        let output = child.wait_with_output().map_err(|error| error.to_string())?;
        let times: Vec<f64> = String::from_utf8_lossy(&output.stdout)
            .lines()
            .filter_map(|line| line.parse().ok())
            .collect();
        if !output.status.success() || times.len() != sources.len() {
            return Err(format!("{}: {} of {}", script.join(" "), times.len(), sources.len()));
        }
        let written = std::iter::zip(sources, times);
        Ok(written
            .map(|(source, cpu_ms)| Written { source: source.clone(), file: name(source), cpu_ms })
            .collect())
    }
}

fn spec(effort: Effort, png_colors: PngColors, way: Way) -> VariantSpec {
    let formats = vec![FormatSpec::Fixed(OutputFormat::Png)];
    let spec = VariantSpec { formats, effort, png_colors, ..VariantSpec::default() };
    match way {
        Way::AsNamed => spec,
        Way::Quality(quality) => VariantSpec { quality: quality.into(), ..spec },
        Way::AllColors => VariantSpec { png_colors: PngColors::All, ..spec },
    }
}

fn by_us(source: &Path, out: &Path, rounds: usize, spec: &VariantSpec) -> Outcome<Written> {
    let bytes = fs::read(source).map_err(|error| error.to_string())?;
    let request = vec![spec.clone()].into();
    let mut times = Vec::new();
    let mut made = None;
    for _ in 0..rounds.max(1) {
        let before = process_cpu_ms();
        made = ours::render_all(&bytes, &request, &mut |_| {})?.pop();
        times.push(process_cpu_ms() - before);
    }
    times.sort_by(f64::total_cmp);
    let file = out.join(source.file_name().unwrap_or_default());
    fs::write(&file, made.unwrap_or_default()).map_err(|error| error.to_string())?;
    Ok(Written { source: source.to_owned(), file, cpu_ms: times[times.len() / 2] })
}

fn node(folder: &Path) -> Outcome<PathBuf> {
    let folder = folder.join("png-node");
    once(&folder, || {
        fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        fs::write(folder.join("package.json"), "{}").map_err(|error| error.to_string())?;
        let install = ["install", "--silent", "--no-audit", "--no-fund", "--prefix"];
        run(Command::new("npm").args(install).arg(&folder).arg("sharp"))
    })?;
    Ok(folder)
}

fn python(folder: &Path) -> Outcome<PathBuf> {
    let environment = folder.join("png-python");
    let program = environment.join("bin").join("python");
    once(&environment, || {
        run(Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        run(Command::new(&program).args(install).args(["pillow", "imagequant", "pyoxipng"]))
    })?;
    Ok(program)
}
