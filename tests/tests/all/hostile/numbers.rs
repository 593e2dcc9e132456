//! Numbers beyond what carriers hold.

use super::value;

const TAKES: &str = "
    fn int(x: Int) -> Int = x
    fn real(x: Real) -> Real = x
    fn bit(x: Bit) -> Bit = x
    fn seven(x: Mod[7]) -> Mod[7] = x";

fn of(expression: &str) -> String {
    value(TAKES, expression)
}

#[test]
fn whole_numbers_end_where_they_do_not_fit() {
    assert_eq!(of("int(9223372036854775807)"), "9223372036854775807");
    assert_eq!(of("int(-9223372036854775808)"), "-9223372036854775808");
    assert_eq!(of("int(9_223_372_036_854_775_808)"), "E0309");
    assert_eq!(of("int(-9223372036854775809)"), "E0309");
    assert_eq!(of("9223372036854775808"), "E0309");
    assert_eq!(of("[1, 9223372036854775808]"), "E0309");
    assert_eq!(of("9223372036854775807 + 1"), "E0309");
    assert_eq!(of("9223372036854775808 - 1"), "9223372036854775807");
    assert_eq!(of("2 ^ 64"), "E0309");
    assert_eq!(of("(2 ^ 64) ^ 64"), "E0309");
}

#[test]
fn other_carriers_take_what_they_can() {
    assert_eq!(of("real(9223372036854775808)"), "9.223372e18");
    assert_eq!(of("real(-9223372036854775809)"), "-9.223372e18");
    assert_eq!(of("9223372036854775808 * 1.0"), "9.223372e18");
    assert_eq!(of("bit(9223372036854775809)"), "1");
    assert_eq!(of("bit(-9223372036854775809)"), "1");
    // 2^63 = (2^3)^21 = 1
    assert_eq!(of("seven(9223372036854775808)"), "1");
    assert_eq!(of("seven(-9223372036854775808)"), "6");
}

#[test]
fn real_numbers_end_where_they_would_be_infinite() {
    assert_eq!(of("real(1e38)"), "1e38");
    assert_eq!(of("real(1e39)"), "E0309");
    assert_eq!(of("real(1e400)"), "E0309");
    assert_eq!(of("real(1e-400)"), "0.0");
    let nines = "9".repeat(100_000);
    assert_eq!(of(&format!("real({nines})")), "E0309");
    assert_eq!(of(&format!("int({nines})")), "E0309");
    assert_eq!(of(&format!("real({nines}.0)")), "E0309");
    assert_eq!(of(&format!("real(0.{nines})")), "1.0");
    assert_eq!(of(&format!("real(1e{nines})")), "E0309");
    assert_eq!(of(&format!("real(1e-{nines})")), "0.0");
}

#[test]
fn other_notations_are_none() {
    assert_eq!(of("int(0x10)"), "E0105");
    assert_eq!(of("int(0b1)"), "E0105");
    assert_eq!(of("real(1e)"), "E0105");
    assert_eq!(of("real(1.2.3)"), "E0105");
}
