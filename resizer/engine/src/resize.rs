//! Bands of a source in, every picture of the plan out: rows flow through, each picture from the
//! source or from a larger picture as its rows appear, so that no source is ever whole in memory.

mod axis;
mod gains;
mod horizontal_first;
mod kernels;
mod passes;
mod row_pairs;
mod samples;
mod scaling;
mod sink;
mod vertical_first;
mod vertical_pass;
mod weights;

use resizer_cpu::Cpu;

pub(crate) use self::gains::{GainResampler, gain_resampling_bytes};
use self::passes::Passes;
use self::row_pairs::RowPairs;
use self::scaling::Scaling;
use self::sink::Sink;
pub(crate) use self::weights::Weights;
use crate::decode::Band;
use crate::plan::{Domain, Grid, PicturePlan, Plan, Stream, source_grids};
use crate::raster::{Layout, Raster, Size};
use crate::spec::Light;

/// A resampled picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Picture {
    /// Pixels of the source's layout.
    Pixels(Raster),
    /// Luma and both chroma planes, each a gray raster.
    Planes([Raster; 3]),
}

/// All pictures of one source in the making.
#[derive(Debug)]
pub struct Resampler {
    trees: Vec<Tree>,
    pictures: Vec<PicturePlan>,
    layout: Layout,
}

/// The pictures, or the parts of their planes, that are made of one form of one stream.
#[derive(Debug)]
struct Tree {
    stream: Stream,
    light: Light,
    /// Whether colors are premultiplied with the last channel, alpha.
    premultiplied: bool,
    cpu: Cpu,
    /// Samples of a channel.
    width: usize,
    rows: Rows,
}

/// The rows of a source or of a picture as they come, channel after channel, and the pictures that
/// are made of them.
#[derive(Debug)]
struct Rows {
    /// The last ones, as far as a picture is made of more than one of them.
    last: RowPairs,
    /// Those that came, and all that will.
    came: usize,
    count: usize,
    nodes: Vec<Node>,
}

/// One picture, or one part of its planes.
#[derive(Debug)]
struct Node {
    /// Its index in the plan.
    picture: usize,
    passes: Passes,
    sink: Sink,
    rows: Rows,
}

impl Resampler {
    /// Makes room for rows of this layout, weights and pictures.
    pub fn new(plan: &Plan, layout: Layout) -> Self {
        let in_use = |domain: &Domain| plan.pictures.iter().any(|one| one.domain == *domain);
        let trees = Domain::ALL.into_iter().filter(in_use).flat_map(|domain| {
            let streams = domain.streams().iter();
            streams.map(move |&stream| Tree::new(plan, layout, domain, stream))
        });
        Self { trees: trees.collect(), pictures: plan.pictures.clone(), layout }
    }

    /// Takes the next rows of the source.
    pub fn push(&mut self, band: &Band) {
        for tree in &mut self.trees {
            band.rows(tree.stream).for_each(|row| tree.push(row));
        }
    }

    /// The pictures in the plan's order, as stored, not yet upright.
    ///
    /// # Panics
    /// When rows of the source are missing.
    pub fn finish(self) -> Vec<Picture> {
        let mut parts: Vec<Vec<Vec<u8>>> = vec![Vec::new(); self.pictures.len()];
        for node in self.trees.into_iter().flat_map(|tree| tree.rows.nodes) {
            node.finish(&mut parts);
        }
        let picture = |(plan, parts): (&PicturePlan, Vec<Vec<u8>>)| {
            let mut parts = parts.into_iter();
            let mut raster = |[across, down]: [Grid; 2], layout| {
                let side = |grid: Grid| u32::try_from(grid.count).unwrap_or(0);
                let size = Size::new(side(across), side(down)).expect("grids have samples");
                Raster::new(size, layout, parts.next().expect("every part has been made"))
            };
            if plan.domain == Domain::Planes {
                let luma = raster(plan.grids, Layout::Gray);
                let mut chroma = || raster(plan.chroma_grids, Layout::Gray);
                Picture::Planes([luma, chroma(), chroma()])
            } else {
                Picture::Pixels(raster(plan.grids, self.layout))
            }
        };
        self.pictures.iter().zip(parts).map(picture).collect()
    }
}

impl Tree {
    fn new(plan: &Plan, layout: Layout, domain: Domain, stream: Stream) -> Self {
        let channels = channels(layout, stream);
        let source = source_grids(&plan.rows, plan.scale_eighths, stream);
        let light = if domain == Domain::Linear { Light::Linear } else { Light::Gamma };
        let premultiplied = layout.has_alpha() && domain != Domain::Copied;
        let branch = Branch { plan, domain, stream, channels, light, premultiplied };
        let rows = Rows::new(&branch, None, source);
        Self { stream, light, premultiplied, cpu: Cpu::detect(), width: source[0].count, rows }
    }

