//! How long files and functions are, how much is documented, how many packages are locked.
//!
//! Reads the formatted source as text: a function ends at the closing brace with its own indentation, and tests
//! begin at `#[cfg(test)]`. Generated code is left out.

use std::{error::Error, fs, path::Path};

/// The most that a figure may be, and where it stands.
struct Budget {
    what: &'static str,
    is: usize,
    at_most: usize,
}

#[derive(Default)]
struct Figures {
    files: Vec<(usize, String)>,
    functions: Vec<usize>,
    public: usize,
    documented: usize,
}

/// Prints the figures; fails where one is over its budget.
pub(crate) fn check() -> Result<(), Box<dyn Error>> {
    let mut figures = Figures::default();
    for root in ["crates", "xtask", "bench"] {
        visit(Path::new(root), &mut figures)?;
    }
    figures.files.sort();
    figures.functions.sort_unstable();
    let lines: Vec<usize> = figures.files.iter().map(|(lines, _)| *lines).collect();
    let locked = fs::read_to_string("Cargo.lock")?.matches("[[package]]").count();
    let budgets = [
        Budget { what: "file, median lines", is: at(&lines, 50), at_most: 120 },
        Budget { what: "file, 90 % at most", is: at(&lines, 90), at_most: 320 },
        Budget { what: "file, longest", is: at(&lines, 100), at_most: 600 },
        Budget { what: "function, median lines", is: at(&figures.functions, 50), at_most: 8 },
        Budget { what: "function, 90 % at most", is: at(&figures.functions, 90), at_most: 35 },
        Budget { what: "function, longest", is: at(&figures.functions, 100), at_most: 100 },
        Budget {
            what: "public items without documentation, %",
            is: 100 * (figures.public - figures.documented) / figures.public.max(1),
            at_most: 10,
        },
        Budget { what: "packages locked", is: locked, at_most: 420 },
    ];
    print(&budgets, figures.files.last());
    let over: Vec<&str> =
        budgets.iter().filter(|budget| budget.is > budget.at_most).map(|budget| budget.what).collect();
    if over.is_empty() { Ok(()) } else { Err(format!("over budget: {}", over.join("; ")).into()) }
}

#[expect(clippy::print_stdout, reason = "the figures are the result of this command")]
fn print(budgets: &[Budget], longest: Option<&(usize, String)>) {
    for Budget { what, is, at_most } in budgets {
        println!("{what:<40} {is:>6}   at most {at_most}");
    }
    if let Some((_, file)) = longest {
        println!("the longest file is {file}");
    }
}

fn at(sorted: &[usize], percent: usize) -> usize {
    let last = sorted.len().saturating_sub(1);
    sorted.get(last * percent / 100).copied().unwrap_or_default()
}

fn visit(path: &Path, figures: &mut Figures) -> Result<(), Box<dyn Error>> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    if path.is_dir() {
        if ["gen", "tests", "target", "examples"].contains(&name) {
            return Ok(());
        }
        for entry in fs::read_dir(path)? {
            visit(&entry?.path(), figures)?;
        }
    } else if path.extension().is_some_and(|extension| extension == "rs") && !name.contains("test") {
        let text = fs::read_to_string(path)?;
        let lines: Vec<&str> = text.lines().take_while(|line| !line.starts_with("#[cfg(test)]")).collect();
        figures.files.push((lines.len(), path.display().to_string()));
        measure(&lines, figures);
    }
    Ok(())
}

fn measure(lines: &[&str], figures: &mut Figures) {
    for (at, line) in lines.iter().enumerate() {
        let code = line.trim_start();
        let indentation = line.len() - code.len();
        let item = code.strip_prefix("pub ");
        if item.is_some_and(|item| !item.starts_with("mod ") && !item.starts_with("use ")) {
            figures.public += 1;
            let above = lines[..at].iter().rev().map(|line| line.trim_start());
            let documented = above.take_while(|line| !line.is_empty()).find(|line| !line.starts_with("#["));
            figures.documented += usize::from(documented.is_some_and(|line| line.starts_with("///")));
        }
        let words = code.split_whitespace().take(5);
        let is_function =
            words.take_while(|word| !word.contains('(')).any(|word| word == "fn") && !code.starts_with("//");
        let head = lines[at..].iter().find(|line| line.ends_with(['{', ';', '}']));
        if is_function && head.is_some_and(|head| !head.ends_with(';')) {
            let closing = format!("{}}}", " ".repeat(indentation));
            let length = lines[at..].iter().position(|line| **line == closing).map_or(1, |end| end + 1);
            figures.functions.push(if code.ends_with('}') { 1 } else { length });
        }
    }
}
