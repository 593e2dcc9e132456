//! Tables are read as declared, or refused with the place.

use std::io::{self, Read};
use std::path::Path;

use lentil_runtime::csv::{Limits, read, read_from};
use lentil_runtime::table::{Column, ColumnType, Schema};
use proptest::prelude::*;

use crate::support::{Folder, category, parse, told};

fn schema() -> Schema {
    Schema::new([
        ("x", ColumnType::Real),
        ("n", ColumnType::Int),
        ("b", ColumnType::Bit),
        ("t", ColumnType::Bool),
        ("k", category(&["setosa", "virginica"])),
    ])
}

/// The error of a text with header `x,n,b,t,k`, or with its own if it has one.
fn error(text: impl AsRef<[u8]>) -> String {
    told(&parse(text, &schema()).unwrap_err())
}

fn row_error(row: &str) -> String {
    error(format!("x,n,b,t,k\n1,2,0,true,setosa\n{row}\n"))
}

#[test]
fn every_type_of_column_is_read_in_any_order() {
    let text = "\u{feff} k ,other,t,b,n,x\r\n\
                setosa,?,true,1,-7, 2.5 \r\n\
                \"virginica\",\"a,b\nc\",FALSE,0,9223372036854775807,-1e3\r\n";
    let table = parse(text, &schema()).unwrap();
    assert_eq!(table.rows, 2);
    assert_eq!(table.columns.len(), 5);
    assert_eq!(table.columns["x"], Column::Real(vec![2.5, -1000.0]));
    assert_eq!(table.columns["n"], Column::Int(vec![-7, i64::MAX]));
    assert_eq!(table.columns["b"], Column::Bit(vec![1, 0]));
    assert_eq!(table.columns["t"], Column::Bool(vec![1, 0]));
    assert_eq!(table.columns["k"], Column::Category(vec![0, 1]));
}

#[test]
fn a_last_line_without_an_end_counts() {
    let table = parse("x\n1\n2", &Schema::new([("x", ColumnType::Real)])).unwrap();
    assert_eq!(table.columns["x"], Column::Real(vec![1.0, 2.0]));
}

#[test]
fn missing_files() {
    let error = read(Path::new("no/such.csv"), &schema(), &Limits::default()).unwrap_err();
    assert_eq!(
        told(&error),
        "E0601: no/such.csv: there is no such file / paths are taken from the folder of the \
         program's file"
    );
}

#[test]
fn missing_columns() {
    assert_eq!(
        error("X,n,b,t,kind\n"),
        "E0602: t.csv: there is no column `k`; the columns are `X`, `n`, `b`, `t`, `kind`"
    );
    assert_eq!(
        error("X,n,b,t,k\n"),
        "E0602: t.csv: there is no column `x`; the columns are `X`, `n`, `b`, `t`, `k` / \
         did you mean `X`?"
    );
    assert_eq!(
        error("x;n;b;t;k\n1;2;0;true;setosa\n"),
        "E0602: t.csv: there is no column `b`; the columns are `x;n;b;t;k` / \
         the file is separated by semicolons; save it with commas"
    );
    assert_eq!(
        error("5.1,3.5,setosa\n"),
        "E0602: t.csv: there is no column `b`; the columns are `5.1`, `3.5`, `setosa` / \
         the first line looks like data, but must name the columns"
    );
}

#[test]
fn values_of_the_wrong_type() {
    assert_eq!(
        row_error("abc,2,0,true,setosa"),
        "E0603: t.csv, line 3 (row 2), column `x`: `abc` is not a number / \
         every value of the column must be a number"
    );
    assert_eq!(
        row_error("\"1,5\",2,0,true,setosa"),
        "E0603: t.csv, line 3 (row 2), column `x`: `1,5` is not a number / \
         write `1.5`, with a decimal point"
    );
    assert_eq!(
        row_error("1,2.5,0,true,setosa"),
        "E0603: t.csv, line 3 (row 2), column `n`: `2.5` is not a whole number / \
         declare the column as `Real`"
    );
    assert_eq!(
        row_error("1,9223372036854775808,0,true,setosa"),
        "E0603: t.csv, line 3 (row 2), column `n`: `9223372036854775808` is not a whole number / \
         declare the column as `Real`"
    );
    assert_eq!(
        row_error("1,2,2,true,setosa"),
        "E0603: t.csv, line 3 (row 2), column `b`: `2` is not a bit (0 or 1) / \
         every value of the column must be a bit (0 or 1)"
    );
    assert_eq!(
        row_error("1,2,0,yes,setosa"),
        "E0603: t.csv, line 3 (row 2), column `t`: `yes` is not true or false / \
         every value of the column must be true or false"
    );
}

