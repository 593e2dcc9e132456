//! Numbers that carry a direction: complex numbers with a tiny imaginary part (the complex step),
//! and dual numbers over the integers modulo n, which are exact.

use lentil_unary::BinaryOp;

/// What a program computes with.
pub trait Number: Copy {
    /// The image of an integer.
    fn integer(value: i64, modulus: Option<u32>) -> Self;
    fn real(value: f64) -> Self;
    /// What comparisons look at.
    fn order(self) -> f64;
    fn add(self, other: Self) -> Self;
    fn neg(self) -> Self;
    fn mul(self, other: Self) -> Self;
    fn div(self, other: Self) -> Self;
    /// A real function by the name of its primitive.
    fn apply(self, name: &str) -> Self;
    fn pow(self, other: Self) -> Self;
    fn atan2(self, other: Self) -> Self;
    /// The remainder of floor division.
    fn rem(self, other: Self) -> Self;
    /// The `self`-th derivative of digamma.
    fn polygamma(self, other: Self) -> Self;
}

/// A complex number.
#[derive(Clone, Copy, Debug)]
pub struct Complex {
    pub re: f64,
    pub im: f64,
}

/// The size of the complex step: its square vanishes beside anything.
pub const STEP: f64 = 1e-100;

impl Complex {
    fn new(re: f64, im: f64) -> Complex {
        Complex { re, im }
    }

    fn exp(self) -> Complex {
        let r = self.re.exp();
        Complex::new(r * self.im.cos(), r * self.im.sin())
    }

    fn log(self) -> Complex {
        Complex::new(
            0.5 * (self.re * self.re + self.im * self.im).ln(),
            self.im.atan2(self.re),
        )
    }

    fn sub(self, other: Complex) -> Complex {
        self.add(other.neg())
    }

    /// An inverse function: its value, and the reciprocal of the derivative of what it inverts.
    fn inverse(self, value: f64, derivative_of_inverted: f64) -> Complex {
        Complex::new(value, self.im / derivative_of_inverted)
    }
}

impl Number for Complex {
    fn integer(value: i64, _modulus: Option<u32>) -> Complex {
        Complex::new(value as f64, 0.0)
    }

    fn real(value: f64) -> Complex {
        Complex::new(value, 0.0)
    }

    fn order(self) -> f64 {
        self.re
    }

    fn add(self, other: Complex) -> Complex {
        Complex::new(self.re + other.re, self.im + other.im)
    }

    fn neg(self) -> Complex {
        Complex::new(-self.re, -self.im)
    }

    fn mul(self, other: Complex) -> Complex {
        // Zero times infinity is no obstacle: (a + bi)(c + di).
        let im = |x: f64, y: f64| if y == 0.0 { 0.0 } else { x * y };
        Complex::new(
            self.re * other.re - im(self.im, other.im),
            im(self.re, other.im) + im(other.re, self.im),
        )
    }

    fn div(self, other: Complex) -> Complex {
        // Smith's way, for an imaginary part that is small beside the real one.
        let ratio = other.im / other.re;
        let den = other.re + other.im * ratio;
        Complex::new(
            (self.re + self.im * ratio) / den,
            (self.im - self.re * ratio) / den,
        )
    }

