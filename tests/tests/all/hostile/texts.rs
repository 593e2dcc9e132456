//! Files that are hardly text.

use std::path::PathBuf;

use lentil::Program;

use super::code;

/// The code of what is wrong with a file of these bytes.
fn file(name: &str, bytes: &[u8]) -> &'static str {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.lentil"));
    std::fs::write(&path, bytes).expect("a file");
    match Program::from_file(&path) {
        Ok(_) => "nothing",
        Err(error) => code(&error),
    }
}

#[test]
fn nothing_much() {
    assert_eq!(file("empty", b""), "nothing");
    assert_eq!(file("lines", &b"\n".repeat(1_000_000)), "nothing");
    assert_eq!(file("mark", b"\xEF\xBB\xBF"), "nothing");
    assert_eq!(file("comment", b"//"), "nothing");
}

#[test]
fn marks_and_ends_of_lines() {
    let text = b"fn f(x: Real)\r\n    -> Real = x\r\n";
    assert_eq!(file("returns", text), "nothing");
    assert_eq!(
        file("marked", &[b"\xEF\xBB\xBF", &text[..]].concat()),
        "nothing"
    );
    assert_eq!(
        file(
            "old",
            b"fn f(x: Real) -> Real = x\rfn g(x: Real) -> Real = x\r"
        ),
        "nothing"
    );
    assert_ne!(
        file("inside", b"fn f(x: \xEF\xBB\xBFReal) -> Real = x"),
        "nothing"
    );
}

#[test]
fn no_text() {
    assert_eq!(file("zero", b"fn f(x: Real) -> Real = x\0"), "E0102");
    assert_eq!(file("zeros", &[0; 100_000]), "E0102");
    for (name, bytes) in [
        ("lone", &b"\xFF\xFE"[..]),
        ("surrogate", b"\xED\xA0\x80"),
        ("overlong", b"\xC0\x80"),
        ("cut", b"\xE2\x82"),
        ("beyond", b"\xF5\x80\x80\x80"),
        ("utf16", b"f\0n\0 \0f\0\xFF\0"),
    ] {
        let bytes = [b"fn f(x: Real) -> Real = x ", bytes].concat();
        assert_eq!(file(name, &bytes), "E0902", "{name}");
    }
}

#[test]
fn every_byte_alone() {
    for byte in 0..=255 {
        let found = file("byte", &[byte]);
        let blank = matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\x0C');
        assert_eq!(found == "nothing", blank, "{byte:#04x}: {found}");
    }
}
