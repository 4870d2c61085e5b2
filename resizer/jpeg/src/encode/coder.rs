//! Rows of samples to coded data, one row of MCUs at a time.

use std::io::{self, Write};

use super::component::Component;
use super::markers;
use super::options::EncodeOptions;
use super::quantization::{self, Divisors};
use super::script::{self, Alternatives, Scan};
use super::sequential;
use super::tokenizer::Tokenizer;
use super::trellis::Trellis;
use crate::frame::{Frame, Process};
use crate::scale::Scale;
use crate::standard::{AC_CHROMA, AC_LUMA, DC_CHROMA, DC_LUMA};
use resizer_cpu::Cpu;

/// Codes rows of MCUs and writes the file.
#[derive(Debug)]
pub(super) struct Coder {
    /// In the order of the frame.
    pub(super) components: Vec<Component>,
    mcus: usize,
    /// Rows of MCUs coded so far.
    rows: usize,
    entropy: Entropy,
}

/// Alternative sets of scans with the same content. Only the cheapest set is written.
type ScanSets = Vec<Vec<Tokenizer>>;

/// How coefficients are entropy-coded.
#[derive(Debug)]
enum Entropy {
    /// At once, with the standard Huffman tables.
    Direct(sequential::Scan),
    /// At the end, with optimized Huffman tables; until then the headers wait here.
    Tokens(Vec<ScanSets>, Vec<u8>),
}

impl Coder {
    pub(super) fn new(frame: &Frame, options: &EncodeOptions<'_>) -> Self {
        let (mcus, _) = frame.mcus();
        let tables = quantization::tables(options.quality);
        let scans = match frame.process {
            Process::Progressive => script::progressive(frame.components().len(), options.effort),
            _ => script::sequential(frame.components().len()),
        };
        let components = frame.components().iter().enumerate().map(|(at, component)| {
            let size = frame.plane_size(component, Scale::Full);
            let divisors = Divisors::rounding(&tables[usize::from(component.quantization)]);
            let trellis = Trellis::new(options.effort, component.quantization > 0, &divisors);
            let sampling = (component.horizontal, component.vertical);
            let max_low = script::max_low(&scans, at);
            Component::new(size, sampling, mcus, max_low, (divisors, trellis))
        });
        let mut headers = Vec::new();
        markers::write_head(&mut headers, options);
        markers::write_quantization(&mut headers, &tables[..frame.components().len().min(2)]);
        markers::write_frame(&mut headers, frame);
        markers::write_restart_interval(&mut headers, options.restart_interval);
        Self {
            components: components.collect(),
            mcus,
            rows: 0,
            entropy: Entropy::new(frame, options, headers, &scans),
        }
    }

    /// The number of rows of each component in the next row of MCUs.
    pub(super) fn needed_rows(&self) -> [usize; 3] {
        let mut needed = [0; 3];
        for (needed, component) in needed.iter_mut().zip(&self.components) {
            let done = self.rows * component.mcu_rows();
            *needed = component.height.saturating_sub(done).min(component.mcu_rows());
        }
        needed
    }

    /// Codes the next row of MCUs. `needed` says how many rows of each component it has.
    pub(super) fn write_row(&mut self, cpu: Cpu, rows: &[[&[u8]; 16]; 3], needed: [usize; 3]) {
        for (at, component) in self.components.iter_mut().enumerate() {
            component.take_rows(cpu, &rows[at][..needed[at]]);
        }
        self.rows += 1;
        match &mut self.entropy {
            Entropy::Direct(scan) => scan.write_row(cpu, &self.components, self.mcus),
            Entropy::Tokens(parts, _) => {
                for stream in parts.iter_mut().flatten().flatten() {
                    stream.take_row(&self.components, self.mcus);
                }
            }
        }
    }

    /// Writes the data coded so far, unless all of it waits for optimized tables.
    pub(super) fn flush(&mut self, sink: &mut impl Write) -> io::Result<()> {
        match &mut self.entropy {
            Entropy::Direct(scan) => scan.flush(sink),
            Entropy::Tokens(..) => Ok(()),
        }
    }

    /// Writes the rest of the file.
    pub(super) fn finish(self, frame: &Frame, sink: &mut impl Write) -> io::Result<()> {
        let mut rest = match self.entropy {
            Entropy::Direct(scan) => scan.into_bytes(),
            Entropy::Tokens(parts, headers) => {
                let mut bytes = headers;
                for stream in parts.into_iter().flat_map(cheapest) {
                    bytes = stream.write(bytes, frame);
                    sink.write_all(&bytes)?;
                    bytes.clear();
                }
                bytes
            }
        };
        rest.extend([0xFF, 0xD9]);
        sink.write_all(&rest)
    }
}

impl Entropy {
    fn new(
        frame: &Frame,
        options: &EncodeOptions<'_>,
        mut headers: Vec<u8>,
        parts: &[Alternatives],
    ) -> Self {
        let components = frame.components().len();
        if options.has_optimized_tables() {
            let stream = |scan: &Scan| Tokenizer::new(scan.clone(), options.restart_interval);
            let streams = |scans: &Vec<Scan>| scans.iter().map(stream).collect();
            let parts = parts.iter().map(|part| part.iter().map(streams).collect());
            return Self::Tokens(parts.collect(), headers);
        }
        let tables = [(&DC_LUMA, &AC_LUMA), (&DC_CHROMA, &AC_CHROMA)];
        for (number, (dc, ac)) in (0u8..).zip(tables).take(components.min(2)) {
            markers::write_huffman(&mut headers, 0, number, dc);
            markers::write_huffman(&mut headers, 1, number, ac);
        }
        let scans = parts.iter().flatten().flatten();
        scans.for_each(|scan| markers::write_scan(&mut headers, frame, scan));
        Self::Direct(sequential::Scan::new(headers, options.restart_interval))
    }
}

fn cheapest(sets: ScanSets) -> Vec<Tokenizer> {
    if let [_] = sets.as_slice() {
        return sets.into_iter().flatten().collect();
    }
    let sized = sets.into_iter().map(|mut set| {
        let size_bytes: u64 = set.iter_mut().map(Tokenizer::size_bytes).sum();
        (size_bytes, set)
    });
    sized.min_by_key(|(size_bytes, _)| *size_bytes).map(|(_, set)| set).unwrap_or_default()
}
