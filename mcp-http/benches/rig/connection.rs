//! A client on one connection that stays open, and that checks every answer.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::message::{Asked, Speech};

pub(crate) struct Connection {
    stream: TcpStream,
    request: Vec<u8>,
    expected: Vec<String>,
    /// What the first answer was, when it was no stream: all others are the same to the byte.
    same: Option<String>,
    buffer: Vec<u8>,
}

/// Where the body starts, and whether it comes in chunks.
struct Read {
    body: usize,
    is_chunked: bool,
}

impl Connection {
    /// Connects, makes a session if this needs one, and asks once.
    pub(crate) async fn open(address: SocketAddr, asked: &Asked) -> Self {
        let stream = TcpStream::connect(address).await.expect("a connection");
        stream.set_nodelay(true).expect("TCP");
        let mut this = Self {
            stream,
            request: Vec::new(),
            expected: Vec::new(),
            same: None,
            buffer: Vec::new(),
        };
        let session = match asked.speech {
            Speech::Session => Some(this.shake_hands(address, asked).await),
            Speech::Plain | Speech::Named | Speech::Modern => None,
        };
        this.request = asked.request(address, session.as_deref());
        this.expected.clone_from(&asked.expected);
        this.ask().await;
        this
    }

    /// Makes one more session; gives its id.
    pub(crate) async fn shake_hands(&mut self, address: SocketAddr, asked: &Asked) -> String {
        self.stream
            .write_all(&asked.initialize(address))
            .await
            .expect("a request");
        let read = self.read().await;
        let head = self.text(..read.body);
        let session = head
            .lines()
            .find_map(|line| line.strip_prefix("mcp-session-id: "))
            .expect("a session")
            .to_owned();
        let initialized = asked.initialized(address, &session);
        self.stream
            .write_all(&initialized)
            .await
            .expect("a notification");
        let read = self.read().await;
        let head = self.text(..read.body);
        assert!(head.starts_with("HTTP/1.1 202"), "{head}");
        session
    }

    /// Asks, and checks the answer.
    pub(crate) async fn ask(&mut self) {
        self.stream
            .write_all(&self.request)
            .await
            .expect("a request");
        let read = self.read().await;
        let text = std::str::from_utf8(&self.buffer).expect("text");
        let (head, body) = text.split_at(read.body);
        assert!(head.starts_with("HTTP/1.1 200"), "{text}");
        if let Some(same) = &self.same {
            assert_eq!(body, same);
            return;
        }
        for expected in &self.expected {
            assert!(body.contains(expected.as_str()), "{expected}: {text}");
        }
        if !read.is_chunked {
            self.same = Some(body.to_owned());
        }
    }

    /// The body of the last answer.
    pub(crate) fn body(&self) -> &str {
        self.same.as_deref().unwrap_or_default()
    }

    fn text(&self, range: std::ops::RangeTo<usize>) -> &str {
        let bytes = self.buffer.get(range).unwrap_or_default();
        std::str::from_utf8(bytes).expect("text")
    }

    /// Reads one whole answer into the buffer.
    async fn read(&mut self) -> Read {
        self.buffer.clear();
        let read = loop {
            self.read_more().await;
            let found = self.buffer.windows(4).position(|four| four == b"\r\n\r\n");
            if let Some(end) = found {
                break self.read_head(end + 4);
            }
        };
        match read {
            (body, Some(length)) => {
                while self.buffer.len() < body + length {
                    self.read_more().await;
                }
                assert_eq!(self.buffer.len(), body + length);
                Read {
                    body,
                    is_chunked: false,
                }
            }
            (body, None) => {
                while !self.buffer.ends_with(b"\r\n0\r\n\r\n") {
                    self.read_more().await;
                }
                Read {
                    body,
                    is_chunked: true,
                }
            }
        }
    }

    /// Where the body starts, and its length if that is told.
    fn read_head(&self, body: usize) -> (usize, Option<usize>) {
        let head = self.text(..body);
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .map(|length| length.parse().expect("a number"));
        let is_chunked = head.contains("transfer-encoding: chunked");
        // Neither: there is no body.
        (body, length.or((!is_chunked).then_some(0)))
    }

    async fn read_more(&mut self) {
        let read = self.stream.read_buf(&mut self.buffer).await.expect("bytes");
        let seen = String::from_utf8_lossy(&self.buffer);
        assert!(read > 0, "the connection ended: {seen}");
    }
}
