//! Parameter files: what is written is read, and nothing else is believed.

use std::collections::BTreeMap;
use std::path::Path;

use lentil_runtime::RuntimeError;
use lentil_runtime::params::{About, ParameterFile};
use lentil_unary::carrier::{Carrier, Type};
use lentil_unary::value::{Array, Data};
use proptest::prelude::*;

use crate::support::{Folder, array, strings, tensors, told};

fn example() -> ParameterFile {
    ParameterFile {
        tensors: tensors([
            (
                "hidden.w",
                array(Carrier::F32, &[2, 3], &[1.5, -2.0, 0.0, 3.0, 1e-30, 7.0]),
            ),
            ("hidden.b", array(Carrier::F64, &[2], &[0.1, -0.2])),
            ("step", array(Carrier::Int, &[], &[41.0])),
            ("table", array(Carrier::Bit, &[4], &[1.0, 0.0, 0.0, 1.0])),
            ("mask", array(Carrier::Bool, &[2], &[1.0, 0.0])),
            ("residue", array(Carrier::Mod(97), &[2], &[96.0, 3.0])),
            ("nothing", array(Carrier::F32, &[0, 4], &[])),
        ]),
        about: Some(About {
            seed: u64::MAX,
            epoch: 60,
            program: "3f".to_string(),
            classes: [("species".to_string(), strings(&["setosa", "ví\"r"]))].into(),
            input: "[a, b]".to_string(),
            target: "one_hot(species)".to_string(),
        }),
    }
}

fn types(file: &ParameterFile) -> BTreeMap<String, Type> {
    file.tensors
        .iter()
        .map(|(name, array)| (name.clone(), array.ty().clone()))
        .collect()
}

/// The error of reading these bytes.
fn error(bytes: &[u8]) -> String {
    let folder = Folder::new(&format!(
        "params-{:x}",
        bytes.len() + bytes.iter().map(|&b| b as usize).sum::<usize>()
    ));
    let path = folder.file("net");
    std::fs::write(&path, bytes).unwrap();
    let message = told(&ParameterFile::read(&path).unwrap_err());
    message.replace(path.to_str().unwrap(), "net")
}

/// A file with a header and so many zero bytes of data.
fn raw(header: &str, data: &[u8]) -> Vec<u8> {
    [
        &(header.len() as u64).to_le_bytes(),
        header.as_bytes(),
        data,
    ]
    .concat()
}

#[test]
fn what_is_written_is_read() {
    let folder = Folder::new("params-round");
    let path = folder.file("net.safetensors");
    example().write(&path).unwrap();
    let read = ParameterFile::read(&path).unwrap();
    assert_eq!(read, example());
    assert_eq!(read.check(&path, &types(&example()), &[]), Ok(()));
    let unnamed = ParameterFile {
        about: None,
        ..example()
    };
    unnamed.write(&path).unwrap();
    assert_eq!(ParameterFile::read(&path).unwrap(), unnamed);
    assert_eq!(folder.names(), ["net.safetensors"]);
}

#[test]
fn equal_parameters_make_equal_files() {
    let folder = Folder::new("params-equal");
    let bytes = |name: &str| {
        example().write(&folder.file(name)).unwrap();
        std::fs::read(folder.file(name)).unwrap()
    };
    let first = bytes("a");
    assert!((0..8).all(|_| bytes("b") == first));
}

#[test]
fn floats_keep_their_bits() {
    let folder = Folder::new("params-bits");
    let path = folder.file("net");
    let bits = [0x7fc0_0001, 0x8000_0000, 0x0000_0001, 0xff80_0000];
    let floats = bits.map(f32::from_bits).to_vec();
    let array = Array::new(Type::array(Carrier::F32, [4]), Data::F32(floats));
    ParameterFile {
        tensors: tensors([("w", array)]),
        about: None,
    }
    .write(&path)
    .unwrap();
    let read = ParameterFile::read(&path).unwrap();
    let Data::F32(floats) = read.tensors["w"].data() else {
        panic!("not f32")
    };
    assert!(floats.iter().map(|x| x.to_bits()).eq(bits));
}

