//! More sessions: the id is the record, so none is kept.

use std::{mem, net::SocketAddr, time::Instant};

use tokio::task::JoinSet;

use super::rig::{
    connection::Connection,
    message::{Asked, Speech},
    process::Process,
};

const CONNECTIONS: usize = 16;
const PARTS: usize = 5;

/// Drives handshakes, and looks at the memory now and then.
pub(crate) async fn measure(most: usize) {
    let process = Process::start("tools 10");
    let asked = Asked::hello(Speech::Session, "echo");
    let address = process.address();
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        clients.push(Connection::open(address, &asked).await);
    }
    println!(
        "\n{:<42} {:>10} {:>14} {:>14}",
        "more sessions, 2025-11-25", "MiB", "bytes each", "CPU µs each"
    );
    let (before, cpu, start) = (process.resident(), process.cpu(), Instant::now());
    println!(
        "{:<42} {:>10.1}",
        "1 session for each connection",
        before / 1024.0
    );
    let each = most.div_ceil(PARTS * CONNECTIONS);
    for part in 1..=PARTS {
        let mut shaking: JoinSet<_> = mem::take(&mut clients)
            .into_iter()
            .map(|client| shake_hands(client, address, asked.clone(), each))
            .collect();
        while let Some(client) = shaking.join_next().await {
            clients.push(client.expect("every session is made"));
        }
        let (made, resident) = (part * each * CONNECTIONS, process.resident());
        println!(
            "{:<42} {:>10.1} {:>14.1} {:>14.1}",
            format!("{made} more"),
            resident / 1024.0,
            (resident - before) * 1024.0 / made as f64,
            (process.cpu() - cpu).as_nanos() as f64 / 1e3 / made as f64,
        );
    }
    // The first of them are as good as ever.
    for client in &mut clients {
        client.ask().await;
    }
    println!("in {:.1?}", start.elapsed());
}

async fn shake_hands(
    mut client: Connection,
    address: SocketAddr,
    asked: Asked,
    times: usize,
) -> Connection {
    for _ in 0..times {
        client.shake_hands(address, &asked).await;
    }
    client
}
