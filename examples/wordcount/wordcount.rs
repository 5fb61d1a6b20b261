//! Counts what is in a text file and draws its most frequent words.
//!
//!     skiff run --dir examples/wordcount::/ examples/wordcount/wordcount.wasm /skiff.txt [TOP]

use std::collections::HashMap;
use std::io::{self, Write};
use std::process::ExitCode;

/// Words that say nothing about what a text is about.
const COMMON: &str = " a an and are as at be been but by can for from had has have he her his if in into is it its \
    more no not of off on one or out over she so than that the their them then there they this to under up was were \
    what when where which while who will with you your ";

const BAR: usize = 40;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let path = match arguments.next() {
        Some(path) => path,
        None => {
            eprintln!("usage: wordcount FILE [TOP]");
            return ExitCode::from(2);
        }
    };
    let top = arguments.next().and_then(|a| a.parse().ok()).unwrap_or(10);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("wordcount: cannot read {path}: {error}");
            return ExitCode::FAILURE;
        }
    };
    match report(&path, &text, top) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn report(path: &str, text: &str, top: usize) -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let words: Vec<String> = words(text).collect();
    writeln!(out, "{path}: {} lines, {} words, {} bytes", text.lines().count(), words.len(), text.len())?;

    let mut counts: HashMap<&str, usize> = HashMap::new();
    for word in words.iter().filter(|w| w.len() > 1 && !COMMON.contains(&format!(" {w} "))) {
        *counts.entry(word).or_default() += 1;
    }
    let mut ranked: Vec<(&str, usize)> = counts.into_iter().collect();
    ranked.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    ranked.truncate(top);

    let width = ranked.iter().map(|(word, _)| word.chars().count()).max().unwrap_or(0);
    let most = ranked.first().map_or(1, |(_, count)| *count);
    writeln!(out)?;
    for (word, count) in ranked {
        writeln!(out, "  {word:>width$}  {} {count}", bar(count, most))?;
    }
    out.flush()
}

/// The text's words in lower case, letters and inner apostrophes only.
fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_alphabetic() && c != '\'')
        .map(|word| word.trim_matches('\'').to_lowercase())
        .filter(|word| !word.is_empty())
}

/// A bar in proportion to count, exact to an eighth of a character.
fn bar(count: usize, most: usize) -> String {
    const PARTS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = count * BAR * 8 / most;
    "█".repeat(eighths / 8) + PARTS[eighths % 8]
}