#[test]
fn all_that_does_not_match_is_told() {
    let file = example();
    let mut expected = types(&file);
    expected.insert("hidden.w".to_string(), Type::array(Carrier::F32, [3, 2]));
    expected.insert("hidden.b".to_string(), Type::array(Carrier::F32, [2]));
    expected.remove("mask");
    expected.insert("masks".to_string(), Type::array(Carrier::Bool, [2]));
    expected.remove("step");
    let errors = file.check(Path::new("net"), &expected, &[]).unwrap_err();
    let told: Vec<String> = errors.iter().map(told).collect();
    let expected_errors = [
        "E0704: net: `hidden.b` is over f64, the program wants f32 / \
         compile over the carrier that the file was trained with, or train again",
        "E0703: net: `hidden.w` has shape [2, 3], the program wants [3, 2] / \
         use the sizes that the file was trained with, or train again",
        "E0701: net: parameter `masks` is missing / \
         the file was saved by another model; train this one again",
        "E0702: net: the program has no parameter `mask` / \
         was it renamed? The program has `masks`, which the file lacks",
        "E0702: net: the program has no parameter `step` / \
         the file was saved by another model; train this one again",
    ];
    assert_eq!(told, expected_errors);
    let ignored = file
        .check(Path::new("net"), &expected, &["st"])
        .unwrap_err();
    assert_eq!(ignored.len(), 4);
}

#[test]
fn of_much_that_is_wrong_the_first_few_are_named() {
    let file = ParameterFile {
        tensors: BTreeMap::new(),
        about: None,
    };
    let expected = |n: usize| -> BTreeMap<String, Type> {
        let path = |k| (format!("w{k:03}"), Type::array(Carrier::F32, [2]));
        (0..n).map(path).collect()
    };
    let wrong = |n| file.check(Path::new("net"), &expected(n), &[]).unwrap_err();
    assert_eq!(wrong(6).len(), 6);
    let many = wrong(600);
    assert_eq!(many.len(), 6);
    assert_eq!(
        told(&many[5]),
        "E0702: net: 595 more parameters are not as the program has them / \
         is it the file of another learner? `--params` says which file, `--learner` whose"
    );
}

#[test]
fn missing_and_unreadable_files() {
    assert_eq!(
        told(&ParameterFile::read(Path::new("no/such")).unwrap_err()),
        "E0601: no/such: there is no such file / train the learner first; that writes the file"
    );
    let folder = Folder::new("params-folder");
    let error = ParameterFile::read(&folder.file("")).unwrap_err();
    assert_eq!(error.code(), "E0611");
    assert!(
        error.to_string().ends_with(": this is not a file"),
        "{error}"
    );
}

#[test]
fn files_of_other_kinds() {
    let hint = "parameters are kept in `.safetensors` files";
    for short in [&b""[..], b"x", b"12345678"] {
        assert_eq!(
            error(short),
            format!("E0706: net: the file is too short to hold parameters / {hint}")
        );
    }
    assert_eq!(
        error(b"sepal_length,sepal_width\n5.1,3.5\n"),
        format!(
            "E0706: net: the file does not begin with a header of the safetensors format / {hint}"
        )
    );
}

#[test]
fn damaged_files() {
    let hint = "take another copy of the file, or train again";
    let told = |cause: &str| format!("E0705: net: {cause} / {hint}");
    let huge = [&u64::MAX.to_le_bytes()[..], b"{}"].concat();
    assert_eq!(
        error(&huge),
        told("the header of 18446744073709551615 bytes does not fit the file")
    );
    let none = [&0u64.to_le_bytes()[..], b"{}"].concat();
    assert_eq!(
        error(&none),
        told("the header of 0 bytes does not fit the file")
    );
    assert_eq!(
        error(&raw("{nonsense", &[])),
        told("the header cannot be read: key must be a string at line 1 column 2")
    );
    assert_eq!(
        error(&raw("{}", &[0])),
        told("0 bytes of parameters are announced, 1 follow")
    );
    let wide = r#"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#;
    assert_eq!(
        error(&raw(wide, &[0; 4])),
        told("8 bytes of parameters are announced, 4 follow")
    );
    let nested = format!("{{\"a\":{}", "[".repeat(10_000));
    assert!(error(&raw(&nested, &[])).starts_with("E0705: net: the header cannot be read"));
    let overflow = r#"{"w":{"dtype":"F32","shape":[4611686018427387904,4611686018427387904],"data_offsets":[0,8]}}"#;
    assert!(error(&raw(overflow, &[0; 8])).starts_with("E0705"));
    for about in [
        "5",
        "{",
        r#"{"format":1}"#,
        r#"{"format":1,"about":null,"carriers":{"w":"mod0"}}"#,
    ] {
        let header = serde_json::json!({ "__metadata__": { "lentil": about } }).to_string();
        let message = error(&raw(&header, &[]));
        assert!(
            message.starts_with("E0705: net: the header's `lentil`"),
            "{message}"
        );
    }
}

