//! A Unix socket beside the data file, through which a running server takes orders about keys.
//!
//! The file belongs to the server while it runs; whoever has an order hands it over here: one line of
//! JSON there, and one back.

use std::{
    fs,
    io::{self, BufRead as _, Write as _},
    os::unix::net,
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{UnixListener, UnixStream},
    task::spawn_blocking,
    time::timeout,
};

use super::{Order, Told};
use crate::network::Network;

/// Longer than any order.
const LONGEST: u64 = 64 * 1024;
/// How long one order may keep others waiting.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where a server with this data file takes orders.
fn beside(data: &Path) -> PathBuf {
    let mut path = data.as_os_str().to_owned();
    path.push(".sock");
    path.into()
}

/// Takes orders from now on, until the program ends.
///
/// # Errors
/// When there can be no socket here.
pub(crate) fn listen(data: &Path, network: Network) -> io::Result<()> {
    let path = beside(data);
    // Nobody else has the data file, so nobody else listens here: it is what a killed server left.
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(&path)?;
    // Asked of the kernel: a file of this path may be somebody else's by now.
    let us = UnixStream::pair()?.0.peer_cred()?.uid();
    tokio::spawn(async move {
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                // Out of files, most likely: those who hold them need time to give them back.
                tokio::time::sleep(PATIENCE).await;
                continue;
            };
            // Whatever the file's mode: who may read the data file may give orders, and nobody else.
            let known = stream.peer_cred().map(|peer| peer.uid());
            if known.is_ok_and(|uid| uid == us || uid == 0) {
                let _ = timeout(PATIENCE, take(stream, network.clone())).await;
            }
        }
    });
    Ok(())
}

async fn take(mut stream: UnixStream, network: Network) -> io::Result<()> {
    let mut line = String::new();
    let (input, _) = stream.split();
    BufReader::new(input.take(LONGEST))
        .read_line(&mut line)
        .await?;
    let order: Order = serde_json::from_str(&line)?;
    let told = spawn_blocking(move || order.carry_out(&network)).await?;
    let mut answer = serde_json::to_vec(&told)?;
    answer.push(b'\n');
    stream.write_all(&answer).await
}

/// Has the server with this data file do it.
///
/// # Errors
/// In words for whoever gave the order.
pub(crate) fn hand_over(data: &Path, order: &Order) -> Result<Told, String> {
    let path = beside(data);
    let answer = send(&path, order).and_then(|line| Ok(serde_json::from_str(&line)?));
    answer.unwrap_or_else(|error| {
        Err(format!(
            "{}: a server has this file open, and takes no orders at {}: {error}; stop it first",
            data.display(),
            path.display()
        ))
    })
}

fn send(path: &Path, order: &Order) -> io::Result<String> {
    let mut stream = net::UnixStream::connect(path)?;
    stream.set_read_timeout(Some(2 * PATIENCE))?;
    let mut line = serde_json::to_vec(order)?;
    line.push(b'\n');
    stream.write_all(&line)?;
    let mut answer = String::new();
    io::BufReader::new(stream).read_line(&mut answer)?;
    Ok(answer)
}
