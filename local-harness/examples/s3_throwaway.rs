#[tokio::main]
async fn main() {
    let (tx, mut rx) = tokio::sync::mpsc::unbounded_channel();
    let server = local_harness::s3::S3Server::start(
        local_harness::s3::S3Options {
            data_dir: std::env::args().nth(1).unwrap().into(),
            address: "127.0.0.1:9777".parse().unwrap(),
            region: "us-east-1".into(),
            access_key: "ak".into(),
            secret_key: "sk".into(),
        },
        tx,
    )
    .await
    .unwrap();
    println!("{}", server.endpoint());
    while let Some(n) = rx.recv().await {
        println!("{} {}", n.destination_arn, n.body);
    }
}
