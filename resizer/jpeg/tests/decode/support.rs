//! Decoding as a user does it, with what must hold of every band.

use std::io::BufRead;

use resizer_jpeg::{DecodeOptions, Decoder, Error, Frame, Scale};

/// All samples of one component, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Samples {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) bytes: Vec<u8>,
}

/// A whole picture.
pub(crate) fn decode(file: &[u8], scale: Scale) -> Result<Vec<Samples>, Error> {
    decode_with(file, &DecodeOptions { scale, ..DecodeOptions::default() })
}

pub(crate) fn decode_with(
    source: impl BufRead,
    options: &DecodeOptions,
) -> Result<Vec<Samples>, Error> {
    let mut decoder = Decoder::new(source, options)?;
    let frame = *decoder.frame();
    let side = options.scale.block_side();
    let mut planes = vec![Samples { width: 0, height: 0, bytes: Vec::new() }; count(&frame)];
    while let Some(band) = decoder.next_band()? {
        assert_eq!(band.planes().len(), planes.len());
        for ((plane, samples), component) in
            band.planes().iter().zip(&mut planes).zip(frame.components())
        {
            let (width, height) = frame.plane_size(component, options.scale);
            let most = usize::from(component.vertical) * side;
            assert_eq!(plane.width, width);
            assert!(plane.stride >= width);
            assert_eq!(plane.height, most.min(height - samples.height), "of {component:?}");
            samples.width = width;
            samples.height += plane.height;
            (0..plane.height).for_each(|y| samples.bytes.extend(plane.row(y)));
        }
    }
    for (samples, component) in planes.iter().zip(frame.components()) {
        let size = frame.plane_size(component, options.scale);
        assert_eq!((samples.width, samples.height), size);
    }
    assert!(decoder.next_band()?.is_none(), "the end stays the end");
    Ok(planes)
}

fn count(frame: &Frame) -> usize {
    frame.components().len()
}

/// Both files decode to the same samples, at every scale.
pub(crate) fn assert_same(found: &[u8], expected: &[u8], what: &str) {
    for scale in Scale::ALL {
        let expected = decode(expected, scale).expect("a good file");
        match decode(found, scale) {
            Ok(planes) => assert!(planes == expected, "{what} differs at {scale:?}"),
            Err(error) => panic!("{what} at {scale:?}: {error}"),
        }
    }
}
