//! A server of raw HTTP on 127.0.0.1, which can also fall silent, cut an answer or hang.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

/// A request as it came over the wire.
#[derive(Debug, Clone, Default)]
pub(crate) struct Received {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Received {
    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap()
    }

    /// The parameters of the query, decoded.
    pub(crate) fn query(&self) -> BTreeMap<String, String> {
        let url = Url::parse(&format!("http://x{}", self.target)).unwrap();
        url.query_pairs().into_owned().collect()
    }

    pub(crate) fn token(&self) -> &str {
        self.headers.get("x-amz-access-token").map_or("", String::as_str)
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// What the server does with a request.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// Answers.
    Whole { status: u16, headers: Vec<(&'static str, String)>, body: Vec<u8> },
    /// Announces the whole body, sends this much of it and closes.
    CutAfter { bytes: usize, body: Vec<u8> },
    /// Sends this in one chunk of a chunked body and closes without the end.
    CutChunk { body: Vec<u8> },
    /// Answers, keeps the connection, and closes it when the next request comes.
    KeptOpen { body: Vec<u8> },
    /// Closes without an answer.
    Silence,
    /// Keeps the connection and says nothing.
    Hang,
}

impl Reply {
    pub(crate) fn json(status: u16, body: &serde_json::Value) -> Self {
        Self::text(status, &body.to_string())
    }

    pub(crate) fn text(status: u16, body: &str) -> Self {
        Self::Whole { status, headers: Vec::new(), body: body.as_bytes().to_vec() }
    }

    pub(crate) fn error(status: u16, code: &str, message: &str) -> Self {
        Self::json(status, &serde_json::json!({"errors": [{"code": code, "message": message, "details": ""}]}))
    }

    pub(crate) fn with(self, name: &'static str, value: &str) -> Self {
        let Self::Whole { status, mut headers, body } = self else { panic!("{self:?} has no headers") };
        headers.push((name, value.to_owned()));
        Self::Whole { status, headers, body }
    }
}

type Script = dyn Fn(&Received) -> Reply + Send + Sync;

/// A running server.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) url: Url,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Server {
    pub(crate) async fn start(script: impl Fn(&Received) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let received = Arc::new(Mutex::new(Vec::new()));
        let (script, log): (Arc<Script>, _) = (Arc::new(script), Arc::clone(&received));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&script), Arc::clone(&log)));
            }
        });
        Self { url, received }
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

async fn serve(mut stream: TcpStream, script: Arc<Script>, log: Arc<Mutex<Vec<Received>>>) {
    let Some(request) = read_request(&mut stream).await else { return };
    log.lock().unwrap().push(request.clone());
    let answer = match script(&request) {
        Reply::Silence => return,
        Reply::Hang => return std::future::pending().await,
        Reply::Whole { status, headers, body } => {
            let mut head = head(status);
            for (name, value) in headers {
                write!(head, "{name}: {value}\r\n").unwrap();
            }
            write!(head, "content-length: {}\r\n\r\n", body.len()).unwrap();
            [head.into_bytes(), body].concat()
        }
        Reply::KeptOpen { body } => {
            let head = format!("HTTP/1.1 200 Answer\r\ncontent-length: {}\r\n\r\n", body.len());
            stream.write_all(&[head.as_bytes(), &body].concat()).await.unwrap();
            let next = read_request(&mut stream).await;
            log.lock().unwrap().extend(next);
            return;
        }
        Reply::CutAfter { bytes, body } => {
            let head = format!("{}content-length: {}\r\n\r\n", head(200), body.len());
            [head.as_bytes(), &body[..bytes]].concat()
        }
        Reply::CutChunk { body } => {
            let head = format!("{}transfer-encoding: chunked\r\n\r\n{:x}\r\n", head(200), body.len());
            [head.as_bytes(), &body, b"\r\n"].concat()
        }
    };
    stream.write_all(&answer).await.unwrap();
    stream.shutdown().await.unwrap();
}

fn head(status: u16) -> String {
    format!("HTTP/1.1 {status} Answer\r\nconnection: close\r\n")
}

async fn read_request(stream: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.lines();
    let mut words = lines.next()?.split(' ').map(str::to_owned);
    let (method, target) = (words.next()?, words.next()?);
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length: usize = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = bytes.split_off(end + 4);
    while body.len() < length {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    Some(Received { method, target, headers, body })
}