    fn apply(self, name: &str) -> Complex {
        let (a, b) = (self.re, self.im);
        let half = Complex::real(0.5);
        let one = Complex::real(1.0);
        match name {
            "abs" => {
                if a < 0.0 {
                    self.neg()
                } else if a == 0.0 {
                    Complex::real(0.0)
                } else {
                    self
                }
            }
            "sign" if a == 0.0 => Complex::real(0.0),
            "sign" => Complex::real(a.signum()),
            "floor" => Complex::real(a.floor()),
            "ceil" => Complex::real(a.ceil()),
            "round" => Complex::real(a.round_ties_even()),
            "trunc" => Complex::real(a.trunc()),
            "exp" => self.exp(),
            "exp2" => self.mul(Complex::real(2f64.ln())).exp(),
            "expm1" => Complex::new(a.exp_m1(), self.exp().im),
            "log" => self.log(),
            "log2" => self.log().div(Complex::real(2f64.ln())),
            "log10" => self.log().div(Complex::real(10f64.ln())),
            "log1p" => Complex::new(a.ln_1p(), self.add(one).log().im),
            "sqrt" => {
                let r = a.sqrt();
                Complex::new(r, b / (2.0 * r))
            }
            "cbrt" => self.inverse(a.cbrt(), 3.0 * a.cbrt().powi(2)),
            "sin" => Complex::new(a.sin() * b.cosh(), a.cos() * b.sinh()),
            "cos" => Complex::new(a.cos() * b.cosh(), -a.sin() * b.sinh()),
            "tan" => self.apply("sin").div(self.apply("cos")),
            "asin" => self.inverse(a.asin(), a.asin().cos()),
            "acos" => self.inverse(a.acos(), -a.acos().sin()),
            "atan" => self.inverse(a.atan(), 1.0 + a.atan().tan().powi(2)),
            "sinh" => self.exp().sub(self.neg().exp()).mul(half),
            "cosh" => self.exp().add(self.neg().exp()).mul(half),
            "tanh" => self.apply("sinh").div(self.apply("cosh")),
            "asinh" => self.inverse(a.asinh(), a.asinh().cosh()),
            "acosh" => self.inverse(a.acosh(), a.acosh().sinh()),
            "atanh" => self.inverse(a.atanh(), 1.0 - a * a),
            "sigmoid" => one.div(one.add(self.neg().exp())),
            "erf" => Complex::new(
                erf(a),
                b * (-a * a).exp() * std::f64::consts::FRAC_2_SQRT_PI,
            ),
            "erfc" => one.sub(self.apply("erf")),
            "erfinv" => {
                let y = erfinv(a);
                self.inverse(y, (-y * y).exp() * std::f64::consts::FRAC_2_SQRT_PI)
            }
            "lgamma" => self.lgamma(),
            other => panic!("no function {other}"),
        }
    }

    fn pow(self, other: Complex) -> Complex {
        if other.im == 0.0 && other.re.fract() == 0.0 && other.re.abs() < 64.0 {
            // By multiplication: it holds at zero and below.
            let mut power = Complex::real(1.0);
            for _ in 0..other.re.abs() as u32 {
                power = power.mul(self);
            }
            if other.re < 0.0 {
                return Complex::real(1.0).div(power);
            }
            return power;
        }
        if self.re == 0.0 && self.im == 0.0 {
            return Complex::real(0.0f64.powf(other.re));
        }
        other.mul(self.log()).exp()
    }

    fn atan2(self, other: Complex) -> Complex {
        // The imaginary part of log(x + iy), along the direction.
        let r2 = self.re * self.re + other.re * other.re;
        Complex::new(
            self.re.atan2(other.re),
            (other.re * self.im - self.re * other.im) / r2,
        )
    }

    fn rem(self, other: Complex) -> Complex {
        let quotient = Complex::real((self.re / other.re).floor());
        self.sub(quotient.mul(other))
    }

    fn polygamma(self, other: Complex) -> Complex {
        other.polygamma_of(self.re as i32)
    }
}

/// How far the gamma function's relatives are moved to the right, where their expansions hold.
const FAR: i32 = 40;

impl Complex {
    fn plus(self, k: i32) -> Complex {
        Complex::new(self.re + f64::from(k), self.im)
    }

    fn over(self, c: f64) -> Complex {
        self.mul(Complex::real(1.0 / c))
    }

    /// Stirling's formula far to the right, and the recurrence from there.
    fn lgamma(self) -> Complex {
        let z = self.plus(FAR);
        let half = z.sub(Complex::real(0.5)).mul(z.log()).sub(z);
        let mut sum = half.add(Complex::real(0.5 * (2.0 * std::f64::consts::PI).ln()));
        let one = Complex::real(1.0);
        let cube = z.mul(z).mul(z);
        sum = sum
            .add(one.div(z).over(12.0))
            .sub(one.div(cube).over(360.0));
        sum = sum.add(one.div(cube.mul(z).mul(z)).over(1260.0));
        for k in 0..FAR {
            sum = sum.sub(self.plus(k).log());
        }
        sum
    }

    /// The sum that defines it, with the rest by the formula of Euler and Maclaurin.
    fn polygamma_of(self, n: i32) -> Complex {
        let one = Complex::real(1.0);
        let power = |z: Complex, k: i32| (0..k).fold(one, |p, _| p.div(z));
        let z = self.plus(FAR);
        let s = f64::from(n + 1);
        let mut sum = power(z, n + 1).over(2.0);
        sum = sum.add(power(z, n + 2).mul(Complex::real(s)).over(12.0));
        let third = s * (s + 1.0) * (s + 2.0);
        sum = sum.sub(power(z, n + 4).mul(Complex::real(third)).over(720.0));
        let fifth = third * (s + 3.0) * (s + 4.0);
        sum = sum.add(power(z, n + 6).mul(Complex::real(fifth)).over(30240.0));
        for k in 0..FAR {
            sum = sum.add(power(self.plus(k), n + 1));
        }
        if n == 0 {
            return z.log().sub(sum);
        }
        sum = sum.add(power(z, n).over(f64::from(n)));
        let factorial: f64 = (1..=n).map(f64::from).product();
        let sign = if n % 2 == 0 { -1.0 } else { 1.0 };
        sum.mul(Complex::real(sign * factorial))
    }
}

