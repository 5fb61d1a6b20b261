//! A second or so of mixed work in Rust: n-body, ordered and hashed maps, sorting, string building, and a bignum.
//! Prints one checksum per part; the size is the argument (default 30).

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

struct Random(u32);

impl Random {
    fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(1664525).wrapping_add(1013904223);
        self.0 >> 8
    }
}

#[derive(Clone)]
struct Body {
    position: [f64; 3],
    velocity: [f64; 3],
    mass: f64,
}

/// Energy of five bodies after the given number of steps, in billionths.
fn nbody(steps: usize) -> i64 {
    let mut random = Random(5);
    let mut coordinate = || f64::from(random.next() % 2000) / 100.0 - 10.0;
    let mut bodies: Vec<Body> = (0..5)
        .map(|i| Body {
            position: [coordinate(), coordinate(), coordinate()],
            velocity: [coordinate() / 50.0, coordinate() / 50.0, coordinate() / 50.0],
            mass: if i == 0 { 39.0 } else { 0.01 * f64::from(i) },
        })
        .collect();
    let dt = 0.001;
    for _ in 0..steps {
        for i in 0..bodies.len() {
            let (left, right) = bodies.split_at_mut(i + 1);
            let a = &mut left[i];
            for b in right {
                let mut d = [0.0; 3];
                let mut square = 0.001;
                for k in 0..3 {
                    d[k] = a.position[k] - b.position[k];
                    square += d[k] * d[k];
                }
                let pull = dt / (square * square.sqrt());
                for k in 0..3 {
                    a.velocity[k] -= d[k] * b.mass * pull;
                    b.velocity[k] += d[k] * a.mass * pull;
                }
            }
        }
        for body in &mut bodies {
            for k in 0..3 {
                body.position[k] += dt * body.velocity[k];
            }
        }
    }
    let energy: f64 = bodies.iter().map(|b| 0.5 * b.mass * b.velocity.iter().map(|v| v * v).sum::<f64>()).sum();
    (energy * 1e9) as i64
}

fn ordered_map(entries: u32) -> u64 {
    let mut random = Random(6);
    let mut map = BTreeMap::new();
    for i in 0..entries {
        *map.entry(random.next() % (entries / 2)).or_insert(0u64) += u64::from(i);
        if i % 3 == 0 {
            map.remove(&(random.next() % (entries / 2)));
        }
    }
    map.range(entries / 8..).fold(map.len() as u64, |sum, (k, v)| sum.wrapping_mul(31).wrapping_add(u64::from(*k) ^ v))
}

/// Lines of text built, split, counted and sorted again.
fn words(lines: u32) -> u64 {
    const PARTS: [&str; 8] = ["fore", "main", "mizzen", "top", "stay", "sail", "mast", "boom"];
    let mut random = Random(7);
    let mut text = String::new();
    for line in 0..lines {
        for _ in 0..4 {
            let (a, b) = (random.next() as usize % 8, random.next() as usize % 8);
            write!(text, "{}{}-{} ", PARTS[a], PARTS[b], random.next() % 100).unwrap();
        }
        writeln!(text, "{:>6} {:.3}", line, f64::from(random.next()) / 7.0).unwrap();
    }
    let mut counts: HashMap<&str, u32> = HashMap::new();
    for word in text.split_whitespace() {
        *counts.entry(word).or_default() += 1;
    }
    let mut sorted: Vec<(&str, u32)> = counts.into_iter().collect();
    sorted.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    sorted.iter().fold(0, |sum: u64, (word, count)| {
        word.bytes().fold(sum, |s, b| s.wrapping_mul(31).wrapping_add(u64::from(b))).wrapping_add(u64::from(*count))
    })
}

fn sorting(count: u32) -> u64 {
    let mut random = Random(8);
    let mut pairs: Vec<(u16, Box<u32>)> = (0..count).map(|i| (random.next() as u16, Box::new(i))).collect();
    pairs.sort_by_key(|p| p.0);
    let mut unstable: Vec<u64> = pairs.iter().map(|p| u64::from(*p.1) << 16 ^ u64::from(p.0)).collect();
    unstable.sort_unstable_by(|a, b| b.cmp(a));
    unstable.iter().step_by(7).fold(0, |sum: u64, v| sum.rotate_left(5) ^ v)
}

/// The last nine digits and the digit sum of a factorial.
fn factorial(n: u64) -> (u64, u64) {
    const BASE: u64 = 1_000_000_000;
    let mut limbs = vec![1u64];
    for factor in 2..=n {
        let mut carry = 0;
        for limb in &mut limbs {
            let product = *limb * factor + carry;
            *limb = product % BASE;
            carry = product / BASE;
        }
        if carry > 0 {
            limbs.push(carry);
        }
    }
    let digits = limbs.iter().map(|l| l.to_string().bytes().map(|b| u64::from(b - b'0')).sum::<u64>()).sum();
    (limbs.iter().copied().find(|l| *l > 0).unwrap_or(0), digits)
}

fn main() {
    let size: u32 = match std::env::args().nth(1).map(|a| a.parse()) {
        None => 30,
        Some(Ok(n)) if n > 0 => n,
        _ => {
            eprintln!("usage: work-rust [SIZE]");
            std::process::exit(2);
        }
    };
    println!("nbody     {}", nbody(size as usize * 50_000));
    println!("btree     {}", ordered_map(size * 50_000));
    println!("words     {}", words(size * 10_000));
    println!("sorting   {}", sorting(size * 80_000));
    let (last, digits) = factorial(u64::from(size) * 300);
    println!("factorial {} {}", last, digits);
}
