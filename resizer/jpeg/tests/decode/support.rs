//! Decodes files as a user does and checks every band.

use std::io::BufRead;

use resizer_jpeg::frame::Frame;
use resizer_jpeg::planes::{PlaneDecoder, Region};
use resizer_jpeg::{DecodeError, DecodeOptions, Scale};

/// All samples of one component, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Samples {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) bytes: Vec<u8>,
}

/// Decodes a whole picture.
pub(crate) fn decode(file: &[u8], scale: Scale) -> Result<Vec<Samples>, DecodeError> {
    decode_with(file, &DecodeOptions::default().with_scale(scale))
}

pub(crate) fn decode_with(
    source: impl BufRead,
    options: &DecodeOptions,
) -> Result<Vec<Samples>, DecodeError> {
    all_bands(PlaneDecoder::new(source, options)?, options.scale)
}

pub(crate) fn decode_region(
    file: &[u8],
    scale: Scale,
    region: Region,
) -> Result<Vec<Samples>, DecodeError> {
    let decoder = PlaneDecoder::new(file, &DecodeOptions::default().with_scale(scale))?;
    all_bands(decoder.with_region(region), scale)
}

fn all_bands(
    mut decoder: PlaneDecoder<impl BufRead>,
    scale: Scale,
) -> Result<Vec<Samples>, DecodeError> {
    let frame = *decoder.frame();
    let side = scale.eighths() as usize;
    let mut planes = vec![Samples { width: 0, height: 0, bytes: Vec::new() }; count(&frame)];
    while let Some(band) = decoder.next_band()? {
        assert_eq!(band.planes().len(), planes.len());
        for ((plane, samples), component) in
            band.planes().iter().zip(&mut planes).zip(frame.components())
        {
            let (width, height) = frame.plane_size(component, scale);
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
        let size = frame.plane_size(component, scale);
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
