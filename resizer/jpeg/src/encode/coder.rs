//! Rows of MCUs, from samples to the file.

use std::io::{self, Write};

use super::component::Component;
use super::markers;
use super::options::EncodeOptions;
use super::quantization::{self, Divisors};
use super::script::{self, Part, Scan};
use super::search::Search;
use super::sequential;
use super::stream::Stream;
use crate::frame::{Frame, Process};
use crate::scale::Scale;
use crate::standard::{AC_CHROMINANCE, AC_LUMINANCE, DC_CHROMINANCE, DC_LUMINANCE};
use resizer_cpu::Cpu;

/// From rows of MCUs to the file.
#[derive(Debug)]
pub(super) struct Coder {
    /// In the frame's order.
    pub(super) components: Vec<Component>,
    mcus: usize,
    /// Rows of MCUs that are done.
    rows: usize,
    entropy: Entropy,
}

/// Sets of scans that hold the same.
type StreamPart = Vec<Vec<Stream>>;

/// How the coefficients go to the file.
#[derive(Debug)]
enum Entropy {
    /// At once, with the standard codes.
    Direct(sequential::Scan),
    /// At the end, with codes of their own; and the headers until then.
    Streams(Vec<StreamPart>, Vec<u8>),
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
            let search = Search::new(options.effort, component.quantization > 0, &divisors);
            let sampling = (component.horizontal, component.vertical);
            let most_low = script::most_low(&scans, at);
            Component::new(size, sampling, mcus, most_low, (divisors, search))
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

    /// How many rows of each component the next row of MCUs takes.
    pub(super) fn needed_rows(&self) -> [usize; 3] {
        let mut needed = [0; 3];
        for (needed, component) in needed.iter_mut().zip(&self.components) {
            let done = self.rows * component.mcu_rows();
            *needed = component.height.saturating_sub(done).min(component.mcu_rows());
        }
        needed
    }

    /// The rows that the next row of MCUs takes, of each component as many as are needed.
    pub(super) fn write_row(&mut self, cpu: Cpu, rows: &[[&[u8]; 16]; 3], needed: [usize; 3]) {
        for (at, component) in self.components.iter_mut().enumerate() {
            component.take_rows(cpu, &rows[at][..needed[at]]);
        }
        self.rows += 1;
        match &mut self.entropy {
            Entropy::Direct(scan) => scan.write_row(cpu, &self.components, self.mcus),
            Entropy::Streams(parts, _) => {
                for stream in parts.iter_mut().flatten().flatten() {
                    stream.take_row(&self.components, self.mcus);
                }
            }
        }
    }

    /// Writes what is coded so far, where that waits for nothing that is still to come.
    pub(super) fn flush(&mut self, sink: &mut impl Write) -> io::Result<()> {
        match &mut self.entropy {
            Entropy::Direct(scan) => scan.flush(sink),
            Entropy::Streams(..) => Ok(()),
        }
    }

    /// Writes the rest of the file.
    pub(super) fn finish(self, frame: &Frame, sink: &mut impl Write) -> io::Result<()> {
        let mut rest = match self.entropy {
            Entropy::Direct(scan) => scan.into_bytes(),
            Entropy::Streams(parts, headers) => {
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
        parts: &[Part],
    ) -> Self {
        let components = frame.components().len();
        if options.has_optimized_tables() {
            let stream = |scan: &Scan| Stream::new(scan.clone(), options.restart_interval);
            let streams = |scans: &Vec<Scan>| scans.iter().map(stream).collect();
            let parts = parts.iter().map(|part| part.iter().map(streams).collect());
            return Self::Streams(parts.collect(), headers);
        }
        let tables = [(&DC_LUMINANCE, &AC_LUMINANCE), (&DC_CHROMINANCE, &AC_CHROMINANCE)];
        for (number, (dc, ac)) in (0u8..).zip(tables).take(components.min(2)) {
            markers::write_huffman(&mut headers, 0, number, dc);
            markers::write_huffman(&mut headers, 1, number, ac);
        }
        let scans = parts.iter().flatten().flatten();
        scans.for_each(|scan| markers::write_scan(&mut headers, frame, scan));
        Self::Direct(sequential::Scan::new(headers, options.restart_interval))
    }
}

fn cheapest(sets: StreamPart) -> Vec<Stream> {
    if let [_] = sets.as_slice() {
        return sets.into_iter().flatten().collect();
    }
    let sized = sets.into_iter().map(|mut set| {
        let size_bytes: u64 = set.iter_mut().map(Stream::size_bytes).sum();
        (size_bytes, set)
    });
    sized.min_by_key(|(size_bytes, _)| *size_bytes).map(|(_, set)| set).unwrap_or_default()
}
