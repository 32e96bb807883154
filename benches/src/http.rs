//! The client of every load: bytes made beforehand go out, the answer's head and length are read,
//! and nothing else is done, so that the generator takes as little of the machine as it can.

use std::{io, net::SocketAddr};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A connection that is kept alive.
pub struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
    /// Where the last answer ends in `received`.
    answered: usize,
}

/// An answer, as it came.
pub struct Answer<'a> {
    /// The HTTP status.
    pub status: u16,
    /// The head, as text came.
    pub head: &'a [u8],
    /// The body; with chunk heads in it, if it was chunked.
    pub body: &'a [u8],
}

struct Head {
    status: u16,
    length: Length,
    size: usize,
}

enum Length {
    Known(usize),
    Chunked,
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// Nobody listens.
    pub async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            received: Vec::with_capacity(16 * 1024),
            answered: 0,
        })
    }

    /// Sends a request and waits for its answer.
    ///
    /// # Errors
    /// The connection broke, or what came is not HTTP.
    pub async fn exchange(&mut self, request: &[u8]) -> io::Result<Answer<'_>> {
        self.received.drain(..self.answered);
        self.answered = 0;
        self.stream.write_all(request).await?;
        let head = loop {
            if let Some(head) = head_of(&self.received)? {
                break head;
            }
            self.read().await?;
        };
        let end = loop {
            if let Some(end) = end_of(&head, &self.received) {
                break end;
            }
            self.read().await?;
        };
        self.answered = end;
        Ok(Answer {
            status: head.status,
            head: &self.received[..head.size],
            body: &self.received[head.size..end],
        })
    }

    async fn read(&mut self) -> io::Result<()> {
        match self.stream.read_buf(&mut self.received).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    /// Whether the server has not hung up.
    pub fn is_open(&self) -> bool {
        let mut byte = [0];
        matches!(self.stream.try_read(&mut byte), Err(error) if error.kind() == io::ErrorKind::WouldBlock)
    }

    /// Gives back the memory that reading took; for connections that only stay open.
    pub fn shrink(&mut self) {
        self.received = Vec::new();
        self.answered = 0;
    }
}

fn head_of(bytes: &[u8]) -> io::Result<Option<Head>> {
    let mut headers = [httparse::EMPTY_HEADER; 48];
    let mut response = httparse::Response::new(&mut headers);
    let parsed = response.parse(bytes).map_err(io::Error::other)?;
    let httparse::Status::Complete(size) = parsed else {
        return Ok(None);
    };
    let header = |name: &str| {
        let found = response.headers.iter();
        let found = found.clone().find(|it| it.name.eq_ignore_ascii_case(name));
        found.and_then(|it| std::str::from_utf8(it.value).ok())
    };
    let length = match header("content-length").and_then(|text| text.parse().ok()) {
        Some(length) => Length::Known(length),
        None if header("transfer-encoding").is_some() => Length::Chunked,
        None => Length::Known(0),
    };
    Ok(Some(Head {
        status: response.code.unwrap_or_default(),
        length,
        size,
    }))
}

fn end_of(head: &Head, bytes: &[u8]) -> Option<usize> {
    match head.length {
        Length::Known(length) => (bytes.len() >= head.size + length).then_some(head.size + length),
        Length::Chunked => chunks(&bytes[head.size..]).map(|(_, size)| head.size + size),
    }
}

impl Answer<'_> {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<String> {
        let mut headers = [httparse::EMPTY_HEADER; 48];
        let mut response = httparse::Response::new(&mut headers);
        response.parse(self.head).ok()?;
        let found = response
            .headers
            .iter()
            .find(|it| it.name.eq_ignore_ascii_case(name))?;
        String::from_utf8(found.value.to_vec()).ok()
    }
}

/// What the chunks hold and how many bytes they take, once the last one is there.
pub fn chunks(bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
    let (mut body, mut at) = (Vec::new(), 0);
    loop {
        let line = bytes[at..].windows(2).position(|pair| pair == b"\r\n")?;
        let size = std::str::from_utf8(&bytes[at..at + line]).ok()?;
        let size = usize::from_str_radix(size, 16).ok()?;
        let start = at + line + 2;
        let end = start + size + 2;
        if bytes.len() < end {
            return None;
        }
        if size == 0 {
            return Some((body, end));
        }
        body.extend_from_slice(&bytes[start..start + size]);
        at = end;
    }
}
