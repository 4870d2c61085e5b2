//! Writes JPEG files from coefficients, scan by scan, in ways that no ordinary encoder does.

use crate::blocks::{Block, BlockWriter, LONGEST_RUN};
use crate::huffman::{BitWriter, Huffman};

/// Coefficients of a picture, and how its header describes them.
#[derive(Clone)]
pub(crate) struct Picture {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) planes: Vec<Coefficients>,
    /// Quantization tables in zigzag order, by slot.
    pub(crate) steps: [[u16; 64]; 4],
}

/// The coefficients of one component, for all blocks of all MCUs.
#[derive(Clone)]
pub(crate) struct Coefficients {
    pub(crate) sampling: (usize, usize),
    /// The slot of its quantization table.
    pub(crate) steps: u8,
    /// Blocks in a row.
    pub(crate) wide: usize,
    pub(crate) blocks: Vec<Block>,
}

/// One scan; the default is that of a baseline file.
#[derive(Clone)]
pub(crate) struct ScanPlan {
    pub(crate) components: Vec<usize>,
    pub(crate) first: u8,
    pub(crate) last: u8,
    pub(crate) high: u8,
    pub(crate) low: u8,
    /// The restart interval in MCUs, 0 for none.
    pub(crate) restart_interval: u16,
    /// The slots of the Huffman tables, by class.
    pub(crate) slot: u8,
    pub(crate) differences: Huffman,
    pub(crate) others: Huffman,
    pub(crate) longest_run: u32,
}

impl ScanPlan {
    pub(crate) fn of(components: &[usize]) -> Self {
        Self {
            components: components.to_vec(),
            first: 0,
            last: 63,
            high: 0,
            low: 0,
            restart_interval: 0,
            slot: 0,
            differences: Huffman::for_differences(),
            others: Huffman::for_others(Huffman::even),
            longest_run: LONGEST_RUN,
        }
    }

    /// A scan of one component in a progressive file.
    pub(crate) fn part(component: usize, (first, last): (u8, u8), (high, low): (u8, u8)) -> Self {
        Self { first, last, high, low, ..Self::of(&[component]) }
    }
}

impl Picture {
    fn most(&self) -> (usize, usize) {
        let most = |(a, b): (usize, usize), plane: &Coefficients| {
            (a.max(plane.sampling.0), b.max(plane.sampling.1))
        };
        self.planes.iter().fold((1, 1), most)
    }

    pub(crate) fn mcus(&self) -> (usize, usize) {
        let (horizontal, vertical) = self.most();
        (self.width.div_ceil(8 * horizontal), self.height.div_ceil(8 * vertical))
    }

    /// The size of a plane in samples.
    pub(crate) fn plane_size(&self, plane: &Coefficients) -> (usize, usize) {
        let most = self.most();
        (
            (self.width * plane.sampling.0).div_ceil(most.0),
            (self.height * plane.sampling.1).div_ceil(most.1),
        )
    }

    /// A file up to the frame header; `frame` is its marker.
    pub(crate) fn start(&self, frame: u8) -> Vec<u8> {
        self.start_of_height(frame, self.height)
    }

    /// The same with another height in its header.
    pub(crate) fn start_of_height(&self, frame: u8, height: usize) -> Vec<u8> {
        let mut file = vec![0xff, 0xd8];
        for (slot, steps) in (0..).zip(&self.steps) {
            if self.planes.iter().any(|plane| plane.steps == slot) {
                segment(&mut file, 0xdb, &quantization(slot, steps));
            }
        }
        let mut body = vec![8];
        body.extend((height as u16).to_be_bytes());
        body.extend((self.width as u16).to_be_bytes());
        body.push(self.planes.len() as u8);
        for (id, plane) in (1..).zip(&self.planes) {
            body.extend([id, (plane.sampling.0 << 4 | plane.sampling.1) as u8, plane.steps]);
        }
        segment(&mut file, frame, &body);
        file
    }

    /// A complete file with these scans.
    pub(crate) fn file(&self, frame: u8, scans: &[ScanPlan]) -> Vec<u8> {
        let mut file = self.start(frame);
        for scan in scans {
            self.scan(&mut file, frame == 0xc2, scan);
        }
        file.extend([0xff, 0xd9]);
        file
    }