#[test]
fn files_without_data() {
    let hint = "the first line names the columns, each line below it is one row";
    assert_eq!(
        error(""),
        format!("E0604: t.csv: the file is empty / {hint}")
    );
    assert_eq!(
        error("\n\n"),
        format!("E0604: t.csv: the file is empty / {hint}")
    );
    assert_eq!(
        error("x,n,b,t,k\n"),
        format!("E0604: t.csv: there is a header, but no row of data below it / {hint}")
    );
}

#[test]
fn rows_of_the_wrong_length() {
    assert_eq!(
        row_error("1,2,0"),
        "E0605: t.csv, line 3 (row 2): 3 values where the header names 5 columns / \
         add the missing values, or remove the line"
    );
    assert_eq!(
        row_error("1,2,0,true,setosa,"),
        "E0605: t.csv, line 3 (row 2): 6 values where the header names 5 columns / \
         a value that contains a comma must stand in double quotes"
    );
}

#[test]
fn text_in_another_encoding() {
    let hint = "save the file as UTF-8 (in a spreadsheet: CSV UTF-8)";
    assert_eq!(
        error(b"x,n,b,t,k\n1,2,0,true,set\xf6sa\n"),
        format!("E0606: t.csv, line 2, column `k`: not text in UTF-8 / {hint}")
    );
    let utf16: Vec<u8> = [0xfeff]
        .into_iter()
        .chain("x,n\n1,2\n".encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(
        error(utf16),
        format!("E0606: t.csv, line 1, column `1`: not text in UTF-8 / {hint}")
    );
    // What is not read need not be text.
    let only = Schema::new([("x", ColumnType::Real)]);
    assert_eq!(parse(b"x,y\n1,\xff\n", &only).unwrap().rows, 1);
}

#[test]
fn unknown_categories() {
    assert_eq!(
        row_error("1,2,0,true,Virginica"),
        "E0607: t.csv, line 3 (row 2), column `k`: `Virginica` is none of the categories \
         `setosa`, `virginica` / did you mean `virginica`?"
    );
    assert_eq!(
        row_error("1,2,0,true,rose"),
        "E0607: t.csv, line 3 (row 2), column `k`: `rose` is none of the categories \
         `setosa`, `virginica` / add it to the column's `Category[...]`, or correct the row"
    );
}

#[test]
fn numbers_that_are_not_finite() {
    for text in ["NaN", "inf", "-Infinity", "1e999"] {
        assert_eq!(
            row_error(&format!("{text},2,0,true,setosa")),
            format!(
                "E0608: t.csv, line 3 (row 2), column `x`: `{text}` is not a finite number / \
                 fill in a value, or remove the row"
            )
        );
    }
}

#[test]
fn values_left_out() {
    assert_eq!(
        row_error("1, ,0,true,setosa"),
        "E0609: t.csv, line 3 (row 2), column `n`: nothing stands where a whole number is wanted / \
         fill in a value, or remove the row"
    );
}

#[test]
fn columns_named_twice() {
    assert_eq!(
        error("x,n,b,x,t,k\n"),
        "E0610: t.csv: columns 1 and 4 are both named `x` / rename one of them"
    );
    let only = Schema::new([("n", ColumnType::Int)]);
    assert_eq!(parse("x,n,x\n1,2,3\n", &only).unwrap().rows, 1);
}

#[test]
fn files_that_cannot_be_read() {
    let folder = Folder::new("csv-unreadable");
    let error = read(&folder.file(""), &schema(), &Limits::default()).unwrap_err();
    assert_eq!(error.code(), "E0611");
    assert_eq!(error.hint().unwrap(), "is it a file, and may you read it?");

    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is gone"))
        }
    }
    let error = read_from(Broken, Path::new("t.csv"), &schema(), &Limits::default()).unwrap_err();
    assert_eq!(error.to_string(), "t.csv: the disk is gone");
}

