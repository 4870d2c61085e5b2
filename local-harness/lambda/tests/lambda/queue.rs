//! The queue: delivery, visibility, dead letters, and disorder on request.

use std::time::Duration;

use lambda_local::queue::{BODY_MAX_BYTES, Disorder, Queue, QueueOptions, Receive, SendError};

const HOUR: Duration = Duration::from_secs(3600);

fn queue(max_receive_count: u32, disorder: Disorder) -> Queue {
    Queue::new(QueueOptions {
        name: "test".to_owned(),
        visibility_timeout: HOUR,
        max_receive_count,
        disorder,
    })
}

fn send(queue: &Queue, count: usize) -> Vec<String> {
    (0..count).map(|at| queue.send(at.to_string()).expect("it is small")).collect()
}

#[tokio::test]
async fn messages_come_in_order_are_hidden_and_deleted() {
    let queue = queue(3, Disorder::default());
    let ids = send(&queue, 3);
    let first = queue.receive(2).await;
    let second = queue.receive(2).await;
    let received: Vec<&str> = first.iter().chain(&second).map(|m| m.id.as_str()).collect();
    assert_eq!(received, ids);
    assert_eq!((first[0].body.as_str(), first[0].receive_count), ("0", 1));
    assert_eq!(first[0].body_md5, "cfcd208495d565ef66e7dff9f98764da");
    assert!(first[0].first_received_ms >= first[0].sent_ms);
    assert!(!queue.is_idle());
    for message in first.iter().chain(&second) {
        assert!(queue.delete(&message.receipt_handle));
        assert!(!queue.delete(&message.receipt_handle), "only once");
    }
    assert!(queue.is_idle());
    queue.idle().await;
}

#[tokio::test]
async fn a_message_comes_back_until_it_is_a_dead_letter() {
    let queue = queue(2, Disorder::default());
    let id = queue.send("poison".to_owned()).expect("it is small");
    let mut receipts = Vec::new();
    for count in 1..=2 {
        let messages = queue.receive(10).await;
        assert_eq!((messages.len(), messages[0].receive_count), (1, count));
        assert!(queue.dead_letters().is_empty());
        receipts.push(messages[0].receipt_handle.clone());
        assert!(queue.change_visibility(&messages[0].receipt_handle, Duration::from_millis(1)));
    }
    queue.idle().await;
    let dead = queue.dead_letters();
    assert_eq!((dead.len(), dead[0].id.as_str(), dead[0].receive_count), (1, id.as_str(), 2));
    assert!(!queue.delete(&receipts[1]), "it is gone from the queue");
    assert_ne!(receipts[0], receipts[1]);
}

#[tokio::test]
async fn an_old_receipt_has_no_power_over_a_new_delivery() {
    let queue = queue(3, Disorder::default());
    send(&queue, 1);
    let first = queue.receive(1).await;
    queue.change_visibility(&first[0].receipt_handle, Duration::ZERO);
    let second = queue.receive(1).await;
    assert!(!queue.delete(&first[0].receipt_handle));
    assert!(queue.delete(&second[0].receipt_handle));
}

#[tokio::test]
async fn who_waits_is_woken() {
    let queue = queue(3, Disorder::default());
    let (messages, _) = tokio::join!(queue.receive(1), async { send(&queue, 1) });
    let idle = async {
        queue.idle().await;
        true
    };
    let (is_idle, _) = tokio::join!(idle, async { queue.delete(&messages[0].receipt_handle) });
    assert!(is_idle);
}

#[tokio::test]
async fn disorder_is_decided_by_its_seed() {
    let deliveries = async |seed: u64| {
        let disorder = Disorder {
            seed,
            duplicate_one_in: 4,
            delay_one_in: 3,
            delay_max: Duration::from_millis(5),
            is_reordered: true,
        };
        let queue = queue(3, disorder);
        send(&queue, 40);
        let mut bodies = Vec::new();
        while !queue.is_idle() {
            for message in queue.receive(10).await {
                queue.delete(&message.receipt_handle);
                bodies.push(message.body.parse::<usize>().expect("bodies are numbers"));
            }
        }
        bodies
    };
    let mut first = deliveries(1).await;
    let mut other = deliveries(2).await;
    assert!(!first.is_sorted());
    assert!(first.len() > 40, "some come twice");
    first.sort_unstable();
    other.sort_unstable();
    let mut again = deliveries(1).await;
    again.sort_unstable();
    // Which moment a delay ends at is the clock's business; what is delivered is the seed's.
    assert_eq!(first, again);
    assert_ne!(first, other);
    first.dedup();
    assert_eq!(first, (0..40).collect::<Vec<usize>>(), "every message comes");
}