    /// A baseline file with one scan.
    pub(crate) fn baseline(&self) -> Vec<u8> {
        self.file(0xc0, &[ScanPlan::of(&self.all())])
    }

    pub(crate) fn all(&self) -> Vec<usize> {
        (0..self.planes.len()).collect()
    }

    /// Writes the tables, header and data of a scan.
    pub(crate) fn scan(&self, file: &mut Vec<u8>, progressive: bool, plan: &ScanPlan) {
        segment(file, 0xc4, &plan.differences.segment_body(0, plan.slot));
        segment(file, 0xc4, &plan.others.segment_body(1, plan.slot));
        segment(file, 0xdd, &plan.restart_interval.to_be_bytes());
        let mut body = vec![plan.components.len() as u8];
        for &component in &plan.components {
            body.extend([component as u8 + 1, plan.slot << 4 | plan.slot]);
        }
        body.extend([plan.first, plan.last, plan.high << 4 | plan.low]);
        segment(file, 0xda, &body);
        file.extend(self.scan_data(progressive, plan));
    }

    fn scan_data(&self, progressive: bool, plan: &ScanPlan) -> Vec<u8> {
        let mut out = BitWriter::default();
        let mut blocks = BlockWriter::new(&mut out, &plan.others);
        let mut predicted = [0; 4];
        let interval = usize::from(plan.restart_interval);
        for (nth, mcu) in self.units(&plan.components).iter().enumerate() {
            if interval > 0 && nth > 0 && nth % interval == 0 {
                blocks.end_run();
                blocks.out.finish_byte();
                blocks.out.bytes.extend([0xff, 0xd0 + (nth / interval - 1) as u8 % 8]);
                predicted = [0; 4];
            }
            for &(component, index) in mcu {
                let block = &self.planes[component].blocks[index];
                let ScanPlan { first, last, high, low, longest_run, .. } = *plan;
                let predicted = &mut predicted[component];
                match (progressive, first, high) {
                    (false, ..) => {
                        blocks.first(&plan.differences, block, 0, predicted);
                        blocks.others(block, 1, 63, 0, 1);
                    }
                    (true, 0, 0) => blocks.first(&plan.differences, block, low, predicted),
                    (true, 0, _) => blocks.refine_first(block, low),
                    (true, _, 0) => blocks.others(block, first, last, low, longest_run),
                    (true, ..) => blocks.refine(block, first, last, low, longest_run),
                }
            }
        }
        blocks.end_run();
        out.finish_byte();
        out.bytes
    }

    /// The blocks of each MCU of a scan: component and index.
    fn units(&self, components: &[usize]) -> Vec<Vec<(usize, usize)>> {
        if let &[alone] = components {
            let plane = &self.planes[alone];
            let (width, height) = self.plane_size(plane);
            let rows = 0..height.div_ceil(8);
            let unit = |row: usize, column: usize| vec![(alone, row * plane.wide + column)];
            return rows
                .flat_map(|row| (0..width.div_ceil(8)).map(move |column| unit(row, column)))
                .collect();
        }
        let (columns, rows) = self.mcus();
        let mut units = Vec::new();
        for mcu in 0..columns * rows {
            let (x, y) = (mcu % columns, mcu / columns);
            let mut unit = Vec::new();
            for &component in components {
                let plane = &self.planes[component];
                let (horizontal, vertical) = plane.sampling;
                for nth in 0..horizontal * vertical {
                    let (column, row) = (nth % horizontal, nth / horizontal);
                    let line = y * vertical + row;
                    unit.push((component, line * plane.wide + x * horizontal + column));
                }
            }
            units.push(unit);
        }
        units
    }
}

/// Appends a marker segment.
pub(crate) fn segment(file: &mut Vec<u8>, marker: u8, body: &[u8]) {
    file.extend([0xff, marker]);
    file.extend((body.len() as u16 + 2).to_be_bytes());
    file.extend(body);
}

/// The body of a DQT segment, with 16 bits per value if 8 are not enough.
pub(crate) fn quantization(slot: u8, steps: &[u16; 64]) -> Vec<u8> {
    if steps.iter().any(|&step| step > 255) {
        let bytes = steps.iter().flat_map(|step| step.to_be_bytes());
        return std::iter::once(0x10 | slot).chain(bytes).collect();
    }
    std::iter::once(slot).chain(steps.iter().map(|&step| step as u8)).collect()
}