#[test]
fn files_beyond_the_limits() {
    let limits = Limits {
        rows: 2,
        columns: 3,
        row_bytes: 100,
    };
    let only = Schema::new([("x", ColumnType::Real)]);
    let error = |text: &str| {
        told(&read_from(text.as_bytes(), Path::new("t.csv"), &only, &limits).unwrap_err())
    };
    let hint = "is a closing quote missing? Otherwise take a part of the file";
    assert_eq!(
        error("x\n1\n2\n3\n"),
        format!("E0612: t.csv: more than 2 rows / {hint}")
    );
    assert_eq!(
        error("x,a,b,c\n"),
        format!("E0612: t.csv: more than 3 columns / {hint}")
    );
    let unclosed = format!("x\n1\n\"{}", "2\n".repeat(200));
    assert_eq!(
        error(&unclosed),
        format!("E0612: t.csv: more than 100 bytes in the row at line 3 / {hint}")
    );
    // A text without end is refused too, and not only when memory runs out.
    let endless = read_from(
        io::repeat(b'"'),
        Path::new("t.csv"),
        &only,
        &Limits::default(),
    );
    assert_eq!(endless.unwrap_err().code(), "E0612");
}

#[test]
fn lines_are_counted_as_an_editor_does() {
    let only = Schema::new([("x", ColumnType::Real), ("note", category(&["a\nb"]))]);
    let line = |text: &str| {
        let message = parse(text, &only).unwrap_err().to_string();
        let start = message.find("line").unwrap();
        message[start..].split(',').next().unwrap().to_string()
    };
    assert_eq!(line("x,note\n?,\n"), "line 2 (row 1)");
    assert_eq!(line("x,note\r\n1,\"a\nb\"\r\n?,\r\n"), "line 4 (row 2)");
    assert_eq!(line("\n\nx,note\n\n\r\n1,\"a\nb\"\n\n?,"), "line 9 (row 2)");
    assert_eq!(line("x,note\n?,\"a\nb\"\n"), "line 2 (row 1)");
}

#[test]
fn foreign_text_cannot_disturb_a_terminal() {
    let long = "y".repeat(500);
    let message = parse(
        format!("x,n,b,t,k\n\u{1b}[2J{long},2,0,true,setosa\n"),
        &schema(),
    );
    let message = message.unwrap_err().to_string();
    assert!(
        !message.contains('\u{1b}') && message.chars().count() < 200,
        "{message}"
    );
}

proptest! {
    #[test]
    fn what_is_written_is_read(rows in prop::collection::vec((-1e9..1e9, any::<i64>(), 0..2u8, any::<bool>(), 0..2usize), 1..30)) {
        let classes = ["setosa", "virginica"];
        let mut text = String::from("k,t,b,n,x\n");
        for (x, n, b, t, k) in &rows {
            text += &format!("{},{t},{b},{n},{x:?}\n", classes[*k]);
        }
        let table = parse(text, &schema()).unwrap();
        prop_assert_eq!(&table.columns["x"], &Column::Real(rows.iter().map(|row| row.0).collect()));
        prop_assert_eq!(&table.columns["n"], &Column::Int(rows.iter().map(|row| row.1).collect()));
        prop_assert_eq!(&table.columns["b"], &Column::Bit(rows.iter().map(|row| row.2).collect()));
        prop_assert_eq!(&table.columns["t"], &Column::Bool(rows.iter().map(|row| u8::from(row.3)).collect()));
        prop_assert_eq!(&table.columns["k"], &Column::Category(rows.iter().map(|row| row.4 as u32).collect()));
    }

    #[test]
    fn any_bytes_give_a_table_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200), pieces in "[xnbtk,\"\r\n0-9. é]{0,80}") {
        let columns = Schema::new([("x", ColumnType::Real)]);
        for text in [bytes.as_slice(), pieces.as_bytes()] {
            if let Err(error) = parse([b"x\n", text].concat(), &columns) {
                prop_assert!(error.to_string().starts_with("t.csv"));
            }
        }
    }
}
