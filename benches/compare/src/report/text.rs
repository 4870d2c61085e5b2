//! The sentences of the report.

use crate::report::Report;

pub(super) fn opening(report: &Report) -> String {
    let m = &report.machine;
    format!(
        "# The engine beside its rivals\n\n\
         Written by `cargo compare` on {date}; how to run it is in [README.md](README.md). Every\n\
         number is of one run on one machine:\n\n\
         {processor}, {cores} cores, {memory:.1} GiB, {system}, {rustc}.\n",
        date = m.date,
        processor = m.processor,
        cores = m.cores,
        memory = m.memory_gib,
        system = m.system,
        rustc = m.rustc,
    )
}

pub(super) fn method(report: &Report) -> String {
    let (core, rounds) = (report.machine.core, report.rounds);
    let decoder = match report.installed.floor() {
        Some(_) => "libjpeg-turbo (accurate transform, interpolated chroma)",
        None => "the `image` crate",
    };
    format!(
        "## Method\n\n\
         - **Work.** Every rival gets the same bytes in memory and gives back finished files in\n  \
           memory, quality 80, 4:2:0 wherever it lets one choose; the tables name those with 4:4:4.\n  \
           PNG and WebP are written with each rival's own defaults for effort.\n\
         - **Time.** Each rival is one long-lived process on core {core}, told to use one thread.\n  \
           After two runs to warm up, all take turns, {rounds} rounds; who needs long leaves after\n  \
           4 s and at least 3 rounds. CPU time is that of all threads of the process, user and\n  \
           system, measured inside it around the job. Tables show median and quartiles.\n\
         - **ImageMagick** is a process per job, start and files in a temporary folder included:\n  \
           that is how it is used. Its warm and its cold runs are the same thing.\n\
         - **Cold.** CPU time of a fresh process from its start to the end of its first job, and\n  \
           its peak memory (VmHWM); in brackets how much of that came with the job. Median of 3,\n  \
           of one where that took over a second.\n\
         - **Floor.** libjpeg-turbo decodes the source's planes at 1/8 and encodes finished 4:2:0\n  \
           planes of the same sizes. Nothing is resampled: no engine built on it can be quicker\n  \
           than this with the same sizes, but one with another decoder or encoder can.\n\
         - **Score.** SSIMULACRA2 (100: the same; 90: hardly to be told apart; 70: good) of the\n  \
           variants of 1920, 640 and 320 against two references that the runner makes itself from\n  \
           the full-size decode by {decoder}:\n  \
           a plain separable Lanczos3 in f32 on sRGB values (gamma) and on linear light (linear).\n  \
           A rival that resamples one way scores low against the other; compare like with like.\n  \
           Variants are decoded by the same decoder; alpha is put on white.\n\
         - **AVIF** is not in any table: this engine neither reads nor writes it yet.\n"
    )
}
