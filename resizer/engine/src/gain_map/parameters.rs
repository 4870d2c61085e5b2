//! What the samples of a gain map mean, in the terms that all kinds of metadata share.
//! Source: ISO 21496-1, 5.2 and 6.3.

/// For a sample `v` from 0 to 1, the gain in stops is `min + (max - min) * v^(1 / gamma)`. The
/// picture with a share `w` of it is `(base + base_offset) * 2^(gain * w) - alternate_offset`, in
/// linear light.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Parameters {
    /// Of red, green and blue.
    pub(crate) channels: [Channel; 3],
    /// In stops above white: up to here the base is shown as it is.
    pub(crate) base_headroom: f64,
    /// In stops above white: from here on all of the gain is applied.
    pub(crate) alternate_headroom: f64,
    /// Whether the gain applies in the picture's own primaries.
    pub(crate) uses_base_colors: bool,
}

/// Of one channel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Channel {
    /// In stops.
    pub(crate) min: f64,
    /// In stops.
    pub(crate) max: f64,
    pub(crate) gamma: f64,
    /// In linear light, 1 being white.
    pub(crate) base_offset: f64,
    /// In linear light, 1 being white.
    pub(crate) alternate_offset: f64,
}

/// Beyond what any picture needs, and within what the fractions of ISO 21496-1 hold.
const MAX_STOPS: f64 = 64.0;
const GAMMAS: std::ops::RangeInclusive<f64> = 1.0 / 64.0..=64.0;
const MAX_OFFSET: f64 = 64.0;

impl Parameters {
    /// Themselves, if a picture can be made by them.
    pub(super) fn checked(self) -> Option<Self> {
        let headrooms = [self.base_headroom, self.alternate_headroom];
        let are_headrooms = headrooms.iter().all(|stops| (0.0..=MAX_STOPS).contains(stops));
        let differ = self.base_headroom != self.alternate_headroom;
        (are_headrooms && differ && self.channels.iter().all(Channel::is_sound)).then_some(self)
    }

    /// Whether the map makes the picture darker rather than brighter.
    pub(super) fn base_is_hdr(&self) -> bool {
        self.base_headroom > self.alternate_headroom
    }

    /// Whether all channels have the same.
    pub(super) fn are_equal(&self) -> bool {
        self.channels.iter().all(|channel| *channel == self.channels[0])
    }

    /// From the least gain to the most, in stops: that of the widest channel.
    pub(crate) fn span(&self) -> f64 {
        self.channels.iter().map(|channel| channel.max - channel.min).fold(0.0, f64::max)
    }

    /// The samples that leave the picture as it is; `None` where there are none.
    pub(crate) fn neutral(&self) -> Option<[u8; 3]> {
        let sample = |channel: &Channel| {
            let Channel { min, max, gamma, .. } = *channel;
            if min == max {
                return (min == 0.0).then_some(0);
            }
            let share = -min / (max - min);
            (0.0..=1.0).contains(&share).then(|| (share.powf(gamma) * 255.0).round() as u8)
        };
        let [red, green, blue] = &self.channels;
        Some([sample(red)?, sample(green)?, sample(blue)?])
    }
}

impl Channel {
    fn is_sound(&self) -> bool {
        let Self { min, max, gamma, base_offset, alternate_offset } = *self;
        let are_stops = [min, max].iter().all(|stops| stops.abs() <= MAX_STOPS);
        let are_offsets =
            [base_offset, alternate_offset].iter().all(|offset| offset.abs() <= MAX_OFFSET);
        are_stops && min <= max && GAMMAS.contains(&gamma) && are_offsets
    }
}

#[cfg(test)]
mod tests {
    use super::{Channel, Parameters};

    fn of(min: f64, max: f64, gamma: f64) -> Parameters {
        let channel = Channel { min, max, gamma, base_offset: 0.0, alternate_offset: 0.0 };
        let [base_headroom, alternate_headroom] = [0.0, 2.0];
        let channels = [channel; 3];
        Parameters { channels, base_headroom, alternate_headroom, uses_base_colors: true }
    }

    #[test]
    fn the_neutral_sample_means_no_gain() {
        for (min, max, gamma) in [(0.0, 2.0, 1.0), (-1.0, 3.0, 1.0), (-2.0, 2.0, 0.5)] {
            let [sample, ..] = of(min, max, gamma).neutral().expect("zero is within");
            let gain = min + (max - min) * (f64::from(sample) / 255.0).powf(1.0 / gamma);
            assert!(gain.abs() < (max - min) / 255.0, "{min} to {max}: {gain}");
        }
        assert_eq!(of(0.5, 2.0, 1.0).neutral(), None);
        assert_eq!(of(-2.0, -0.5, 1.0).neutral(), None);
    }

    #[test]
    fn numbers_that_make_no_picture_are_refused() {
        assert!(of(-1.0, 3.0, 2.2).checked().is_some());
        for (min, max, gamma) in [
            (2.0, 1.0, 1.0),
            (f64::NAN, 1.0, 1.0),
            (0.0, f64::INFINITY, 1.0),
            (0.0, 1e9, 1.0),
            (0.0, 1.0, 0.0),
            (0.0, 1.0, f64::NAN),
        ] {
            assert_eq!(of(min, max, gamma).checked(), None, "{min} {max} {gamma}");
        }
        let same = Parameters { base_headroom: 2.0, ..of(0.0, 1.0, 1.0) };
        assert_eq!(same.checked(), None);
    }
}
