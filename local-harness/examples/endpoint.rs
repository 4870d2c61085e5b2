//! Measures the endpoint behind the harness's function URL: requests per second and the function's
//! own processor time, for pictures that are stored and for pictures that are not.
//!
//! In: a `bootstrap` of the profile that is to be measured. Out: a table in Markdown.
//!     cargo build --release -p resizer
//!     cargo run --release -p local-harness --example endpoint -- target/release/bootstrap

use std::env;
use std::error::Error;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use lambda_local::function_url::FunctionUrl;
use local_harness::harness::{HarnessOptions, Parts};
use resizer::endpoint::query::Query;
use resizer::endpoint::signature::SigningKeys;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

const KEYS: &str = "k1:0123456789abcdef0123456789abcdef";

const CONFIG: &str = "[endpoint]\nbucket = \"uploads\"\n[limits]\nmax_source_mib = 64\n[[rule]]\n\
                      variant = [{ name = \"w500\", width = 500, height = 500 }]\n";

/// Clients at the same time, and environments for them.
const CLIENTS: usize = 4;

/// Ticks of processor times in /proc in a second, as Linux has them everywhere.
const TICKS_PER_SECOND: f64 = 100.0;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let bootstrap = env::args().nth(1).map(PathBuf::from).ok_or("usage: endpoint BOOTSTRAP")?;
    let folder = tempfile::tempdir()?;
    let mut options = HarnessOptions::new(bootstrap, folder.path().join("s3"));
    options.is_watched = false;
    options.max_concurrency = CLIENTS;
    options.env = vec![
        ("RESIZER_CONFIG".to_owned(), CONFIG.to_owned()),
        ("RESIZER_SIGNING_KEYS".to_owned(), KEYS.to_owned()),
    ];
    let mut parts = Parts::start(&options).await?;
    // Nobody reads the log, which would fill the memory.
    let mut log = std::mem::replace(&mut parts.log, lambda_local::log().1);
    tokio::spawn(async move { while log.recv().await.is_some() {} });
    let url = FunctionUrl::start(Arc::clone(&parts.function), 0).await?;
    let scene = fixtures::scene::photograph(2000, 1333, 1);
    let photo = fixtures::jpeg::jpeg(&scene, &fixtures::jpeg::JpegOptions::default());
    println!("source: JPEG of 2000x1333 pixels, {} bytes; {CLIENTS} clients\n", photo.len());
    for key in ["a.jpg", "b.jpg"] {
        let put = parts.client.put_object().bucket("uploads").key(key);
        put.body(photo.clone().into()).send().await?;
    }

    println!("| Request | Requests | per second | processor time each |");
    println!("|---|---|---|---|");
    let named: Work = Arc::new(|_| "/w500/a.jpg".to_owned());
    let stored: Work = Arc::new(|_| signed("b.jpg", 500, 80));
    // Distinct widths and qualities, so that none is stored: as wide as 485 to 500 pixels.
    let fresh: Work = Arc::new(|number| signed("b.jpg", 485 + number % 16, 20 + number / 16));
    let unknown: Work = Arc::new(|number| format!("/w500/{number}.jpg"));
    let refused: Work = Arc::new(|number| format!("/signed/a.jpg?kid=k1&s=0&w={number}"));
    for (name, work, count, warm_up) in [
        ("a variant that is stored", named, 4000, 50),
        ("signed options, stored", stored, 4000, 50),
        ("signed options, made and stored (500x500 JPEG)", fresh, 400, 0),
        ("a variant of an upload that is not there", unknown, 2000, 0),
        ("a wrong signature", refused, 4000, 50),
    ] {
        run(url.address(), &work, warm_up).await?;
        let (began, before) = (Instant::now(), processor_seconds(&parts));
        run(url.address(), &work, count).await?;
        let (seconds, used) = (began.elapsed().as_secs_f64(), processor_seconds(&parts) - before);
        let (rate, each_ms) = (count as f64 / seconds, used * 1000.0 / count as f64);
        println!("| {name} | {count} | {rate:.0} | {each_ms:.2} ms |");
    }
    parts.function.shutdown().await;
    Ok(())
}

type Work = Arc<dyn Fn(usize) -> String + Send + Sync>;

fn signed(key: &str, width: usize, quality: usize) -> String {
    let keys = SigningKeys::parse(KEYS).expect("a good key");
    let (width, quality) = (width.to_string(), quality.to_string());
    let pairs = [("w", width.as_str()), ("h", "500"), ("q", &quality), ("format", "jpeg")];
    let query: Query<'_> = pairs.into_iter().collect();
    keys.find(None).expect("the key").url(&format!("signed/{key}"), &query)
}

/// So many requests, each client one after the other on its connection.
async fn run(address: SocketAddr, work: &Work, count: usize) -> Result<(), Box<dyn Error>> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let (next, work) = (Arc::clone(&next), Arc::clone(work));
        clients.spawn(async move {
            let mut stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    return Ok::<(), std::io::Error>(());
                }
                ask(&mut stream, &work(number)).await?;
            }
        });
    }
    while let Some(client) = clients.join_next().await {
        client??;
    }
    Ok(())
}

async fn ask(stream: &mut TcpStream, path: &str) -> std::io::Result<()> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    let head_end = loop {
        if stream.read_buf(&mut answer).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if let Some(end) = answer.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let head = String::from_utf8_lossy(&answer[..head_end]).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let length: usize = length.ok_or(std::io::ErrorKind::InvalidData)?;
    while answer.len() < head_end + length {
        if stream.read_buf(&mut answer).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
    if head.starts_with("http/1.1 5") {
        return Err(std::io::Error::other(head));
    }
    Ok(())
}

/// What the function's processes have used so far: user and system time.
/// Source: proc_pid_stat(5), fields 14 and 15.
fn processor_seconds(parts: &Parts) -> f64 {
    // A process that has just started is not counted yet.
    let of = |id: u32| {
        let text = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        let fields = text.rsplit_once(')').map_or("", |(_, fields)| fields);
        let ticks = fields.split_whitespace().skip(11).take(2);
        ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>()
    };
    parts.function.process_ids().into_iter().map(of).sum::<f64>() / TICKS_PER_SECOND
}
