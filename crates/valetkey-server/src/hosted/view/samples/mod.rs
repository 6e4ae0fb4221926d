//! Every page in every shape: for the tests that check all of them, and to look at
//! (`cargo run -p valetkey-server --example hosted_samples`).

mod pages;

use askama::Template;

use super::{ConnectedPage, LeavePage, NoticePage, ProblemPage, StartPage};

/// One rendered page.
#[derive(Clone, Debug)]
pub struct Sample {
    /// What it shows, as a file name: lower-case letters, digits and `-`.
    pub name: String,
    /// The page.
    pub html: String,
}

/// All samples of all pages.
///
/// # Errors
/// A template that does not render.
pub fn samples() -> Result<Vec<Sample>, askama::Error> {
    let mut all = Vec::new();
    render("start", StartPage::samples(), &mut all)?;
    render("connected", ConnectedPage::samples(), &mut all)?;
    render("leave", LeavePage::samples(), &mut all)?;
    render("notice", NoticePage::samples(), &mut all)?;
    render("problem", ProblemPage::samples(), &mut all)?;
    Ok(all)
}

fn render<T: Template>(
    page: &str,
    contexts: Vec<(&str, T)>,
    all: &mut Vec<Sample>,
) -> Result<(), askama::Error> {
    for (shape, context) in contexts {
        all.push(Sample { name: format!("{page}-{shape}"), html: context.render()? });
    }
    Ok(())
}
