//! A folder for each test, and the command in it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// A folder of a test's own, empty at first.
pub struct Folder {
    path: PathBuf,
}

/// What a run left.
#[derive(Debug)]
pub struct Run {
    /// The exit code.
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// As Ctrl-C in the terminal where it runs.
pub fn interrupt(child: &Child) {
    signal(child, "-INT");
}

/// A signal, as `kill` names it.
pub fn signal(child: &Child, name: &str) {
    let kill = Command::new("kill")
        .args([name, &child.id().to_string()])
        .status();
    assert!(kill.expect("kill runs").success());
}

impl Folder {
    pub fn new(name: &str) -> Folder {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a folder");
        Folder { path }
    }

    /// With the examples and their data in it.
    pub fn with_examples(name: &str) -> Folder {
        let folder = Folder::new(name);
        fs::create_dir(folder.at("data")).expect("a folder");
        for file in [
            "iris.lentil",
            "iris_bits.lentil",
            "iris_deep.lentil",
            "data/iris.csv",
            "data/iris_uci.csv",
        ] {
            let from = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("../../examples")
                .join(file);
            fs::copy(from, folder.at(file)).expect("an example");
        }
        folder
    }

    pub fn at(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    pub fn write(&self, name: &str, contents: impl AsRef<[u8]>) {
        let path = self.at(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, contents).expect("a file");
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.at(name)).unwrap_or_else(|why| panic!("{name}: {why}"))
    }

    /// The names of all files, in order.
    pub fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.path).expect("the folder");
        let name = |entry: std::io::Result<fs::DirEntry>| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("a name")
        };
        let mut names: Vec<String> = entries.map(name).collect();
        names.sort();
        names
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lentil"));
        command
            .args(args)
            .current_dir(&self.path)
            .env("XDG_STATE_HOME", self.at("state"))
            .stdin(Stdio::null());
        command
    }

    /// The command, running, with pipes to it and from it.
    pub fn started(&self, args: &[&str]) -> Child {
        let mut command = self.command(args);
        let piped = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        piped.spawn().expect("the command runs")
    }

    /// Runs the command, whose output nobody reads; that must be no error.
    pub fn unread(&self, args: &[&str]) {
        let mut child = self.started(args);
        drop(child.stdout.take());
        let run = Run::of(child.wait_with_output().expect("it ends"));
        assert_eq!((run.code, run.err.as_str()), (0, ""));
    }

    /// Runs the command to its end.
    pub fn run(&self, args: &[&str]) -> Run {
        let run = Run::of(self.command(args).output().expect("the command runs"));
        assert!(!run.err.contains("internal error"), "{args:?}: {}", run.err);
        run
    }

    /// Runs the command with a text on its standard input.
    pub fn given(&self, args: &[&str], input: &str) -> Run {
        let mut child = self.started(args);
        let mut pipe = child.stdin.take().expect("a pipe");
        pipe.write_all(input.as_bytes()).expect("the input is read");
        drop(pipe);
        Run::of(child.wait_with_output().expect("it ends"))
    }

    /// Runs the command, which has to succeed; gives its output.
    pub fn ok(&self, args: &[&str]) -> String {
        let run = self.run(args);
        assert_eq!(run.code, 0, "{args:?}: {}{}", run.out, run.err);
        run.out
    }

    /// Runs the command, which has to be refused; gives the complaint.
    pub fn refused(&self, args: &[&str]) -> String {
        let run = self.run(args);
        assert_eq!(run.code, 1, "{args:?}: {}{}", run.out, run.err);
        assert!(
            !run.err.contains('\x1b'),
            "no colour off a terminal: {:?}",
            run.err
        );
        run.err
    }
}

impl Run {
    pub fn of(output: Output) -> Run {
        let text = |bytes| String::from_utf8(bytes).expect("text");
        Run {
            code: output.status.code().unwrap_or(-1),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }
}
