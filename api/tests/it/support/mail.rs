//! A server of mail on this machine: takes what it is given and hands it to the test.

use super::within;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};

/// A mail as it came in.
#[derive(Debug)]
pub(crate) struct Mail {
    pub(crate) from: String,
    pub(crate) to: String,
    /// Header and body.
    pub(crate) text: String,
}

impl Mail {
    /// The token of the link in it.
    pub(crate) fn token(&self) -> String {
        let line = self.text.lines().find_map(|line| line.split_once("/reset#")).expect("a link");
        line.1.trim().to_owned()
    }
}

/// The server.
pub(crate) struct MailServer {
    port: u16,
    mails: mpsc::UnboundedReceiver<Mail>,
    answer: watch::Sender<Option<&'static str>>,
    asked: Arc<AtomicUsize>,
}

/// What a conversation needs of the server.
#[derive(Clone)]
struct Desk {
    mails: mpsc::UnboundedSender<Mail>,
    answer: watch::Receiver<Option<&'static str>>,
    asked: Arc<AtomicUsize>,
}

impl MailServer {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (sender, mails) = mpsc::unbounded_channel();
        let (answer, answers) = watch::channel(Some("250 ok"));
        let asked = Arc::<AtomicUsize>::default();
        let desk = Desk { mails: sender, answer: answers, asked: asked.clone() };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, desk.clone()));
            }
        });
        Self { port, mails, answer, asked }
    }

    /// As a setting.
    pub(crate) fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// What it answers when a recipient is named, from now on; `None` for nothing until it is said.
    pub(crate) fn answer(&self, answer: Option<&'static str>) {
        self.answer.send_replace(answer);
    }

    /// How often a recipient has been named.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// The next mail.
    pub(crate) async fn next(&mut self) -> Mail {
        within(self.mails.recv()).await.expect("a mail")
    }
}

/// One conversation (RFC 5321), as far as a mail needs it.
async fn converse(stream: TcpStream, mut desk: Desk) -> Option<()> {
    let mut stream = BufReader::new(stream);
    let (mut from, mut to) = (String::new(), String::new());
    stream.write_all(b"220 here\r\n").await.ok()?;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok().filter(|read| *read > 0)?;
        let inside = || line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
        let answer = match line.get(..4)?.to_ascii_uppercase().as_str() {
            "MAIL" => {
                from = inside();
                "250 ok\r\n"
            }
            "RCPT" => {
                to = inside();
                desk.asked.fetch_add(1, Ordering::SeqCst);
                let answer = (*desk.answer.wait_for(Option::is_some).await.ok()?)?;
                stream.write_all(answer.as_bytes()).await.ok()?;
                "\r\n"
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await.ok()?;
                let mut text = String::new();
                while !text.ends_with("\r\n.\r\n") {
                    stream.read_line(&mut text).await.ok().filter(|read| *read > 0)?;
                }
                desk.mails.send(Mail { from: from.clone(), to: to.clone(), text }).ok()?;
                "250 ok\r\n"
            }
            "QUIT" => "221 bye\r\n",
            _ => "250 ok\r\n",
        };
        stream.write_all(answer.as_bytes()).await.ok()?;
    }
}
