//! Many connections at once, each of which asks again as soon as it is answered.

use std::{
    mem,
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::task::JoinSet;

use super::{connection::Connection, message::Asked};

pub(crate) struct Load(Vec<Connection>);

/// What a while under load came to.
pub(crate) struct Driven {
    pub(crate) took: Duration,
    /// How long each answer took.
    pub(crate) latencies: Vec<f64>,
}

impl Load {
    pub(crate) async fn open(address: SocketAddr, asked: &Asked, connections: usize) -> Self {
        let mut open = Vec::with_capacity(connections);
        for _ in 0..connections {
            open.push(Connection::open(address, asked).await);
        }
        Self(open)
    }

    /// Asks on all connections for so long.
    pub(crate) async fn drive(&mut self, window: Duration) -> Driven {
        let start = Instant::now();
        let mut asking: JoinSet<_> = mem::take(&mut self.0)
            .into_iter()
            .map(|connection| ask_until(connection, start + window))
            .collect();
        let mut latencies = Vec::new();
        while let Some(asked) = asking.join_next().await {
            let (connection, seen) = asked.expect("every answer is right");
            self.0.push(connection);
            latencies.extend(seen);
        }
        Driven {
            took: start.elapsed(),
            latencies,
        }
    }
}

async fn ask_until(mut connection: Connection, end: Instant) -> (Connection, Vec<f64>) {
    let mut seen = Vec::new();
    let mut start = Instant::now();
    while start < end {
        connection.ask().await;
        let now = Instant::now();
        seen.push((now - start).as_nanos() as f64);
        start = now;
    }
    (connection, seen)
}