#[test]
fn storage_and_elements_that_no_carrier_has() {
    let tensor = |dtype: &str, bytes: usize, carrier: &str| {
        let about = serde_json::json!({
            "format": 1,
            "about": null,
            "carriers": serde_json::from_str::<serde_json::Value>(carrier).unwrap(),
        });
        serde_json::json!({
            "__metadata__": { "lentil": about.to_string(), "format": "pt" },
            "w": { "dtype": dtype, "shape": [2], "data_offsets": [0, bytes] },
        })
        .to_string()
    };
    let hint = "store it as F32, F64 or I64";
    assert_eq!(
        error(&raw(&tensor("F16", 4, "{}"), &[0; 4])),
        format!("E0707: net: `w` is stored as F16, which no carrier is / {hint}")
    );
    assert_eq!(
        error(&raw(&tensor("U8", 2, r#"{"w":"mod3"}"#), &[0; 2])),
        format!(
            "E0707: net: `w` is stored as U8 and said to be over mod3, which no carrier is / {hint}"
        )
    );
    let hint = "train again, or correct the file";
    assert_eq!(
        error(&raw(&tensor("U8", 2, r#"{"w":"bit"}"#), &[1, 2])),
        format!("E0709: net: element 1 of `w` is 2, neither 0 nor 1 / {hint}")
    );
    assert_eq!(
        error(&raw(&tensor("BOOL", 2, "{}"), &[7, 0])),
        format!("E0709: net: element 0 of `w` is 7, neither 0 nor 1 / {hint}")
    );
    assert_eq!(
        error(&raw(
            &tensor("U32", 8, r#"{"w":"mod3"}"#),
            &[2, 0, 0, 0, 3, 0, 0, 0]
        )),
        format!("E0709: net: element 1 of `w` is 3, not below 3 / {hint}")
    );
}

#[test]
fn files_of_a_later_version() {
    let header = r#"{"__metadata__":{"lentil":"{\"format\":2}"}}"#;
    assert_eq!(
        error(&raw(header, &[])),
        "E0711: net: format 2, but only formats up to 1 are understood / \
         use the version of Lentil that wrote it, or a later one"
    );
}

#[test]
fn files_that_cannot_be_written() {
    let folder = Folder::new("params-unwritable");
    let error = example().write(&folder.file("none/net")).unwrap_err();
    assert_eq!(error.code(), "E0708");
    assert_eq!(
        error.hint().unwrap(),
        "is the folder there, is there room, and may you write to it?"
    );
    let reserved = tensors([("__metadata__", array(Carrier::F32, &[], &[0.0]))]);
    let reserved = ParameterFile {
        tensors: reserved,
        about: None,
    };
    assert_eq!(
        told(&reserved.write(Path::new("net")).unwrap_err()),
        "E0710: net: no parameter can be saved under the path `__metadata__` / \
         give the parameter another name"
    );
    assert!(folder.names().is_empty() && !Path::new("net").exists());
}

#[test]
fn a_failed_write_leaves_the_older_file() {
    let folder = Folder::new("params-older");
    let path = folder.file("net");
    example().write(&path).unwrap();
    let mut spoilt = example();
    spoilt
        .tensors
        .insert("__metadata__".to_string(), array(Carrier::F32, &[], &[0.0]));
    assert!(matches!(
        spoilt.write(&path),
        Err(RuntimeError::ReservedPath { .. })
    ));
    assert_eq!(ParameterFile::read(&path).unwrap(), example());
}

proptest! {
    /// Whatever byte is changed and wherever the file is cut, reading gives parameters or an error.
    #[test]
    fn damage_is_never_fatal(position in 0usize..2000, byte: u8, cut in 0usize..2000) {
        let folder = Folder::new("params-damage");
        let path = folder.file("net");
        example().write(&path).unwrap();
        let whole = std::fs::read(&path).unwrap();
        let mut changed = whole.clone();
        let position = position % whole.len();
        changed[position] = byte;
        std::fs::write(&path, &changed).unwrap();
        if let Err(error) = ParameterFile::read(&path) {
            prop_assert!(changed != whole);
            prop_assert!(error.code().starts_with("E07"), "{error}");
        }
        let cut = cut % whole.len();
        std::fs::write(&path, &whole[..cut]).unwrap();
        let error = ParameterFile::read(&path).unwrap_err();
        prop_assert!(matches!(error.code(), "E0705" | "E0706"), "{error}");
    }
}
