//! The functions that are compared: ours, and the handlers in benches/peers.

use crate::reference::Light;

/// Where a function's program comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// The function of this workspace, with a configuration.
    Ours(&'static str),
    /// A module in benches/peers/pillow, under awslambdaric.
    Pillow(&'static str),
    /// A module in benches/peers/sharp, under aws-lambda-ric.
    Sharp(&'static str),
}

/// One function.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer {
    pub(super) id: &'static str,
    /// A row of the tables.
    pub(super) name: &'static str,
    pub(super) origin: Origin,
    /// In which values it averages, and so by which reference it is scored.
    pub(super) light: Light,
    pub(super) how: &'static str,
}

impl Peer {
    pub(super) fn is_ours(&self) -> bool {
        matches!(self.origin, Origin::Ours(_))
    }
}

pub(super) const ROSTER: [Peer; 6] = [
    Peer {
        id: "ours",
        name: "ours, as shipped",
        origin: Origin::Ours(""),
        light: Light::Linear,
        how: "the default configuration: linear light, effort `balanced`",
    },
    Peer {
        id: "ours-fast-gamma",
        name: "ours, fast, gamma",
        origin: Origin::Ours("[[rule]]\neffort = \"fast\"\nlight = \"gamma\"\n"),
        light: Light::Gamma,
        how: "a rule with `effort = \"fast\"` and `light = \"gamma\"`, the values in which the \
              others average",
    },
    Peer {
        id: "sharp",
        name: "sharp, as documented",
        origin: Origin::Sharp("handler"),
        light: Light::Gamma,
        how: "each variant from the upload's bytes by `resize`, one after the other, as in AWS's \
              tutorial on S3 triggers",
    },
    Peer {
        id: "sharp-expert",
        name: "sharp, by an expert",
        origin: Origin::Sharp("bundle"),
        light: Light::Gamma,
        how: "decoded once, encoded and stored in parallel, no cache, no optional checksums, \
              bundled and minified with esbuild",
    },
    Peer {
        id: "pillow",
        name: "Pillow, as documented",
        origin: Origin::Pillow("handler"),
        light: Light::Gamma,
        how: "each variant from a file in `/tmp` by `thumbnail`, one after the other, as in AWS's \
              tutorial on S3 triggers",
    },
    Peer {
        id: "pillow-expert",
        name: "Pillow, by an expert",
        origin: Origin::Pillow("expert"),
        light: Light::Gamma,
        how: "one reduced decode, each variant from the next larger one, stored by threads, \
              botocore without boto3, no optional checksums",
    },
];
