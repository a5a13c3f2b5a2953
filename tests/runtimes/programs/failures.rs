// Fails as told and says on standard output what it threw: a JSON list of type and message, outermost first.
fn read(message: &str) -> usize {
    let gates: Result<usize, String> = Err(String::from("no number"));
    gates.expect(message)
}

fn main() {
    let how = std::env::args().nth(1).unwrap_or_default();
    let message = if how == "lines" { "gate 7\nis locked" } else { "gate 7 is locked" };
    println!("[[\"panic\",\"{}: \\\"no number\\\"\"]]", message.replace('\n', "\\n"));
    if how == "logged" {
        let _ = std::thread::Builder::new().name("gate".into()).spawn(move || read(message)).unwrap().join();
    } else {
        read(message);
    }
}
