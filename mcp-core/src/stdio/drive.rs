//! Drives what runs to its end: one function for each kind of it.

use std::{future::poll_fn, task::Context, time::Duration};

use bytes::Bytes;
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep},
};

use super::running::Ticket;
use crate::era::{
    Sealed, legacy, modern,
    stream::{Item, Reader},
};

/// A call of the session. Cancelled, it lets go of its ticket last: the id is free when nothing is left
/// of the call.
pub(super) async fn legacy(
    mut ticket: Ticket,
    mut call: Box<legacy::Call>,
    output: mpsc::Sender<Bytes>,
    mut ended: watch::Receiver<bool>,
    answer_timeout: Duration,
) {
    let mut told = false;
    let (mut round, mut asked) = (0, Instant::now());
    loop {
        if call.round() != round {
            (round, asked) = (call.round(), Instant::now());
        }
        let waits = call.waits_for_answer();
        let left = answer_timeout.saturating_sub(asked.elapsed());
        let poll = |cx: &mut Context<'_>| {
            let step = call.poll_step(cx);
            // With an answer it runs on, and may have nothing to say for long.
            ticket.waits_for_client(step.is_pending() && call.waits_for_answer());
            step
        };
        let step = tokio::select! {
            step = poll_fn(poll) => step,
            () = sleep(left), if waits => { call.time_out(); continue }
            // Input has ended, and output has not.
            _ = ended.wait_for(|ended| *ended), if !told => {
                told = true;
                call.nobody_answers();
                continue
            }
        };
        let message = match step {
            legacy::Step::Send(message) => String::from(message).into(),
            legacy::Step::Done(sealed) => return answer(sealed, ticket, &output).await,
            // There is one channel, which is never left.
            legacy::Step::HangUp(_) => continue,
            legacy::Step::Cancelled => return,
        };
        let _ = output.send(message).await;
    }
}

/// A modern request.
pub(super) async fn modern(
    ticket: Ticket,
    mut call: Box<modern::Call>,
    output: mpsc::Sender<Bytes>,
) {
    loop {
        match poll_fn(|cx| call.poll_step(cx)).await {
            modern::Step::Send(message) => {
                let _ = output.send(String::from(message).into()).await;
            }
            modern::Step::Done(sealed) => return answer(sealed, ticket, &output).await,
        }
    }
}

/// Sends a response. Until there is room for it its request counts as running: those that have ended
/// would pile up before a client that reads nothing.
async fn answer(sealed: Sealed, ticket: Ticket, output: &mpsc::Sender<Bytes>) {
    let room = output.reserve().await;
    // Whoever has the response may use its id again.
    drop(ticket);
    if let Ok(room) = room {
        room.send(sealed.into_response().to_vec().into());
    }
}

/// A subscription, which its client ends.
pub(super) async fn listening(
    mut ticket: Ticket,
    mut listening: modern::Listening,
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
