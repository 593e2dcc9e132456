//! Writes structural Verilog: one module, one wire and one assignment for each gate.

use std::fmt::Write;

use crate::names::{self, Names};
use crate::netlist::{Gate, Netlist, Wire};

/// The text of a Verilog file with one module; its ports are the inputs, then the outputs, one bit each.
/// Names are made legal and distinct: `x[3]` becomes `x_3`.
///
/// The style is that of Verilog-95, declarations apart from ports and assignments:
/// simulators and synthesis tools of any age read it.
pub fn write(netlist: &Netlist, module: &str) -> String {
    let names = Names::of(netlist, module, names::verilog, KEYWORDS);
    let mut text = format!("module {}(", names.model);
    for (i, port) in names.inputs.iter().chain(&names.outputs).enumerate() {
        let comma = if i == 0 { "" } else { "," };
        push(&mut text, format_args!("{comma}\n  {port}"));
    }
    text.push_str("\n);\n");
    let first = 1 + names.inputs.len();
    let declared = [
        ("input", &names.inputs[..]),
        ("output", &names.outputs[..]),
        ("wire", &names.gates[first..]),
    ];
    for (kind, names) in declared {
        for name in names {
            push(&mut text, format_args!("  {kind} {name};\n"));
        }
    }
    for (i, gate) in netlist.gates().iter().enumerate() {
        let (x, sign, y) = match gate {
            Gate::False | Gate::Input => continue,
            Gate::And(x, y) => (x, '&', y),
            Gate::Xor(x, y) => (x, '^', y),
        };
        let (x, y) = (source(&names, *x), source(&names, *y));
        let gate = &names.gates[i];
        push(
            &mut text,
            format_args!("  assign {gate} = {x} {sign} {y};\n"),
        );
    }
    for (output, name) in netlist.outputs().iter().zip(&names.outputs) {
        let source = source(&names, output.wire);
        push(&mut text, format_args!("  assign {name} = {source};\n"));
    }
    text.push_str("endmodule\n");
    text
}

fn source(names: &Names, wire: Wire) -> String {
    match wire.value() {
        Some(value) => format!("1'b{}", u8::from(value)),
        None if wire.inverted() => format!("~{}", names.gates[wire.gate()]),
        None => names.gates[wire.gate()].clone(),
    }
}

fn push(text: &mut String, part: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = text.write_fmt(part);
}

/// The reserved words of IEEE 1364-2005 and IEEE 1800-2017 that a name of ours could meet.
#[rustfmt::skip]
const KEYWORDS: &[&str] = &[
    "accept_on", "alias", "always", "always_comb", "always_ff", "always_latch", "and", "assert",
    "assign", "assume", "automatic", "before", "begin", "bind", "bins", "binsof", "bit", "break",
    "buf", "bufif0", "bufif1", "byte", "case", "casex", "casez", "cell", "chandle", "checker",
    "class", "clocking", "cmos", "config", "const", "constraint", "context", "continue", "cover",
    "covergroup", "coverpoint", "cross", "deassign", "default", "defparam", "design", "disable",
    "dist", "do", "edge", "else", "end", "endcase", "endchecker", "endclass", "endclocking",
    "endconfig", "endfunction", "endgenerate", "endgroup", "endinterface", "endmodule",
    "endpackage", "endprimitive", "endprogram", "endproperty", "endsequence", "endspecify",
    "endtable", "endtask", "enum", "event", "eventually", "expect", "export", "extends", "extern",
    "final", "first_match", "for", "force", "foreach", "forever", "fork", "forkjoin", "function",
    "generate", "genvar", "global", "highz0", "highz1", "if", "iff", "ifnone", "ignore_bins",
    "illegal_bins", "implements", "implies", "import", "incdir", "include", "initial", "inout",
    "input", "inside", "instance", "int", "integer", "interconnect", "interface", "intersect",
    "join", "join_any", "join_none", "large", "let", "liblist", "library", "local", "localparam",
    "logic", "longint", "macromodule", "matches", "medium", "modport", "module", "nand", "negedge",
    "nettype", "new", "nexttime", "nmos", "nor", "noshowcancelled", "not", "notif0", "notif1",
    "null", "or", "output", "package", "packed", "parameter", "pmos", "posedge", "primitive",
    "priority", "program", "property", "protected", "pull0", "pull1", "pulldown", "pullup",
    "pulsestyle_ondetect", "pulsestyle_onevent", "pure", "rand", "randc", "randcase",
    "randsequence", "rcmos", "real", "realtime", "ref", "reg", "reject_on", "release", "repeat",
    "restrict", "return", "rnmos", "rpmos", "rtran", "rtranif0", "rtranif1", "s_always",
    "s_eventually", "s_nexttime", "s_until", "s_until_with", "scalared", "sequence", "shortint",
    "shortreal", "showcancelled", "signed", "small", "soft", "solve", "specify", "specparam",
    "static", "string", "strong", "strong0", "strong1", "struct", "super", "supply0", "supply1",
    "sync_accept_on", "sync_reject_on", "table", "tagged", "task", "this", "throughout", "time",
    "timeprecision", "timeunit", "tran", "tranif0", "tranif1", "tri", "tri0", "tri1", "triand",
    "trior", "trireg", "type", "typedef", "union", "unique", "unique0", "unsigned", "until",
    "until_with", "untyped", "use", "uwire", "var", "vectored", "virtual", "void", "wait",
    "wait_order", "wand", "weak", "weak0", "weak1", "while", "wildcard", "wire", "with", "within",
    "wor", "xnor", "xor",
];
