//! Writing and deleting in places that may be another source's: what lies there says by its
//! provenance tag whose it is, and S3 carries out only what was asked of that very object.

use futures::stream::{self, StreamExt, TryStreamExt};

use crate::error::{Fault, FaultKind, Phase};
use crate::event::ObjectRef;
use crate::layout::Place;
use crate::ledger::{LEDGER_KEY, OF_LEDGER};
use crate::protocol::{Claim, claim};
use crate::store::{Condition, NewObject, Presence, Store, origin};

/// How often what lies in a place may change between a HEAD and what follows it.
const MAX_CLAIMS: u32 = 6;

/// Requests for places of one upload under way at the same time.
const PARALLEL: usize = 8;

/// A place that is not this source's.
#[derive(Debug)]
pub(super) struct Taken {
    /// The place.
    pub(super) place: ObjectRef,
    /// Whose object lies there.
    pub(super) owner: String,
}

/// PUT, unless the place is the ledger's, or has a result of another source or an object that is no
/// result: that place is returned. Exclusive places are not looked at.
pub(super) async fn put_in_place(
    store: &Store,
    source: &ObjectRef,
    new: NewObject,
    is_exclusive: bool,
) -> Result<Option<Taken>, Fault> {
    if new.object.key == LEDGER_KEY {
        return Ok(Some(Taken { place: new.object, owner: OF_LEDGER.to_owned() }));
    }
    if is_exclusive {
        store.put_if(&new, &Condition::None).await?;
        return Ok(None);
    }
    for _ in 0..MAX_CLAIMS {
        let condition = match look(store, source, &new.object).await? {
            (Claim::Taken, found) => {
                let owner = owner(found.as_ref());
                return Ok(Some(Taken { place: new.object, owner }));
            }
            (Claim::Own, Some(found)) => Condition::Is(found.state.etag),
            _ => Condition::Absent,
        };
        if store.put_if(&new, &condition).await?.is_some() {
            return Ok(None);
        }
    }
    Err(restless(&new.object, Phase::Storing))
}

/// The place, if it is the ledger's or another source's, or has an object that is no result.
pub(super) async fn find_taken(
    store: &Store,
    source: &ObjectRef,
    place: ObjectRef,
) -> Result<Option<Taken>, Fault> {
    let owner = match look(store, source, &place).await? {
        _ if place.key == LEDGER_KEY => OF_LEDGER.to_owned(),
        (Claim::Taken, found) => owner(found.as_ref()),
        _ => return Ok(None),
    };
    Ok(Some(Taken { place, owner }))
}

/// DELETE of every exclusive place, and of what this source has in the others; never of the ledger.
pub(super) async fn delete_places(
    store: &Store,
    source: &ObjectRef,
    places: &[Place],
) -> Result<(), Fault> {
    let (exclusive, shared): (Vec<&Place>, Vec<&Place>) =
        places.iter().filter(|place| place.key != LEDGER_KEY).partition(|one| one.is_exclusive);
    let exclusive = async {
        for places in exclusive.chunk_by(|one, next| one.bucket == next.bucket) {
            let keys: Vec<String> = places.iter().map(|place| place.key.clone()).collect();
            store.delete(&places[0].bucket, &keys).await?;
        }
        Ok(())
    };
    let shared = stream::iter(shared.into_iter().map(|place| delete_own(store, source, place)));
    let shared = shared.buffer_unordered(PARALLEL).try_collect::<()>();
    tokio::try_join!(exclusive, shared).map(|((), ())| ())
}

async fn delete_own(store: &Store, source: &ObjectRef, place: &Place) -> Result<(), Fault> {
    let object = ObjectRef { bucket: place.bucket.clone(), key: place.key.clone() };
    for _ in 0..MAX_CLAIMS {
        match look(store, source, &object).await? {
            (Claim::Own, Some(found)) => {
                if store.delete_only(&object, &found.state.etag).await? {
                    return Ok(());
                }
            }
            _ => return Ok(()),
        }
    }
    Err(restless(&object, Phase::Deleting))
}

/// Whose the object of a place is, and what it is.
async fn look(
    store: &Store,
    source: &ObjectRef,
    place: &ObjectRef,
) -> Result<(Claim, Option<Presence>), Fault> {
    let found = store.head(place).await?;
    let tag = found.as_ref().map(|found| found.tag.as_ref().map(|tag| tag.origin.as_str()));
    Ok((claim(&origin(source), tag), found))
}

/// For a message; a tag has no more of another source than a hash.
fn owner(found: Option<&Presence>) -> String {
    match found.and_then(|found| found.tag.as_ref()) {
        Some(tag) => format!("a result of another upload (resizer-source {})", tag.origin),
        None => "an object that is no result".to_owned(),
    }
}

fn restless(object: &ObjectRef, phase: Phase) -> Fault {
    let cause = format!("what lies there changed {MAX_CLAIMS} times").into();
    Fault { kind: FaultKind::Integrity, phase, object: object.clone(), cause }
}
