//! Drives what runs to its end: one function for each kind of it.

use std::{future::poll_fn, time::Duration};

use bytes::Bytes;
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep_until},
};

use super::running::Ticket;
use crate::era::{
    legacy, modern,
    stream::{Item, Reader},
};

/// A call of the session.
pub(super) async fn legacy(
    mut call: Box<legacy::Call>,
    mut ticket: Ticket,
    output: mpsc::Sender<Bytes>,
    mut ended: watch::Receiver<bool>,
    answer_timeout: Duration,
) {
    let mut told = false;
    let (mut round, mut answer_by) = (0, Instant::now());
    loop {
        let asked = call.waits_for_answer();
        ticket.waits_for_client(asked);
        if call.round() != round {
            (round, answer_by) = (call.round(), Instant::now() + answer_timeout);
        }
        let step = tokio::select! {
            step = poll_fn(|cx| call.poll_step(cx)) => step,
            () = sleep_until(answer_by), if asked => { call.time_out(); continue }
            // Input has ended, and output has not.
            _ = ended.wait_for(|ended| *ended), if !told => {
                told = true;
                call.nobody_answers();
                continue
            }
        };
        let message = match step {
            legacy::Step::Send(message) => String::from(message).into(),
            legacy::Step::Done(sealed) => {
                // Whoever has the response may use its id again.
                drop(ticket);
                let _ = output.send(sealed.into_response().to_vec().into()).await;
                return;
            }
            // There is one channel, which is never left.
            legacy::Step::HangUp(_) => continue,
            legacy::Step::Cancelled => return,
        };
        let _ = output.send(message).await;
    }
}

/// A modern request.
pub(super) async fn modern(
    mut call: Box<modern::Call>,
    ticket: Ticket,
    output: mpsc::Sender<Bytes>,
) {
    loop {
        match poll_fn(|cx| call.poll_step(cx)).await {
            modern::Step::Send(message) => {
                let _ = output.send(String::from(message).into()).await;
            }
            modern::Step::Done(sealed) => {
                drop(ticket);
                let _ = output.send(sealed.into_response().to_vec().into()).await;
                return;
            }
        }
    }
}

/// A subscription, which its client ends.
pub(super) async fn listening(
    mut listening: modern::Listening,
    mut ticket: Ticket,
    output: mpsc::Sender<Bytes>,
) {
    ticket.waits_for_client(true);
    while let Some(message) = poll_fn(|cx| listening.poll_next(cx)).await {
        let _ = output.send(message).await;
    }
}

/// What belongs to no call of the session.
pub(super) async fn reader(mut reader: Reader, output: mpsc::Sender<Bytes>) {
    while let Some(item) = poll_fn(|cx| reader.poll_next(cx)).await {
        if let Item::Message { data, .. } = item {
            let _ = output.send(data).await;
        }
    }
}
