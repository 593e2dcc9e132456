//! Maps and models are the arrows of a monoidal category.
//!
//! Since a parameter space is flat, composition is associative *on the nose*: however a composite is
//! bracketed, it has the same parameters under the same paths and is the same program.

use lentil_tests::program::load;
use lentil_unary::dice::Dice;

use super::{BLOCKS, equal, form, identical};

/// A random bracketing of a row of factors.
fn bracketed(dice: &mut Dice, factors: &[String], sign: &str) -> String {
    if let [one] = factors {
        return one.clone();
    }
    let (left, right) = factors.split_at(1 + dice.below(factors.len() - 1));
    let mut side = |part: &[String]| match part {
        [one] => one.clone(),
        _ => format!("({})", bracketed(dice, part, sign)),
    };
    let (left, right) = (side(left), side(right));
    format!("{left} {sign} {right}")
}

/// A row of factors that fit each other, of random sizes.
fn chain(dice: &mut Dice) -> Vec<String> {
    let mut width = 1 + dice.below(4);
    let mut factors = vec![format!("first: dense[2, {width}]")];
    for k in 0..1 + dice.below(4) {
        factors.push(match dice.below(3) {
            0 => "bend".to_string(),
            1 => format!("gate{k}: gate[{width}]"),
            _ => {
                let next = 1 + dice.below(4);
                let layer = format!("layer{k}: dense[{width}, {next}]");
                width = next;
                layer
            }
        });
    }
    factors
}

#[test]
fn sequence_is_associative_on_the_nose() {
    let program = load(BLOCKS);
    let mut dice = Dice::new(1);
    for _ in 0..12 {
        let factors = chain(&mut dice);
        let plain = factors.join(" >> ");
        let other = bracketed(&mut dice, &factors, ">>");
        identical(&program, &plain, &other);
    }
}

#[test]
fn sequence_is_associative_without_labels_too() {
    let program = load(BLOCKS);
    let plain = "dense[2, 3] >> bend >> dense[3, 3] >> gate[3] >> dense[3, 1]";
    for other in [
        "((dense[2, 3] >> bend) >> dense[3, 3]) >> (gate[3] >> dense[3, 1])",
        "dense[2, 3] >> (bend >> (dense[3, 3] >> (gate[3] >> dense[3, 1])))",
        "dense[2, 3] >> (bend >> dense[3, 3]) >> (gate[3] >> dense[3, 1])",
    ] {
        identical(&program, plain, other);
    }
}

#[test]
fn side_by_side_is_associative_on_the_nose() {
    let program = load(BLOCKS);
    let mut dice = Dice::new(2);
    for _ in 0..6 {
        let factors: Vec<String> = (0..3 + dice.below(2))
            .map(|k| {
                format!(
                    "part{k}: dense[{}, {}]",
                    1 + dice.below(3),
                    1 + dice.below(3)
                )
            })
            .collect();
        let plain = factors.join(" | ");
        let other = bracketed(&mut dice, &factors, "|");
        identical(&program, &plain, &other);
    }
}

#[test]
fn the_identity_is_a_unit_on_the_nose() {
    let program = load(BLOCKS);
    for f in [
        "a: dense[2, 3] >> bend",
        "(a: dense[2, 3] >> bend >> b: gate[3])",
        "(a: dense[2, 3] >> bend) >> (b: dense[3, 2] >> gate[2])",
    ] {
        identical(&program, f, &format!("{f} >> id"));
        identical(&program, f, &format!("id >> {f}"));
    }
    identical(
        &program,
        "a: dense[2, 3] >> bend >> dense[3, 1]",
        "a: dense[2, 3] >> id >> (id >> bend) >> (id >> dense[3, 1])",
    );
    // A factor's parameters stand under its name, those of a model alone do not.
    let (alone, text) = form(&program, "gate[4]");
    let (labelled, same) = form(&program, "gate[4] >> id");
    assert_eq!(text, same);
    assert_eq!((alone, labelled), (vec!["a".into()], vec!["gate.a".into()]));
}

#[test]
fn sequence_and_side_by_side_interchange() {
    let program = load(BLOCKS);
    equal(
        &program,
        "(f: dense[2, 3] >> g: dense[3, 1]) | (h: gate[2] >> k: dense[2, 4])",
        "(f: dense[2, 3] | h: gate[2]) >> (g: dense[3, 1] | k: dense[2, 4])",
    );
    equal(
        &program,
        "(f: dense[2, 3] >> bend) | (wave >> k: dense[2, 4])",
        "(f: dense[2, 3] | wave) >> (bend | k: dense[2, 4])",
    );
}

/// Composites side by side and in sequence in one expression, bracketed anew: also the numbers that
/// tell factors of one name apart stay the same.
#[test]
fn numbers_of_factors_do_not_depend_on_brackets() {
    let program = load(BLOCKS);
    let flat = "(dense[2, 3] | dense[2, 3] | dense[1, 1])";
    let nested = "((dense[2, 3] | dense[2, 3]) | dense[1, 1])";
    identical(&program, flat, nested);
    let (paths, _) = form(&program, nested);
    let weights = [
        "dense.w",
        "dense.b",
        "dense_2.w",
        "dense_2.b",
        "dense_3.w",
        "dense_3.b",
    ];
    assert_eq!(paths, weights);
}

/// Wires may be crossed and crossed back; crossing is natural.
#[test]
fn wires_may_be_crossed() {
    let program = load(BLOCKS);
    let two = "(f: dense[2, 3] | g: gate[2])";
    equal(&program, two, &format!("{two} >> swap >> swap"));
    equal(
        &program,
        &format!("wave >> fork >> {two} >> swap"),
        "wave >> fork >> swap >> (g: gate[2] | f: dense[2, 3])",
    );
}

/// Copying is natural in maps, and what is copied and forgotten was never copied.
#[test]
fn wires_may_be_copied_and_dropped() {
    let program = load(BLOCKS);
    equal(
        &program,
        "g: gate[3] >> bend >> copy",
        "g: gate[3] >> copy >> (bend | bend)",
    );
    equal(&program, "g: gate[3] >> copy", "g: gate[3] >> fork");
    equal(&program, "g: gate[3] >> copy", "g: gate[3] >> copy >> swap");
    equal(&program, "g: gate[3] >> copy >> left", "g: gate[3] >> id");
    equal(
        &program,
        "g: gate[3] >> copy >> join",
        "g: gate[3] >> double",
    );
}
