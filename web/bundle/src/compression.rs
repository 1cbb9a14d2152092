//! The `.br` and `.gz` variants that a server sends as they are, so that it never compresses while it serves.

use std::{
    collections::BTreeMap,
    io::{self, Write as _},
    path::Path,
    thread,
};

use anyhow::{Context as _, anyhow};
use brotli::{CompressorWriter, enc::BrotliEncoderParams};
use flate2::{Compression, write::GzEncoder};

use crate::{assets::Files, profile::Profile};

/// Extensions of files that compression makes smaller; images and fonts are compressed in their own way.
const COMPRESSIBLE: [&str; 9] = ["css", "html", "js", "json", "svg", "txt", "wasm", "webmanifest", "xml"];

/// A file and its compressed variants, where it has any.
pub(crate) struct Variants {
    pub(crate) raw: Vec<u8>,
    pub(crate) brotli: Option<Vec<u8>>,
    pub(crate) gzip: Option<Vec<u8>>,
}

/// Compresses what can be, as hard as can be; nothing in the dev profile, and quickly where the app is only to be tried.
pub(crate) fn compress(files: Files, profile: Profile) -> anyhow::Result<BTreeMap<String, Variants>> {
    files
        .into_iter()
        .map(|(path, raw)| {
            let (brotli, gzip) = match profile.is_for_users() && is_compressible(&path) {
                true => variants_of(&raw, profile).with_context(|| format!("cannot compress {path}"))?,
                false => (None, None),
            };
            Ok((path, Variants { raw, brotli, gzip }))
        })
        .collect()
}

fn is_compressible(path: &str) -> bool {
    let extension = Path::new(path).extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| COMPRESSIBLE.contains(&extension))
}

type Pair = (Option<Vec<u8>>, Option<Vec<u8>>);

fn variants_of(raw: &[u8], profile: Profile) -> anyhow::Result<Pair> {
    thread::scope(|scope| {
        let gzipped = scope.spawn(|| gzip(raw));
        let brotli = brotli(raw, if profile == Profile::Web { SMALLEST } else { QUICK })?;
        let gzip = gzipped.join().map_err(|_| anyhow!("gzip panicked"))??;
        Ok((Some(brotli), Some(gzip)))
    })
}

/// Qualities of brotli: the best, and one that takes a twentieth of the time.
const SMALLEST: i32 = 11;
const QUICK: i32 = 5;

/// With a window as large as the format has without an extension.
fn brotli(raw: &[u8], quality: i32) -> io::Result<Vec<u8>> {
    let mut packed = Vec::new();
    let parameters = BrotliEncoderParams { quality, lgwin: 24, size_hint: raw.len(), ..Default::default() };
    CompressorWriter::with_params(&mut packed, 4096, &parameters).write_all(raw)?;
    Ok(packed)
}

/// Level 9, without a time or a name: the same input gives the same bytes.
fn gzip(raw: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(raw)?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn files() -> Files {
        let text = "watch the tape ".repeat(400).into_bytes();
        Files::from([("a/app-1.js".to_owned(), text.clone()), ("icon.png".to_owned(), text)])
    }

    #[test]
    fn variants_unpack_to_the_file() {
        let files = compress(files(), Profile::Web).expect("compressed");
        let Variants { raw, brotli, gzip } = &files["a/app-1.js"];

        let mut unpacked = Vec::new();
        let packed = brotli.as_ref().expect("a brotli variant");
        brotli::Decompressor::new(packed.as_slice(), 4096).read_to_end(&mut unpacked).expect("brotli");
        assert_eq!(&unpacked, raw);

        let mut unpacked = Vec::new();
        let packed = gzip.as_ref().expect("a gzip variant");
        flate2::read::GzDecoder::new(packed.as_slice()).read_to_end(&mut unpacked).expect("gzip");
        assert_eq!(&unpacked, raw);
    }

    #[test]
    fn images_and_the_dev_profile_are_left_alone() {
        let web = compress(files(), Profile::Web).expect("compressed");
        assert!(web["icon.png"].brotli.is_none() && web["icon.png"].gzip.is_none());
        let quick = compress(files(), Profile::Quick).expect("compressed");
        assert!(quick.iter().all(|(path, file)| file.brotli.is_some() == web[path].brotli.is_some()));
        let dev = compress(files(), Profile::Dev).expect("copied");
        assert!(dev.values().all(|file| file.brotli.is_none() && file.gzip.is_none()));
    }
}