#[test]
fn a_body_has_a_limit_and_ids_are_the_same_every_time() {
    let queues = [queue(3, Disorder::default()), queue(3, Disorder::default())];
    assert_eq!(send(&queues[0], 5), send(&queues[1], 5));
    assert!(queues[0].send("x".repeat(BODY_MAX_BYTES)).is_ok());
    let refused = queues[0].send("x".repeat(BODY_MAX_BYTES + 1)).expect_err("it is too large");
    let SendError::TooLarge { size_bytes, limit_bytes } = refused else {
        panic!("{refused}");
    };
    assert_eq!((size_bytes, limit_bytes), (BODY_MAX_BYTES + 1, BODY_MAX_BYTES));
}

#[tokio::test]
async fn messages_and_dead_letters_survive_the_process() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("queue.journal");
    let options = QueueOptions {
        name: "kept".to_owned(),
        visibility_timeout: HOUR,
        max_receive_count: 2,
        disorder: Disorder::default(),
    };
    let open = || Queue::open(options.clone(), &path).expect("it opens");
    let queue = open();
    let sent = queue.send_all(["done", "received", "poison", "new"].map(str::to_owned).into());
    let ids: Vec<String> = sent.expect("they are small").into_iter().map(|(id, _)| id).collect();
    for message in queue.receive(3).await {
        match message.body.as_str() {
            "done" => assert!(queue.delete(&message.receipt_handle)),
            "poison" => assert!(queue.change_visibility(&message.receipt_handle, Duration::ZERO)),
            _ => {}
        }
    }
    let again = queue.receive(1).await;
    assert_eq!((again[0].body.as_str(), again[0].receive_count), ("new", 1));
    let again = queue.receive(1).await;
    assert_eq!((again[0].body.as_str(), again[0].receive_count), ("poison", 2));
    assert!(queue.change_visibility(&again[0].receipt_handle, Duration::ZERO));
    assert_eq!(queue.dead_letters().len(), 1);

    // Whoever had received the messages is gone with the first process.
    drop(queue);
    let queue = open();
    assert_eq!(queue.unfinished(), 2);
    let dead = queue.dead_letters();
    assert_eq!((dead.len(), &dead[0].id, dead[0].receive_count), (1, &ids[2], 2));
    let messages = queue.receive(10).await;
    let seen: Vec<(&str, &str, u32)> = messages
        .iter()
        .map(|message| (message.id.as_str(), message.body.as_str(), message.receive_count))
        .collect();
    assert_eq!(seen, [(ids[1].as_str(), "received", 2), (ids[3].as_str(), "new", 2)]);
    for message in &messages {
        assert!(queue.delete(&message.receipt_handle));
    }
    let later = queue.send("later".to_owned()).expect("it is small");
    assert!(!ids.contains(&later), "ids are not given twice");
    drop(queue);
    let queue = open();
    assert_eq!((queue.unfinished(), queue.dead_letters().len()), (1, 1));
}

#[tokio::test]
async fn one_receive_takes_no_more_bytes_than_wanted() {
    let queue = queue(3, Disorder::default());
    for body in ["\"", "12345678", "1", "2"] {
        queue.send(body.to_owned()).expect("it is small");
    }
    let wanted = Receive { max: 10, max_bytes: 12, envelope_bytes: 1, ..Receive::default() };
    // A quotation mark has two bytes in JSON: 3 and 9.
    let sizes = |messages: Vec<_>| messages.len();
    assert_eq!(sizes(queue.receive_as(&wanted).await), 2);
    let full = Receive { taken_bytes: 11, ..wanted.clone() };
    assert_eq!(sizes(queue.receive_as(&full).await), 0, "the next one does not fit");
    let large = Receive { max_bytes: 1, ..wanted };
    assert_eq!(sizes(queue.receive_as(&large).await), 1, "the first one has any size");
}
