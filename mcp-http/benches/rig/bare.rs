//! What nobody can do without: hyper, and serde_json for the envelope.

use std::convert::Infallible;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, header::CONTENT_TYPE};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::{net::TcpListener, sync::oneshot};

use super::{message::prose, process::tell};

/// What goes into the answer.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Answer {
    /// `hello`, whatever was said.
    Hello,
    /// How long the argument `text` is.
    Taken,
    /// As much text as the argument `bytes` says.
    Given,
    /// These bytes, which are ready.
    Ready(&'static Bytes),
}

#[derive(Deserialize)]
struct Envelope<'a> {
    jsonrpc: &'a str,
    id: u64,
    method: &'a str,
    #[serde(borrow)]
    params: &'a RawValue,
}

/// Serves until it is told to stop.
pub(crate) async fn serve(answer: Answer, stop: oneshot::Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    tell(listener.local_addr().expect("an address"));
    let serve = async {
        while let Ok((stream, _)) = listener.accept().await {
            stream.set_nodelay(true).expect("TCP");
            let service = service_fn(move |request| respond(answer, request));
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            tokio::spawn(connection);
        }
    };
    tokio::select! {
        _ = stop => {}
        () = serve => {}
    }
}

async fn respond(
    answer: Answer,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let body = request.into_body().collect().await.expect("a body");
    let body = body.to_bytes();
    let envelope: Envelope<'_> = serde_json::from_slice(&body).expect("an envelope");
    assert!(envelope.jsonrpc == "2.0" && envelope.method.starts_with("tools/"));
    assert!(!envelope.params.get().is_empty());
    let mut response = Response::new(Full::new(match answer {
        Answer::Hello => hello(envelope.id).into(),
        Answer::Taken => taken(&envelope).into(),
        Answer::Given => given(&envelope).into(),
        Answer::Ready(bytes) => bytes.clone(),
    }));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    Ok(response)
}

fn hello(id: u64) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","id":{id},"result":{{"content":[{{"type":"text","text":"hello"}}]}}}}"#
    )
}

/// Parses the argument `text`; its length is the answer.
fn taken(envelope: &Envelope<'_>) -> Vec<u8> {
    #[derive(Deserialize)]
    struct Params {
        arguments: Arguments,
    }
    #[derive(Deserialize)]
    struct Arguments {
        text: String,
    }

    let params: Params = serde_json::from_str(envelope.params.get()).expect("a text");
    text(envelope.id, &params.arguments.text.len().to_string())
}

/// Parses the argument `bytes`; as many are the answer.
fn given(envelope: &Envelope<'_>) -> Vec<u8> {
    #[derive(Deserialize)]
    struct Params {
        arguments: Arguments,
    }
    #[derive(Deserialize)]
    struct Arguments {
        bytes: usize,
    }

    let params: Params = serde_json::from_str(envelope.params.get()).expect("a number");
    text(envelope.id, &prose(params.arguments.bytes))
}

fn text(id: u64, text: &str) -> Vec<u8> {
    let mut answer = Vec::with_capacity(text.len() + 96);
    answer.extend_from_slice(br#"{"jsonrpc":"2.0","id":"#);
    serde_json::to_writer(&mut answer, &id).expect("memory");
    answer.extend_from_slice(br#","result":{"content":[{"type":"text","text":"#);
    serde_json::to_writer(&mut answer, text).expect("memory");
    answer.extend_from_slice(br#"}]}}"#);
    answer
}
