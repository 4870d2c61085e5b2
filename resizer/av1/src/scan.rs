//! The order of coefficients: a zigzag of diagonals. Source: AV1 specification, tables
//! "Default_Scan". Places are those in rows of equal horizontal frequency.

/// The scans of blocks with sides of 4, 8, 16, and 32 coefficients.
#[derive(Debug, Clone)]
pub(crate) struct Scans {
    orders: [Vec<u16>; 4],
    positions: [Vec<u16>; 4],
}

impl Scans {
    pub(crate) fn new() -> Self {
        let orders = [4, 8, 16, 32].map(order);
        let positions = orders.each_ref().map(|order| {
            let mut positions = vec![0; order.len()];
            for (position, at) in (1..).zip(order) {
                positions[usize::from(*at)] = position;
            }
            positions
        });
        Self { orders, positions }
    }

    /// The places of coefficients in the order of the scan.
    pub(crate) fn order(&self, side: usize) -> &[u16] {
        &self.orders[side.ilog2() as usize - 2]
    }

    /// The position of each place in the scan, counted from 1.
    pub(crate) fn positions(&self, side: usize) -> &[u16] {
        &self.positions[side.ilog2() as usize - 2]
    }
}

fn order(side: usize) -> Vec<u16> {
    let mut order = Vec::with_capacity(side * side);
    for diagonal in 0..2 * side - 1 {
        let rows = diagonal.saturating_sub(side - 1)..=diagonal.min(side - 1);
        let place = |row: usize| (row * side + diagonal - row) as u16;
        if diagonal % 2 == 0 {
            order.extend(rows.map(place));
        } else {
            order.extend(rows.rev().map(place));
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::Scans;

    #[test]
    fn the_scan_of_4_x_4_is_that_of_the_specification() {
        let expected = [0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15];
        let transposed = expected.map(|at| at % 4 * 4 + at / 4);
        assert_eq!(Scans::new().order(4), transposed);
    }
}
