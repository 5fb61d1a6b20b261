//! Panics when asked to: the guest must end with a trap (Rust's abort is `unreachable`) and its message on stderr.

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("panic") => panic!("the bilge is full"),
        Some("index") => {
            let planks = vec![1, 2, 3];
            let far = std::env::args().count() + 7;
            println!("{}", planks[far]);
        }
        Some("exit") => std::process::exit(41),
        _ => println!("all dry"),
    }
}
