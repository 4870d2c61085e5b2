//! The closing check of a delivery in places that other sources may have results in. Two deliveries
//! of one upload may decide differently there, where a place is freed between them, and each then
//! deletes what the other wrote. So each looks again, after its last write, at all that its own
//! decision rests on, and goes round again where that is gone.
//! In: what was decided. Out: what must lie where. Pure; the handler and the model ask the same.

use crate::ledger::LEDGER_KEY;
use crate::protocol::Claim;
use crate::rules::{Changes, MAX_KEY_BYTES, Scope};

/// What a delivery decided and wrote.
#[derive(Debug, Clone, Copy)]
pub enum Decision<'a> {
    /// These are the results of the source.
    Stored(&'a Changes),
    /// A result would lie in a place that is another source's.
    Refused {
        /// What would be its results.
        changes: &'a Changes,
        /// The key of that place in the output bucket.
        taken: &'a str,
    },
}

/// What must lie in a place when its delivery ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Expectation {
    /// A result of the source as it is.
    Result,
    /// The record of its refusal, unless that place is another source's, too.
    Record,
    /// Nothing of this source.
    NothingOwn,
    /// Another source's object.
    Taken,
}

/// What lies in a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// Nothing.
    Nothing,
    /// A result or a record of the source as it is, under the present rule.
    Current,
    /// One of an earlier state or rule.
    Outdated,
    /// Another source's object, or one that is no result.
    Taken,
}

impl Sight {
    /// Whose a place is, and whether its object is current if it is the source's own.
    pub fn of(claim: Claim, is_current: bool) -> Self {
        match claim {
            Claim::Free => Self::Nothing,
            Claim::Taken => Self::Taken,
            Claim::Own if is_current => Self::Current,
            Claim::Own => Self::Outdated,
        }
    }
}

impl Expectation {
    /// Whether this is what must be there.
    pub fn is_met(self, sight: Sight) -> bool {
        match self {
            Self::Result => sight == Sight::Current,
            Self::Record => matches!(sight, Sight::Current | Sight::Taken),
            Self::NothingOwn => matches!(sight, Sight::Nothing | Sight::Taken),
            Self::Taken => sight == Sight::Taken,
        }
    }
}

impl Scope {
    /// What a decision rests on: keys of the output bucket, and what must lie there. Nothing where
    /// every delivery of the upload decides the same, because all that is put has places that no
    /// other source can take.
    ///
    /// These are all places that deliveries of one state of the source may fill, so whoever writes
    /// last sees what stays. A delivery of another state finds by its own HEAD of the source that
    /// it must go round again.
    pub fn rests_on(&self, decision: Decision<'_>) -> Vec<(String, Expectation)> {
        let (Decision::Stored(changes) | Decision::Refused { changes, .. }) = decision;
        let puts = || changes.puts.iter().chain(&changes.last_put);
        if puts().all(|key| self.is_exclusive(key)) {
            return Vec::new();
        }
        let of_put = |key: &String| match decision {
            Decision::Stored(_) => Expectation::Result,
            Decision::Refused { taken, .. } if taken == key => Expectation::Taken,
            Decision::Refused { .. } => Expectation::NothingOwn,
        };
        let of_record = match decision {
            Decision::Stored(_) => Expectation::NothingOwn,
            Decision::Refused { .. } => Expectation::Record,
        };
        let mut expected: Vec<_> = puts().map(|key| (key.clone(), of_put(key))).collect();
        let record = &self.targets.failure;
        if record.len() <= MAX_KEY_BYTES && record != LEDGER_KEY {
            expected.push((record.clone(), of_record));
        }
        expected
    }
}

#[cfg(test)]
mod tests {
    use resizer_engine::spec::OutputFormat;

    use super::{Decision, Expectation, Sight};
    use crate::config::{Config, Settings};
    use crate::event::ObjectRef;
    use crate::layout::Layouts;
    use crate::protocol::Claim;
    use crate::rules::Scope;

    fn scope(rule: &str) -> Scope {
        let variant = "[[rule.variant]]\nname = \"a\"\nwidth = 8\nformats = [\"jpeg\"]\n";
        let text = format!("[[rule]]\n{rule}{variant}");
        let settings = Settings { text: Some(text), ..Settings::default() };
        let config = Config::load(&settings).unwrap_or_else(|error| panic!("{error}"));
        let object = ObjectRef { bucket: "up".to_owned(), key: "d/x.jpg".to_owned() };
        config.rules[0].scope(&object, &Layouts::new(&config.rules, &[]))
    }

    fn rests_on(rule: &str, taken: Option<&str>) -> Vec<(String, Expectation)> {
        let scope = scope(rule);
        let changes = scope.of_variants(&[("a", OutputFormat::Jpeg)]);
        scope.rests_on(match taken {
            Some(taken) => Decision::Refused { changes: &changes, taken },
            None => Decision::Stored(&changes),
        })
    }

    #[test]
    fn exclusive_places_are_not_looked_at_again() {
        assert_eq!(rests_on("", None), []);
        assert_eq!(rests_on("output.manifest = \"m/{key}.json\"\n", None), []);
    }

    #[test]
    fn all_that_a_decision_rests_on_is_looked_at_again() {
        let shared = "output.naming = \"laravel\"\noutput.manifest = \"m/{key}.json\"\n";
        let expected = |list: &[(&str, Expectation)]| {
            list.iter().map(|(key, one)| ((*key).to_owned(), *one)).collect::<Vec<_>>()
        };
        let (variant, record) = ("d/conversions/x-a.jpg", "failures/d/x.jpg.json");
        let stored = expected(&[
            (variant, Expectation::Result),
            ("m/d/x.jpg.json", Expectation::Result),
            (record, Expectation::NothingOwn),
        ]);
        assert_eq!(rests_on(shared, None), stored);
        let refused = expected(&[
            (variant, Expectation::Taken),
            ("m/d/x.jpg.json", Expectation::NothingOwn),
            (record, Expectation::Record),
        ]);
        assert_eq!(rests_on(shared, Some(variant)), refused);
    }

    #[test]
    fn every_sight_meets_what_it_should() {
        let sights = [
            Sight::of(Claim::Free, false),
            Sight::of(Claim::Own, true),
            Sight::of(Claim::Own, false),
            Sight::of(Claim::Taken, false),
        ];
        for (expectation, met) in [
            (Expectation::Result, [false, true, false, false]),
            (Expectation::Record, [false, true, false, true]),
            (Expectation::NothingOwn, [true, false, false, true]),
            (Expectation::Taken, [false, false, false, true]),
        ] {
            assert_eq!(sights.map(|sight| expectation.is_met(sight)), met, "{expectation:?}");
        }
    }
}
