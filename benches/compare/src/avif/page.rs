//! AVIF.md as Markdown.

use super::bytes::{BASE, Metric, Ratios, TARGETS, ratios};
use super::encoders::{AVIFS, Curve, Encoder};
use super::photographs::Picture;
use super::scale::{Step, steps};
use super::time::{JPEG_NAME, Times};
use super::widths;
use crate::machine::Machine;
use crate::statistics::Range;

/// The data of the page.
#[derive(Debug)]
pub(super) struct Page<'a> {
    pub(super) machine: Machine,
    /// The load average before and after the rounds.
    pub(super) loads: [String; 2],
    /// The versions of Pillow and libavif.
    pub(super) libaom: &'a str,
    pub(super) pictures: Vec<Picture>,
    pub(super) curves: Vec<Curve>,
    pub(super) times: Vec<Times>,
    pub(super) rounds: usize,
}

impl Page<'_> {
    pub(super) fn markdown(&self) -> String {
        let parts = [
            self.opening(),
            self.scale(),
            self.bytes(Metric::Ssimulacra2),
            self.bytes(Metric::Butteraugli),
            self.times(),
            self.method(),
        ];
        parts.join("\n")
    }

    fn opening(&self) -> String {
        let Machine { processor, cores, memory_gib, system, rustc, date, core } = &self.machine;
        let [before, after] = &self.loads;
        let narrowest = widths(&self.pictures)[0];
        let count = |is_held_out: bool| {
            let of_these = |picture: &&Picture| {
                picture.is_held_out == is_held_out && picture.width == narrowest
            };
            self.pictures.iter().filter(of_these).count()
        };
        format!(
            "# AVIF beside libaom, and one scale for `quality`\n\n\
             Written by `cargo compare --avif` on {date}; how to run it is in the\n\
             [README of benches](README.md). Every number is of one run on one machine:\n\
             {processor}, {cores} cores, {memory_gib:.1} GiB, {system}, {rustc}.\n\
             {libaom} ran on core {core}. The load average was {before} before the rounds \
             and {after}\nafter them.\n\n\
             The scales were fitted on {fitted} photographs. The tables have \
             {held_out}\nothers, at widths of {widths} pixels.\n",
            libaom = self.libaom,
            fitted = count(false),
            held_out = count(true),
            widths =
                widths(&self.pictures).iter().map(u32::to_string).collect::<Vec<_>>().join(", "),
        )
    }

    fn scale(&self) -> String {
        let mut out = "## One number, one look\n\n\
             The mean SSIMULACRA2 of JPEGs by `quality`, and how much higher that of WebPs and \
             AVIFs with\nthe same number is.\n\n\
             ![Mean score by quality](report/avif-scale.svg)\n\n\
             | Width | Quality | JPEG | WebP | AVIF |\n|--:|--:|--:|--:|--:|\n"
            .to_owned();
        let steps = steps(&self.pictures, &self.curves, true);
        for Step { width, quality, jpeg, webp, avif } in &steps {
            let (webp, avif) = (webp - jpeg, avif - jpeg);
            out += &format!("| {width} | {quality} | {jpeg:.1} | {webp:+.1} | {avif:+.1} |\n");
        }
        let worst = |of: fn(&Step) -> f64| {
            steps.iter().map(|step| (of(step) - step.jpeg).abs()).fold(0.0, f64::max)
        };
        out += &format!(
            "\nThe largest difference is {:.1} points for WebP and {:.1} for AVIF.\n",
            worst(|step| step.webp),
            worst(|step| step.avif)
        );
        out
    }

    fn bytes(&self, metric: Metric) -> String {
        let (name, rule) = match metric {
            Metric::Ssimulacra2 => ("SSIMULACRA2", "at an equal SSIMULACRA2"),
            Metric::Butteraugli => (
                "butteraugli",
                "with the butteraugli (3-norm) that libaom's file with this \
                                 SSIMULACRA2 has",
            ),
        };
        let mut out = format!(
            "## Bytes at equal {name}\n\n\
             How many more or fewer bytes a file has than that of {}, {rule}:\n\
             the mean of the logarithms of the ratios, and in parentheses the worst picture.\n\n",
            BASE.name()
        );
        out += "| Width | Encoder |";
        for target in TARGETS {
            out += &format!(" {target} |");
        }
        out += "\n|--:|---|--:|--:|--:|\n";
        let data = (&self.pictures[..], &self.curves[..]);
        for width in widths(&self.pictures) {
            for encoder in AVIFS.into_iter().filter(|encoder| *encoder != BASE) {
                out += &format!("| {width} | {} |", encoder.name());
                for target in TARGETS {
                    out += &match ratios(data, encoder, width, target, metric) {
                        Some(Ratios { mean, worst, count }) => {
                            let (mean, worst) = (mean * 100.0, worst.0 * 100.0);
                            let all = super::of(&self.pictures, width, true).count();
                            let some =
                                if count < all { format!(", {count}") } else { String::new() };
                            format!(" {mean:+.1} % ({worst:+.0}{some}) |")
                        }
                        None => " |".into(),
                    };
                }
                out.push('\n');
            }
        }
        out += "\nA second number in parentheses counts the pictures whose files have scores on \
                both sides,\nwhere not all have.\n";
        out
    }

    fn times(&self) -> String {
        let mut out = format!(
            "## CPU time\n\n\
             Milliseconds for each megapixel, on one core, of encoding pixels: ours at quality 80, \
             libaom at\na setting with about the same score. The median of {} alternating rounds \
             for each picture. In a round,\nan encoding is repeated for at least 50 ms, and the \
             mean counts.\n\n\
             | Encoder | median picture | cheapest | dearest |\n|---|--:|--:|--:|\n",
            self.rounds
        );
        let names = [JPEG_NAME.to_owned()].into_iter().chain(AVIFS.map(Encoder::name));
        for (place, name) in names.enumerate() {
            let range = Range::of(self.times.iter().map(|times| times.encoders[place].1));
            if let Some(Range { median, least, most, .. }) = range {
                out += &format!("| {name} | {median:.0} | {least:.0} | {most:.0} |\n");
            }
        }
        out += "\n| Picture | MP |";
        for (name, _) in self.times.first().map_or(&[][..], |times| &times.encoders[..]) {
            out += &format!(" {name} |");
        }
        out += "\n|---|--:|";
        out += &"--:|".repeat(AVIFS.len() + 1);
        out.push('\n');
        for Times { picture, encoders } in &self.times {
            let picture = &self.pictures[*picture];
            out += &format!("| {} | {:.2} |", picture.name, picture.megapixels());
            for (_, milliseconds) in encoders {
                out += &format!(" {milliseconds:.0} |");
            }
            out.push('\n');
        }
        out
    }

    fn method(&self) -> String {
        let mut out = "## Method\n\n\
             The engine makes a lossless PNG of each photograph and width. Each encoder gets these \
             pixels:\nours through `Job::render`, libaom through Pillow, with one thread and 4:2:0. \
             The engine decodes\nAVIFs, and other decoders the rest. Photographs are sorted by \
             name, and every second one is held\nout. Between two files, the logarithm of the bytes \
             is interpolated. The constants of the encoder\nwere tuned on some of these \
             photographs, of both halves.\n\n\
             Fitted on:"
            .to_owned();
        let narrowest = widths(&self.pictures)[0];
        let names = |is_held_out: bool| -> String {
            let of_these = |picture: &&Picture| {
                picture.is_held_out == is_held_out && picture.width == narrowest
            };
            let ending = format!("-{narrowest}");
            let names = self.pictures.iter().filter(of_these);
            names.map(|p| format!(" {}\n", p.name.trim_end_matches(&ending))).collect()
        };
        out += &names(false);
        out += "\nHeld out:";
        out += &names(true);
        out
    }
}
