//! BLIF and Verilog of a small adder, as text.

use lentil_circuit::{Builder, Netlist, Wire, blif, verilog};

/// A two-bit adder with an inverted carry and a constant beside it.
fn adder() -> Netlist {
    let names = ["a[0]", "a[1]", "b[0]", "b[1]"];
    let mut b = Builder::new(names.map(String::from).to_vec());
    let [a0, a1, b0, b1] = [0, 1, 2, 3].map(|i| b.input(i));
    let (s0, c0) = (b.xor(a0, b0), b.and(a0, b0));
    let half = b.xor(a1, b1);
    let s1 = b.xor(half, c0);
    let (both, carried) = (b.and(a1, b1), b.and(half, c0));
    let c1 = b.or(both, carried);
    let outputs = [
        ("s[0]", s0),
        ("s[1]", s1),
        ("no carry", !c1),
        ("zero", Wire::FALSE),
        ("one", Wire::TRUE),
    ];
    b.finish(
        outputs
            .map(|(name, wire)| (name.to_string(), wire))
            .to_vec(),
    )
}

#[test]
fn blif_of_an_adder() {
    let wanted = "\
.model adder
.inputs a[0] a[1] b[0] b[1]
.outputs s[0] s[1] no_carry zero one
.names a[0] b[0] n5
10 1
01 1
.names a[0] b[0] n6
11 1
.names a[1] b[1] n7
10 1
01 1
.names n6 n7 n8
10 1
01 1
.names a[1] b[1] n9
11 1
.names n6 n7 n10
11 1
.names n9 n10 n11
00 1
.names n5 s[0]
1 1
.names n8 s[1]
1 1
.names n11 no_carry
1 1
.names zero
.names one
1
.end
";
    assert_eq!(blif::write(&adder(), "adder"), wanted);
}

#[test]
fn verilog_of_an_adder() {
    let wanted = "\
module adder(
  a_0,
  a_1,
  b_0,
  b_1,
  s_0,
  s_1,
  no_carry,
  zero,
  one
);
  input a_0;
  input a_1;
  input b_0;
  input b_1;
  output s_0;
  output s_1;
  output no_carry;
  output zero;
  output one;
  wire n5;
  wire n6;
  wire n7;
  wire n8;
  wire n9;
  wire n10;
  wire n11;
  assign n5 = a_0 ^ b_0;
  assign n6 = a_0 & b_0;
  assign n7 = a_1 ^ b_1;
  assign n8 = n6 ^ n7;
  assign n9 = a_1 & b_1;
  assign n10 = n6 & n7;
  assign n11 = ~n9 & ~n10;
  assign s_0 = n5;
  assign s_1 = n8;
  assign no_carry = n11;
  assign zero = 1'b0;
  assign one = 1'b1;
endmodule
";
    assert_eq!(verilog::write(&adder(), "adder"), wanted);
}

#[test]
fn many_inputs_continue_their_line() {
    let names = (0..12).map(|i| format!("x{i}")).collect();
    let mut b = Builder::new(names);
    let all = (0..12).map(|i| b.input(i)).collect();
    let all = b.tree(all, Wire::TRUE, Builder::and);
    let text = blif::write(&b.finish(vec![("y".into(), !all)]), "all");
    let inputs = ".inputs x0 x1 x2 x3 x4 x5 x6 x7 x8 x9 \\\n  x10 x11\n.outputs y\n";
    assert!(text.contains(inputs), "{text}");
    assert!(text.contains(" y\n0 1\n"), "{text}");
}
