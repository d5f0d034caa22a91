//! What is compared with what.

use super::{
    rig::{
        message::{Asked, Speech},
        row::Row,
    },
    servers::KEY,
};

/// Bare hyper first in each era, then ours.
pub(crate) fn all() -> Vec<Row> {
    let mut rows = Vec::new();
    for (revision, bares, speech) in [
        (
            "2025-11-25",
            &[
                ("bare hyper", Speech::Plain),
                ("bare, sent a session's headers", Speech::Named),
            ][..],
            Speech::Session,
        ),
        (
            "2026-07-28",
            &[("bare hyper", Speech::Modern)],
            Speech::Modern,
        ),
    ] {
        let (first, plain) = (rows.len(), rows.len() + bares.len());
        let mut add = |name: &str, server: &str, plain, asked| {
            rows.push(Row {
                name: format!("{revision}, {name}"),
                server: server.to_owned(),
                asked,
                bare: first,
                plain,
            });
        };
        let echo = |speech| Asked::hello(speech, "echo");
        let with = |bearer: &str| Asked {
            bearer: Some(bearer.to_owned()),
            ..echo(speech)
        };
        for (name, speech) in bares {
            add(name, "bare", None, echo(*speech));
        }
        add("ours", "ours", None, echo(speech));
        add("with an API key", "ours with a key", Some(plain), with(KEY));
        add(
            "with an API key and a limit",
            "ours with a key and a limit",
            Some(plain),
            with(KEY),
        );
        #[cfg(feature = "jwt")]
        add(
            "with a JWT seen before",
            "ours with a token",
            Some(plain),
            with(&super::tokens::token()),
        );
        let mut told = Asked {
            progress: true,
            ..Asked::hello(speech, "work")
        };
        told.expected.push("notifications/progress".to_owned());
        add("one progress, then the answer", "ours", Some(plain), told);
    }
    rows
}
