//! Prints its arguments and one environment variable.

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let greeting = std::env::var("GREETING").unwrap_or_else(|_| "not set".into());
    println!("hello from Rust, arguments [{}], GREETING {}", arguments.join(", "), greeting);
}
