//! The known name that a misspelt one is closest to, and what names of other languages are here.

/// Longer names are close to nothing.
const LONGEST: usize = 100;

/// The closest of the known names, if it is close. Case and underscores count less than letters.
pub fn closest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let plain = plain(name);
    let length = plain.chars().count();
    // Nobody misspells what nobody can read, and the time to compare grows with the square of the length.
    if length > LONGEST || name.len() > 8 * LONGEST {
        return None;
    }
    let limit = (length / 3).max(1);
    known
        .map(|k| (self::plain(k), k))
        .filter(|(p, _)| p.chars().count().abs_diff(length) <= limit)
        .map(|(p, k)| (distance(&plain, &p), distance(name, k), k))
        .filter(|&(d, _, _)| d <= limit)
        .min()
        .map(|(_, _, k)| k)
}

/// A name without what is written differently elsewhere: `LayerNorm` and `layer_norm` are one.
pub fn plain(name: &str) -> String {
    let letters = name.chars().filter(|c| *c != '_');
    letters.flat_map(char::to_lowercase).collect()
}

/// What to write for a name that other languages have.
pub fn elsewhere(name: &str) -> Option<&'static str> {
    Some(match name {
        "True" | "TRUE" => "write `true`",
        "False" | "FALSE" => "write `false`",
        "None" | "null" | "nil" => "every value is there: there is none to leave out",
        "len" | "length" | "size" | "shape" => {
            "sizes are part of types: with `fn f[n](x: Real[n])`, `n` is the number of elements"
        }
        "range" | "arange" | "enumerate" => {
            "`[e for i < n]` has an element for each `i` from 0 to `n - 1`, `iota[n]()` is these numbers"
        }
        "map" | "vmap" => {
            "`each(f)` is `f` over a leading axis; functions of numbers take arrays as they are"
        }
        "reduce" | "foldl" => "write `fold(xs, start, f)`",
        "cond" | "select" => "write `if c then a else b`; of arrays, in a `fn` over single numbers",
        "while_loop" => "write `until(x, done, step, max: n)`",
        "fori_loop" => "write `iterate[n](x, f)` or `fold(xs, start, f)`",
        "jit" => "every program is compiled: leave it out",
        "vjp" => "write `rev(f)(x, dy)`",
        "jvp" => "write `fwd(f)(x, dx)`",
        "jacfwd" | "jacrev" => "write `jacobian(f)(x)`",
        "pow" => "write `x ^ y`",
        "float" => "`real(x)` makes a whole number a `Real`",
        "concatenate" | "hstack" | "vstack" => "write `concat(a, b)` or `stack(a, b)`",
        "matmul" | "mm" | "einsum" => {
            "write `a @ b`, or `[ sum(a[i, k] * b[k, j] for k) for i, j ]`"
        }
        "array" | "tensor" | "vec" => "an array is written `[1, 2, 3]`",
        "zeros_like" | "empty" => "`zeros` takes the shape that is wanted",
        "ones_like" | "full" => {
            "`ones` takes the shape that is wanted, and `[x for i < n]` says it"
        }
        "np" | "numpy" | "jnp" | "jax" | "torch" | "math" | "std" => {
            "functions have names of their own: `sqrt(x)`, `sum(x)`"
        }
        "Linear" | "Dense" => "`import nn.dense`",
        "Sequential" => "layers are composed by `f >> g`",
        "print" | "println" => "a value is shown by `lentil run FILE 'e'`, or in `lentil repl`",
        "self" => "a model's parameters have names of their own: `model m(w: Real; x: Real)`",
        _ => return None,
    })
}

/// What to write for a type of another language.
pub fn type_elsewhere(name: &str) -> Option<&'static str> {
    Some(match name {
        "f32" | "float" | "Float" | "float32" | "number" | "Number" => "write `Real`",
        "f64" | "double" | "Double" | "float64" => {
            "write `Real64`, or `Real` and the option `--real f64`"
        }
        "int" | "i32" | "i64" | "u32" | "u64" | "usize" | "integer" | "Integer" | "Nat" => {
            "write `Int`"
        }
        "bool" | "boolean" | "Boolean" => "write `Bool`",
        "Array" | "Tensor" | "Vec" | "List" | "list" | "Matrix" | "Vector" | "ndarray" => {
            "an array is its carrier and its sizes: `Real[n, m]`"
        }
        "Unit" | "None" | "void" => "the type of nothing is `()`",
        _ => return None,
    })
}

/// The number of insertions, deletions and substitutions from one word to another (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_name_is_near() {
        let known = ["dense", "relu", "adam"];
        assert_eq!(closest("dens", known.into_iter()), Some("dense"));
        assert_eq!(closest("adma", known.into_iter()), None);
        assert_eq!(closest("convolution", known.into_iter()), None);
        let known = ["gelu", "relu", "layer_norm"];
        assert_eq!(closest("Relu", known.into_iter()), Some("relu"));
        assert_eq!(closest("LayerNorm", known.into_iter()), Some("layer_norm"));
    }
}
