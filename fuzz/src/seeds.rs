//! What mutation begins with: all programs of the repository.

use lentil_tests::files::{files_in, text};

/// The texts of the library, the examples and the tests.
pub fn seeds() -> Vec<Vec<u8>> {
    let folders = [
        "stdlib",
        "examples",
        "tests/programs",
        "tests/run",
        "tests/errors",
        "tests/core",
        "tests/reverse",
    ];
    let files = folders.iter().flat_map(|f| files_in(f, ".lentil"));
    let mut out: Vec<Vec<u8>> = files.map(|path| text(&path).into_bytes()).collect();
    out.push(SMALL.as_bytes().to_vec());
    out
}

/// Small definitions of all kinds, which mutation combines.
const SMALL: &str = "
fn f[n](x: Real[n]) -> Real = sum(x * x)
fn g(x: Real) -> Real = if x > 0 then exp(x) else x ^ 2
fn h[K: Ring, n, m](w: K[m, n], x: K[n]) -> K[m] = w @ x
fn at[n](x: Real[n], i: Int) -> Real = x[i]
fn pairs[n](x: Real[n]) -> Real[n, n] = [ x[i] * x[j] for i, j ]
fn total(x: Real[3]) -> Real = fold(x, 0, fn(s, e) => s + e)
fn slope(x: Real) -> Real = grad(g)(x)
fn curve(x: Real) -> Real = grad(grad(g))(x)
model layer[n, m](w: Real[m, n], b: Real[m]; x: Real[n]) -> Real[m] = tanh(w @ x + b)
model net = layer[3, 2] >> out: layer[2, 1]
test \"t\" { g(1) == exp(1) }
";
