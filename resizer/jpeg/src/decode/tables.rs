//! The tables that segments define. Decoding tables are built when a scan first needs them, so
//! redefining a table costs no more than reading it.

use std::sync::Arc;

use super::huffman::{Codes, Pairs};
use crate::marker::{
    CodeLengths, CodeSlots, DHT, DQT, DRI, Flaw, QuantizationTable, ScanHeader, be16, read_huffman,
    read_quantization,
};
use crate::standard;

/// The decoding tables for AC coefficients.
pub(crate) struct AcTable {
    pub(crate) codes: Codes,
    pub(crate) pairs: Pairs,
}

/// A decoding table and the code lengths it was built from.
struct Built<T> {
    from: CodeLengths,
    table: Arc<T>,
}

/// The tables defined so far.
#[derive(Default)]
pub(crate) struct Tables {
    pub(crate) quantization: [Option<QuantizationTable>; 4],
    pub(crate) restart_interval: u16,
    lengths: CodeSlots,
    dc: [Option<Built<Codes>>; 4],
    ac: [Option<Built<AcTable>>; 4],
}

impl std::fmt::Debug for Tables {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Tables").finish_non_exhaustive()
    }
}

impl Tables {
    /// Reads a segment that defines tables; ignores others.
    pub(crate) fn define(&mut self, marker: u8, body: &[u8]) -> Result<(), Flaw> {
        match marker {
            DQT => read_quantization(body, &mut self.quantization),
            DHT => read_huffman(body, &mut self.lengths),
            DRI => {
                let &[high, low] = body else {
                    return Err(Flaw("a restart interval of the wrong length"));
                };
                self.restart_interval = be16(high, low);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The table for DC coefficients. A file without one means that of annex K of the
    /// specification, as in Motion JPEG.
    pub(crate) fn dc(&mut self, slot: usize) -> Result<Arc<Codes>, Flaw> {
        let lengths = self.lengths(0, slot)?;
        reuse(&mut self.dc[slot], lengths, Codes::new)
    }

    /// The table for AC coefficients.
    pub(crate) fn ac(&mut self, slot: usize, progressive: bool) -> Result<Arc<AcTable>, Flaw> {
        let lengths = self.lengths(1, slot)?;
        reuse(&mut self.ac[slot], lengths, |lengths| {
            let codes = Codes::new(lengths);
            let pairs = if progressive {
                Pairs::new(&codes, |symbol| symbol == 0)
            } else {
                Pairs::new(&codes, |symbol| symbol >> 4 != 15)
            };
            AcTable { codes, pairs }
        })
    }

    pub(crate) fn lengths(&self, class: usize, slot: usize) -> Result<CodeLengths, Flaw> {
        self.lengths[class][slot]
            .or_else(|| standard::code_lengths(class, slot))
            .ok_or(Flaw("a scan with a Huffman table that is not defined"))
    }
}

/// Returns the table in `slot`, rebuilt only if the code lengths have changed.
fn reuse<T>(
    slot: &mut Option<Built<T>>,
    lengths: CodeLengths,
    build: impl FnOnce(&CodeLengths) -> T,
) -> Result<Arc<T>, Flaw> {
    if let Some(built) = slot
        && built.from == lengths
    {
        return Ok(Arc::clone(&built.table));
    }
    let table = Arc::new(build(&lengths));
    *slot = Some(Built { from: lengths, table: Arc::clone(&table) });
    Ok(table)
}

/// The decoding tables of one component, those that the scan needs.
pub(crate) struct ScanTables {
    pub(crate) dc: Option<Arc<Codes>>,
    pub(crate) ac: Option<Arc<AcTable>>,
}

impl ScanTables {
    /// The tables of all components of a scan.
    pub(super) fn of(
        header: &ScanHeader,
        progressive: bool,
        tables: &mut Tables,
    ) -> Result<Vec<Self>, Flaw> {
        let needs_dc = header.first == 0 && header.high == 0;
        let needs_ac = header.first > 0 || !progressive;
        let components = header.components().iter();
        let of_component = components.map(|component| {
            Ok(Self {
                dc: needs_dc.then(|| tables.dc(component.dc)).transpose()?,
                ac: needs_ac.then(|| tables.ac(component.ac, progressive)).transpose()?,
            })
        });
        of_component.collect()
    }
}
