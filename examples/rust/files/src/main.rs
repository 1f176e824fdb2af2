//! A diary on the disk: adds a line at each run and prints what is there, using only the standard
//! library's files.
//!
//! Usage: files [DIRECTORY]   (default: /diary)

use std::env;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Appends a line and returns how many the diary then has, once they are durable.
fn write_entry(diary: &Path) -> io::Result<usize> {
    let mut file = OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .open(diary)?;
    let entries = BufReader::new(&file).lines().count();
    writeln!(file, "entry {}", entries + 1)?;
    file.sync_all()?;
    Ok(entries + 1)
}

/// Replaces a file as careful programs do: a new one is written aside, synced, and renamed over it.
fn replace(path: &Path, contents: &str) -> io::Result<()> {
    let aside = path.with_extension("new");
    let mut file = File::create(&aside)?;
    file.write_all(contents.as_bytes())?;
    file.sync_all()?;
    fs::rename(&aside, path)
}

fn last_bytes(path: &Path, count: u64) -> io::Result<String> {
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    file.seek(SeekFrom::Start(size.saturating_sub(count)))?;
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    Ok(text)
}

fn run(directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    let diary = directory.join("diary.txt");
    let entries = write_entry(&diary)?;
    replace(&directory.join("count.txt"), &format!("{entries}\n"))?;

    println!(
        "entries: {}",
        fs::read_to_string(directory.join("count.txt"))?.trim()
    );
    println!(
        "last: {}",
        last_bytes(&diary, 16)?.lines().last().unwrap_or("none")
    );
    let mut names: Vec<String> = fs::read_dir(directory)?
        .map(|entry| entry.map(|e| e.file_name().to_string_lossy().into_owned()))
        .collect::<io::Result<_>>()?;
    names.sort();
    println!("files: {}", names.join(" "));

    let missing = fs::read(directory.join("missing")).map_err(|error| error.kind());
    println!("reading a missing file: {missing:?}");
    let full = fs::remove_dir(directory).map_err(|error| error.kind());
    println!("removing a directory that is not empty: {full:?}");
    Ok(())
}

fn main() -> ExitCode {
    let directory = env::args()
        .nth(1)
        .map_or_else(|| PathBuf::from("/diary"), PathBuf::from);
    match run(&directory) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("files: {}: {error}", directory.display());
            ExitCode::FAILURE
        }
    }
}