/// The inverse of the error function by halving intervals.
fn erfinv(x: f64) -> f64 {
    let (mut low, mut high) = (-6.0, 6.0);
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if erf(middle) < x {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// The error function by its series: plain, and good for small arguments.
fn erf(x: f64) -> f64 {
    let (mut term, mut sum) = (x, x);
    for n in 1..200 {
        let n = f64::from(n);
        term *= -x * x / n;
        sum += term / (2.0 * n + 1.0);
    }
    sum * std::f64::consts::FRAC_2_SQRT_PI
}

/// `value + direction ε` with ε² = 0, modulo `n`.
#[derive(Clone, Copy, Debug)]
pub struct Dual {
    pub n: u64,
    pub value: u64,
    pub direction: u64,
}

impl Number for Dual {
    fn integer(value: i64, modulus: Option<u32>) -> Dual {
        let n = modulus.expect("a modulus");
        Dual {
            n: u64::from(n),
            value: value.rem_euclid(i64::from(n)) as u64,
            direction: 0,
        }
    }

    fn real(_: f64) -> Dual {
        panic!("a real number in a program over a finite ring")
    }

    fn order(self) -> f64 {
        self.value as f64
    }

    fn add(self, other: Dual) -> Dual {
        Dual {
            n: self.n,
            value: (self.value + other.value) % self.n,
            direction: (self.direction + other.direction) % self.n,
        }
    }

    fn neg(self) -> Dual {
        Dual {
            n: self.n,
            value: (self.n - self.value) % self.n,
            direction: (self.n - self.direction) % self.n,
        }
    }

    fn mul(self, other: Dual) -> Dual {
        Dual {
            n: self.n,
            value: self.value * other.value % self.n,
            direction: (self.value * other.direction + self.direction * other.value) % self.n,
        }
    }

    fn div(self, _: Dual) -> Dual {
        panic!("a division in a finite ring")
    }

    fn apply(self, name: &str) -> Dual {
        panic!("{name} over a finite ring")
    }

    fn pow(self, _: Dual) -> Dual {
        panic!("a power in a finite ring")
    }

    fn atan2(self, _: Dual) -> Dual {
        panic!("an angle in a finite ring")
    }

    fn rem(self, _: Dual) -> Dual {
        panic!("a remainder in a finite ring")
    }

    fn polygamma(self, _: Dual) -> Dual {
        panic!("a special function over a finite ring")
    }
}

/// An operation of two numbers.
pub fn of_numbers<N: Number>(op: BinaryOp, x: N, y: N) -> N {
    match op {
        BinaryOp::Add => x.add(y),
        BinaryOp::Sub => x.add(y.neg()),
        BinaryOp::Mul => x.mul(y),
        BinaryOp::Div => x.div(y),
        BinaryOp::Pow => x.pow(y),
        BinaryOp::Max => {
            if x.order() >= y.order() {
                x
            } else {
                y
            }
        }
        BinaryOp::Min => {
            if x.order() <= y.order() {
                x
            } else {
                y
            }
        }
        BinaryOp::Atan2 => x.atan2(y),
        BinaryOp::Hypot => x.mul(x).add(y.mul(y)).apply("sqrt"),
        BinaryOp::Rem => x.rem(y),
        BinaryOp::Polygamma => x.polygamma(y),
        BinaryOp::And | BinaryOp::Or => panic!("{op:?} of numbers"),
    }
}

/// An operation of two integers.
pub fn of_integers(op: BinaryOp, x: i64, y: i64) -> i64 {
    match op {
        BinaryOp::Add => x.wrapping_add(y),
        BinaryOp::Sub => x.wrapping_sub(y),
        BinaryOp::Mul => x.wrapping_mul(y),
        BinaryOp::Div => (x - ((x % y) + y) % y) / y,
        BinaryOp::Rem => ((x % y) + y) % y,
        BinaryOp::Max => x.max(y),
        BinaryOp::Min => x.min(y),
        BinaryOp::And => x & y,
        BinaryOp::Or => x | y,
        BinaryOp::Pow | BinaryOp::Atan2 | BinaryOp::Hypot | BinaryOp::Polygamma => {
            panic!("{op:?} of integers")
        }
    }
}
