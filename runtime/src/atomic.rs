//! Writing a file so that its name always means a whole file: the old one, or the new one.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Writes beside `path` under a name of its own, waits until the bytes are on the disk, and takes
/// the name over. If anything fails, what `path` named before is as it was, and nothing is left
/// beside it. A link stays one: the file that it leads to is replaced.
pub fn write(
    path: &Path,
    contents: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let path = &target(path)?;
    let (beside, mut file) = create_beside(path)?;
    let written = contents(&mut file).and_then(|()| file.sync_all());
    // Some systems do not rename a file that is open.
    drop(file);
    let done = written.and_then(|()| fs::rename(&beside, path));
    if done.is_err() {
        // The first failure is the one to report.
        let _ = fs::remove_file(&beside);
        return done;
    }
    sync_folder(path);
    Ok(())
}

/// The file that a name stands for, or will stand for: a regular file in a folder that is there.
///
/// # Errors
/// If there is something else of that name (a folder, a device), or no folder to hold it.
pub fn target(path: &Path) -> io::Result<PathBuf> {
    let refused = |what: &str| Err(io::Error::new(io::ErrorKind::InvalidInput, what));
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => refused("it is a folder"),
        Ok(found) if !found.is_file() => refused("it is not an ordinary file"),
        Ok(_) => fs::canonicalize(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let folder = match path.parent() {
                Some(folder) if !folder.as_os_str().is_empty() => folder,
                _ => Path::new("."),
            };
            match fs::metadata(folder) {
                Ok(found) if found.is_dir() => Ok(path.to_path_buf()),
                Ok(_) => refused("its folder is a file"),
                Err(error) => Err(error),
            }
        }
        Err(error) => Err(error),
    }
}

/// Whether a file of this name could be written now, and be put in the place of one that is there.
///
/// # Errors
/// As [`target`], and if the folder takes no new file.
pub fn writable(path: &Path) -> io::Result<PathBuf> {
    let path = target(path)?;
    let (beside, file) = create_beside(&path)?;
    drop(file);
    fs::remove_file(&beside)?;
    Ok(path)
}

/// A new file next to `path`, under a name that no other process or thread has taken.
fn create_beside(path: &Path) -> io::Result<(PathBuf, File)> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let Some(name) = path.file_name() else {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "not the name of a file",
        ));
    };
    loop {
        let mut beside = OsString::from(".");
        beside.push(name);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        beside.push(format!(".{}-{number}.tmp", std::process::id()));
        let beside = path.with_file_name(beside);
        match OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&beside)
        {
            Ok(file) => return Ok((beside, file)),
            // Left by a process of the same number that was killed.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

/// Makes the new name itself durable, where folders can be synchronised.
fn sync_folder(path: &Path) {
    if cfg!(unix) {
        let folder = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        // The file is complete and named by now, so a folder that cannot be opened or
        // synchronised (some file systems refuse) is no failure of the write.
        if let Ok(folder) = File::open(folder) {
            let _ = folder.sync_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("lentil-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn listing(folder: &Path) -> Vec<OsString> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_write_that_fails_half_way_leaves_the_old_file_alone() {
        let folder = folder("half");
        let path = folder.join("net.safetensors");
        write(&path, |file| file.write_all(b"old")).unwrap();
        let failed = write(&path, |file| {
            file.write_all(b"half of the n")?;
            Err(io::Error::other("no room"))
        });
        assert_eq!(failed.unwrap_err().to_string(), "no room");
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(listing(&folder), ["net.safetensors"]);
        write(&path, |file| file.write_all(b"new")).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(listing(&folder), ["net.safetensors"]);
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_name_that_cannot_be_taken_leaves_nothing_behind() {
        let folder = folder("taken");
        let path = folder.join("net");
        fs::create_dir(&path).unwrap();
        fs::write(path.join("inside"), b"x").unwrap();
        assert!(write(&path, |file| file.write_all(b"new")).is_err());
        assert_eq!(listing(&folder), ["net"]);
        assert!(write(&folder.join("none").join("net"), |_| Ok(())).is_err());
        fs::remove_dir_all(&folder).unwrap();
    }
}
