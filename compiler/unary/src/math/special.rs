//! Special functions that `libm` lacks, in double precision.

use std::f64::consts::PI;

/// The inverse of the error function: ±∞ at ±1, NaN beyond.
///
/// The start is the elementary approximation of Winitzki (*A handy approximation for the error function and
/// its inverse*, 2008), which is good to 2e-3; three steps of Halley's method, each of which triples the
/// number of correct digits, then solve `erf(y) = x`, in the tails `erfc(y) = 1 - x`.
pub fn erfinv(x: f64) -> f64 {
    let size = libm::fabs(x);
    if size >= 1.0 || x.is_nan() {
        return if size == 1.0 {
            x * f64::INFINITY
        } else {
            f64::NAN
        };
    }
    if size < 1e-8 {
        // The next term of the series is below the last bit.
        return x * (0.5 * PI.sqrt());
    }
    let mut y = if size < 0.1 {
        size * (0.5 * PI.sqrt()) * (1.0 + PI / 12.0 * size * size)
    } else {
        const A: f64 = 0.147;
        let log = libm::log1p(-size * size);
        let half = 2.0 / (PI * A) + 0.5 * log;
        libm::sqrt(libm::sqrt(half * half - log / A) - half)
    };
    for _ in 0..3 {
        // 1 - |x| is exact in the tail, where erf(y) is too close to 1 to be told from it.
        let off = if size < 0.5 {
            libm::erf(y) - size
        } else {
            (1.0 - size) - libm::erfc(y)
        };
        let newton = off * (0.5 * PI.sqrt()) * libm::exp(y * y);
        y -= newton / (1.0 + y * newton);
    }
    libm::copysign(y, x)
}

/// B_{2k} for k = 1, 2, …: the Bernoulli numbers (DLMF 24.2.4).
const BERNOULLI: [f64; 10] = [
    1.0 / 6.0,
    -1.0 / 30.0,
    1.0 / 42.0,
    -1.0 / 30.0,
    5.0 / 66.0,
    -691.0 / 2730.0,
    7.0 / 6.0,
    -3617.0 / 510.0,
    43867.0 / 798.0,
    -174_611.0 / 330.0,
];

/// The highest order of [`polygamma`]: beyond it factorials overflow.
const MOST: u32 = 150;

/// The `n`-th derivative of the digamma function, `ψ⁽ⁿ⁾(x)`, for a whole `n` from 0; NaN for any other `n`,
/// and from 151 on, where factorials overflow.
///
/// To the right of `20 + n` the asymptotic expansion (DLMF 5.11.2 and 5.15.8); to its left the recurrence
/// (5.15.5) leads there, and left of zero the reflection (5.15.6) leads to its right.
/// At 0 the digamma function is ∓∞ as its argument is ±0; at the other poles its sign is not defined: NaN.
/// The derivatives of odd order are +∞ at every pole; those of even order are as digamma is.
pub fn polygamma(n: f64, x: f64) -> f64 {
    if n < 0.0 || n > f64::from(MOST) || libm::floor(n) != n || x.is_nan() || x == f64::NEG_INFINITY
    {
        return f64::NAN;
    }
    let n = n as u32;
    if x <= 0.0 && libm::floor(x) == x {
        return match n % 2 {
            1 => f64::INFINITY,
            _ if x == 0.0 => libm::copysign(f64::INFINITY, -x),
            _ => f64::NAN,
        };
    }
    if x < 0.0 {
        return reflected(n, x);
    }
    if x == f64::INFINITY {
        return if n == 0 { x } else { 0.0 };
    }
    right(n, x)
}

/// `ψ⁽ⁿ⁾(x)` for a positive `x`.
fn right(n: u32, x: f64) -> f64 {
    let order = f64::from(n);
    // (-1)^(n+1) n!, the factor of every term but those of digamma itself.
    let sign = if n.is_multiple_of(2) { -1.0 } else { 1.0 };
    let mut z = x;
    let mut sum = 0.0;
    let power = |z: f64, k: u32| libm::pow(z, -f64::from(k));
    while z < 20.0 + order {
        sum += power(z, n + 1);
        z += 1.0;
    }
    // Divided by n!: 1 / (n z^n) + 1 / (2 z^(n+1)) + Σ B_2k (2k+n-1)! / ((2k)! n!) / z^(2k+n);
    // for digamma -log z stands for the first term.
    let square = z * z;
    let mut tail = 0.5 * power(z, n + 1);
    let mut term = power(z, n + 2) * if n == 0 { 0.5 } else { 0.5 * (order + 1.0) };
    for (k, b) in BERNOULLI.iter().enumerate() {
        tail += b * term;
        let even = 2.0 * (k as f64 + 1.0);
        term *= (even + order) * (even + order + 1.0) / ((even + 1.0) * (even + 2.0) * square);
    }
    if n == 0 {
        return libm::log(z) - tail - sum;
    }
    sign * factorial(n) * (sum + (power(z, n) / order + tail))
}

/// `ψ⁽ⁿ⁾(x) = (-1)ⁿ ψ⁽ⁿ⁾(1-x) - π dⁿ/dxⁿ cot(πx)`, for a negative `x` that is not whole.
fn reflected(n: u32, x: f64) -> f64 {
    let mirrored = right(n, 1.0 - x);
    let mirrored = if n.is_multiple_of(2) {
        mirrored
    } else {
        -mirrored
    };
    // The argument of the cotangent between -1/2 and 1/2, which is exact.
    let rest = x - libm::round(x);
    let cot = 1.0 / libm::tan(PI * rest);
    // The derivatives of c = cot(πx) are polynomials in c: c' = -π (1 + c²).
    let mut polynomial = [0.0; MOST as usize + 2];
    polynomial[1] = 1.0;
    for degree in 1..=n as usize {
        let mut next = [0.0; MOST as usize + 2];
        for k in 1..=degree {
            let slope = -PI * polynomial[k] * k as f64;
            next[k - 1] += slope;
            next[k + 1] += slope;
        }
        polynomial = next;
    }
    let terms = &polynomial[..n as usize + 2];
    let value = terms.iter().rev().fold(0.0, |sum, a| sum * cot + a);
    mirrored - PI * value
}

fn factorial(n: u32) -> f64 {
    (1..=n).map(f64::from).product()
}

#[cfg(test)]
mod tests;
