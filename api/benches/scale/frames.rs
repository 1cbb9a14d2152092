//! Reads WebSocket frames of a server from a byte stream, as little of them as a count needs.

/// How much of a payload is looked at: enough for the type and the time of a `ticks` message.
const START: usize = 72;

/// A frame that is in.
pub(crate) struct Frame<'a> {
    pub(crate) opcode: u8,
    pub(crate) len: usize,
    /// The first bytes of the payload.
    pub(crate) start: &'a [u8],
    /// The opening brackets of the payload: those of a `ticks` message are its rows and one more.
    pub(crate) brackets: u32,
}

impl Frame<'_> {
    /// Whether it is a message of this type, as the server writes it.
    pub(crate) fn is(&self, kind: &str) -> bool {
        let rest = self.start.strip_prefix(br#"{"type":""#);
        rest.and_then(|rest| rest.strip_prefix(kind.as_bytes())).is_some_and(|rest| rest.starts_with(b"\""))
    }

    /// The `ts` of a `ticks` message.
    pub(crate) fn ts(&self) -> Option<i64> {
        const NAME: &[u8] = br#""ts":"#;
        let at = self.start.windows(NAME.len()).position(|window| window == NAME)?;
        let digits = self.start[at + NAME.len()..].iter().take_while(|byte| byte.is_ascii_digit());
        Some(digits.fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
    }
}

/// One connection's place in its stream.
pub(crate) struct Frames {
    head: [u8; 10],
    head_len: usize,
    body: Option<Body>,
}

struct Body {
    opcode: u8,
    len: usize,
    left: usize,
    start: [u8; START],
    start_len: usize,
    brackets: u32,
}

impl Frames {
    pub(crate) fn new() -> Self {
        Self { head: [0; 10], head_len: 0, body: None }
    }

    /// Takes what was read, and calls back for each frame that it completes.
    pub(crate) fn take(&mut self, mut bytes: &[u8], mut on_frame: impl FnMut(Frame<'_>)) {
        loop {
            let Some(body) = &mut self.body else {
                let Some((byte, rest)) = bytes.split_first() else { return };
                self.head[self.head_len] = *byte;
                self.head_len += 1;
                bytes = rest;
                self.body = self.begin();
                continue;
            };
            let (now, rest) = bytes.split_at(body.left.min(bytes.len()));
            let kept = now.len().min(START - body.start_len);
            body.start[body.start_len..body.start_len + kept].copy_from_slice(&now[..kept]);
            body.start_len += kept;
            body.brackets += now.iter().map(|byte| u32::from(*byte == b'[')).sum::<u32>();
            body.left -= now.len();
            bytes = rest;
            if body.left > 0 {
                return;
            }
            let start = &body.start[..body.start_len];
            on_frame(Frame { opcode: body.opcode, len: body.len, start, brackets: body.brackets });
            self.body = None;
        }
    }

    /// The body that follows, once the head is whole. A server does not mask.
    fn begin(&mut self) -> Option<Body> {
        let size = self.head[1] & 0x7f;
        let need = match size {
            126 => 4,
            127 => 10,
            _ => 2,
        };
        if self.head_len < need {
            return None;
        }
        let len = match size {
            126 | 127 => self.head[2..need].iter().fold(0, |len, byte| len << 8 | usize::from(*byte)),
            size => usize::from(size),
        };
        self.head_len = 0;
        let opcode = self.head[0] & 0x0f;
        Some(Body { opcode, len, left: len, start: [0; START], start_len: 0, brackets: 0 })
    }
}

/// A client's text frame. Its mask is zero, which masks nothing.
pub(crate) fn client_text(text: &str) -> Vec<u8> {
    let mut frame = vec![0x81];
    match text.len() {
        len @ 0..126 => frame.push(0x80 | len as u8),
        len => {
            frame.push(0x80 | 126);
            frame.extend((len as u16).to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(text.as_bytes());
    frame
}

/// A client's answer to an empty ping.
pub(crate) const PONG: [u8; 6] = [0x8a, 0x80, 0, 0, 0, 0];

/// A server's text frame with a payload of so many bytes, at most 64 KiB: a message with this `ts`, and filling.
pub(crate) fn server_text(len: usize, ts: i64, frame: &mut Vec<u8>) {
    frame.clear();
    frame.push(0x81);
    match len {
        0..126 => frame.push(len as u8),
        _ => {
            frame.push(126);
            frame.extend((len as u16).to_be_bytes());
        }
    }
    let head = frame.len();
    frame.extend(format!(r#"{{"type":"ticks","seq":1,"ts":{ts},"d":["#).bytes());
    frame.resize(head + len, b' ');
}
