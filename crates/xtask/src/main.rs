//! Runs the tests and checks of this workspace
fn main() {}