    /// Takes the next row, a slice for each channel.
    fn push<'a>(&mut self, channels: impl Iterator<Item = &'a [u8]>) {
        if self.rows.wants_next() {
            let row = self.rows.next();
            let alphas = if self.premultiplied { self.width } else { 0 };
            let colors = row.len() - alphas;
            for (at, (bytes, samples)) in channels.zip(row.chunks_exact_mut(self.width)).enumerate()
            {
                let light = if at * self.width < colors { self.light } else { Light::Gamma };
                samples::to_samples(self.cpu, light, bytes, samples);
            }
            let (colors, alphas) = row.split_at_mut(colors);
            if self.premultiplied {
                for color in colors.chunks_exact_mut(self.width) {
                    samples::premultiply(color, alphas);
                }
            }
        }
        self.rows.push_next();
    }
}

/// What the nodes of a tree have in common.
struct Branch<'a> {
    plan: &'a Plan,
    domain: Domain,
    stream: Stream,
    channels: usize,
    light: Light,
    premultiplied: bool,
}

impl Rows {
    /// The rows of `parent`, or of the source, whose grids are `from`.
    fn new(branch: &Branch<'_>, parent: Option<usize>, from: [Grid; 2]) -> Self {
        let pictures = branch.plan.pictures.iter().enumerate();
        let children =
            pictures.filter(|(_, one)| one.domain == branch.domain && one.parent == parent);
        let nodes: Vec<Node> =
            children.map(|(index, picture)| Node::new(branch, from, index, picture)).collect();
        let waiting = nodes.iter().map(|node| node.passes.waiting_pairs()).max().unwrap_or(0);
        let [length, count] = [from[0].count * branch.channels, from[1].count];
        Self { last: RowPairs::new(Cpu::detect(), length, waiting), came: 0, count, nodes }
    }

    /// Whether some picture is made of the next row.
    fn wants_next(&self) -> bool {
        self.nodes.iter().any(|node| node.passes.wants(self.came))
    }

    /// Where the next row goes.
    fn next(&mut self) -> &mut [i16] {
        self.last.coming(self.came)
    }

    /// Makes what can be made once the next row is in its place, or nobody wants it.
    fn push_next(&mut self) {
        let (y, is_wanted) = (self.came, self.wants_next());
        self.came += 1;
        if !is_wanted {
            return;
        }
        let takers = self.nodes.iter_mut().filter(|node| node.passes.wants(y));
        takers.for_each(|node| node.passes.take(y, self.last.coming(y)));
        if y % 2 == 1 || self.came == self.count {
            self.last.keep(y);
            self.nodes.iter_mut().for_each(|node| node.complete(&self.last, self.came));
        }
    }
}

impl Node {
    fn new(branch: &Branch<'_>, from: [Grid; 2], index: usize, picture: &PicturePlan) -> Self {
        let &Branch { stream, channels, light, premultiplied, .. } = branch;
        let to = picture.grids_of(stream);
        let scaling = Scaling { filter: picture.filter, channels, from, to };
        Self {
            picture: index,
            passes: Passes::new(Cpu::detect(), &scaling),
            sink: Sink::new(light, premultiplied, channels, to, stream),
            rows: Rows::new(branch, Some(index), to),
        }
    }

    /// All rows that can be made by now.
    fn complete(&mut self, pairs: &RowPairs, came: usize) {
        loop {
            let ready = self.passes.complete(pairs, came);
            if ready == 0 {
                return;
            }
            for index in 0..ready {
                let row = self.passes.row(index);
                self.sink.push(row);
                if self.rows.wants_next() {
                    self.rows.next().copy_from_slice(row);
                }
                self.rows.push_next();
            }
        }
    }

    fn finish(self, parts: &mut [Vec<Vec<u8>>]) {
        parts[self.picture].extend(self.sink.finish());
        for child in self.rows.nodes {
            child.finish(parts);
        }
    }
}

/// Bytes that the resampler takes at its peak, the finished pictures included.
pub(crate) fn resampling_bytes(plan: &Plan) -> u64 {
    let streams = plan
        .pictures
        .iter()
        .flat_map(|picture| picture.domain.streams().iter().map(move |&stream| (picture, stream)));
    let bytes = |(picture, stream): (&PicturePlan, Stream)| {
        let channels = channels(plan.rows.layout, stream);
        let from = match picture.parent {
            Some(parent) => plan.pictures[parent].grids_of(stream),
            None => source_grids(&plan.rows, plan.scale_eighths, stream),
        };
        let to = picture.grids_of(stream);
        let finished = to[0].count * (to[1].count + 1) * channels;
        let coming = |grid: Grid| RowPairs::bytes(grid.count * channels, 0);
        let scaling = Scaling { filter: picture.filter, channels, from, to };
        Passes::bytes(&scaling) + coming(from[0]) + coming(to[0]) + finished as u64
    };
    streams.map(bytes).sum()
}

fn channels(layout: Layout, stream: Stream) -> usize {
    match stream {
        Stream::Pixels => layout.channels(),
        Stream::Luma => 1,
        Stream::Chroma => 2,
    }
}
