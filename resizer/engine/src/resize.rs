//! Bands of a source in, every picture of the plan out: rows flow through, each picture from the
//! source or from a larger picture as its rows appear, so that no source is ever whole in memory.

mod axis;
mod kernels;
mod light;
mod pass;
mod sink;

use resizer_jpeg::cpu::Cpu;

use self::pass::Pass;
use self::sink::Sink;
use crate::decode::Band;
use crate::header::Header;
use crate::plan::{Domain, Grid, PicturePlan, Plan, Stream, source_grids};
use crate::raster::{Layout, Raster, Size};
use crate::spec::Light;

/// A resampled picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Picture {
    /// Pixels of the source's layout.
    Pixels(Raster),
    /// Luminance and the two colour differences, each a gray raster.
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
    /// Whether the last channel is an alpha that the others are multiplied with.
    premultiplied: bool,
    /// The current row as samples, channel after channel.
    row: Vec<i16>,
    cpu: Cpu,
    /// Samples of a channel.
    width: usize,
    nodes: Vec<Node>,
}

/// One picture, or one part of its planes, and those that are made of it.
#[derive(Debug)]
struct Node {
    /// Its index in the plan.
    picture: usize,
    pass: Pass,
    sink: Sink,
    children: Vec<Node>,
}

impl Resampler {
    /// Makes room for rows, weights and pictures.
    pub fn new(header: &Header, plan: &Plan) -> Self {
        let in_use = |domain: &Domain| plan.pictures.iter().any(|one| one.domain == *domain);
        let trees = Domain::ALL.into_iter().filter(in_use).flat_map(|domain| {
            let streams = domain.streams().iter();
            streams.map(move |&stream| Tree::new(header, plan, domain, stream))
        });
        Self { trees: trees.collect(), pictures: plan.pictures.clone(), layout: header.layout }
    }

    /// Takes the next rows of the source.
    pub fn push(&mut self, band: &Band) {
        for tree in &mut self.trees {
            for row in band.rows(tree.stream).iter() {
                tree.push(row);
            }
        }
    }

    /// The pictures in the plan's order, as stored, not yet upright.
    ///
    /// # Panics
    /// When rows of the source are missing.
    pub fn finish(self) -> Vec<Picture> {
        let mut parts: Vec<Vec<Vec<u8>>> = vec![Vec::new(); self.pictures.len()];
        for node in self.trees.into_iter().flat_map(|tree| tree.nodes) {
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
    fn new(header: &Header, plan: &Plan, domain: Domain, stream: Stream) -> Self {
        let channels = channels(header, stream);
        let source = source_grids(header, plan.reduction, stream);
        let mut tree = Self {
            stream,
            light: if domain == Domain::Linear { Light::Linear } else { Light::Gamma },
            premultiplied: header.layout.has_alpha() && domain != Domain::Copied,
            row: vec![0; source[0].count * channels],
            cpu: Cpu::detect(),
            width: source[0].count,
            nodes: Vec::new(),
        };
        tree.nodes = tree.nodes_of(plan, domain, None, source);
        tree
    }

    /// Nodes for the pictures that are made of `parent`, whose grids are `from`.
    fn nodes_of(
        &self,
        plan: &Plan,
        domain: Domain,
        parent: Option<usize>,
        from: [Grid; 2],
    ) -> Vec<Node> {
        let channels = self.row.len() / self.width;
        let pictures = plan.pictures.iter().enumerate();
        let children = pictures.filter(|(_, one)| one.domain == domain && one.parent == parent);
        let node = |(index, picture): (usize, &PicturePlan)| {
            let to = picture.grids_of(self.stream);
            Node {
                picture: index,
                pass: Pass::new(channels, from, to),
                sink: Sink::new(self.light, self.premultiplied, channels, to, self.stream),
                children: self.nodes_of(plan, domain, Some(index), to),
            }
        };
        children.map(node).collect()
    }

    fn push(&mut self, bytes: &[u8]) {
        if self.nodes.iter().any(|node| node.pass.wants()) {
            let alphas = if self.premultiplied { self.width } else { 0 };
            let colours = self.row.len() - alphas;
            let (colours, alphas) = self.row.split_at_mut(colours);
            let (colour_bytes, alpha_bytes) = bytes.split_at(colours.len());
            light::to_samples(self.cpu, self.light, colour_bytes, colours);
            light::to_samples(self.cpu, Light::Gamma, alpha_bytes, alphas);
            if self.premultiplied {
                for colour in colours.chunks_exact_mut(self.width) {
                    light::premultiply(colour, alphas);
                }
            }
        }
        for node in &mut self.nodes {
            node.push(&self.row);
        }
    }
}

impl Node {
    fn push(&mut self, row: &[i16]) {
        let Self { pass, sink, children, .. } = self;
        pass.push(row, &mut |row| {
            sink.push(row);
            for child in &mut *children {
                child.push(row);
            }
        });
    }

    fn finish(self, parts: &mut [Vec<Vec<u8>>]) {
        parts[self.picture].extend(self.sink.finish());
        for child in self.children {
            child.finish(parts);
        }
    }
}

/// Bytes that the resampler takes at its peak, the finished pictures included.
pub(crate) fn resampling_bytes(header: &Header, plan: &Plan) -> u64 {
    let streams = plan
        .pictures
        .iter()
        .flat_map(|picture| picture.domain.streams().iter().map(move |&stream| (picture, stream)));
    let bytes = |(picture, stream): (&PicturePlan, Stream)| {
        let channels = channels(header, stream);
        let from = match picture.parent {
            Some(parent) => plan.pictures[parent].grids_of(stream),
            None => source_grids(header, plan.reduction, stream),
        };
        let to = picture.grids_of(stream);
        let source_row = from[0].count * channels * 2;
        let finished = to[0].count * (to[1].count + 1) * channels;
        Pass::bytes(channels, from, to) + (source_row + finished) as u64
    };
    streams.map(bytes).sum()
}

fn channels(header: &Header, stream: Stream) -> usize {
    match stream {
        Stream::Pixels => header.layout.channels(),
        Stream::Luma => 1,
        Stream::Chroma => 2,
    }
}
