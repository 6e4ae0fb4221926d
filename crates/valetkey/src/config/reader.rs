//! Turns the text of one section into its types and notes what is wrong.

use super::{
    section::{Field, Sample, Section},
    source::{Origin, Source, variable},
    value::{Raw, Setting},
};

/// Reads the settings of one section.
pub struct Reader<'a> {
    section: &'static str,
    fields: &'static [Field],
    source: &'a Source,
    problems: &'a mut Vec<String>,
}

impl<'a> Reader<'a> {
    /// Reads a whole section; `None` where something is wrong, which is added to `problems`.
    pub fn section<S: Section>(source: &'a Source, problems: &'a mut Vec<String>) -> Option<S> {
        let description = S::DESCRIPTION;
        S::read(&mut Reader { section: description.name, fields: description.fields, source, problems })
    }

    /// Reads one setting of the section.
    pub fn setting<T: Setting>(&mut self, key: &'static str) -> Option<T> {
        let sample = self.fields.iter().find(|field| field.name == key).map(|field| field.sample);
        let (raw, origin) = match (self.source.get(self.section, key), sample) {
            (Some((raw, origin)), _) => (raw.clone(), origin.clone()),
            (None, Some(Sample::Default(text))) => (Raw::Text(text.to_owned()), Origin::Default),
            (None, sample) => {
                return T::absent().or_else(|| self.missing(key, sample.map_or("", Sample::text)));
            }
        };
        T::read(&raw)
            .inspect_err(|reason| {
                self.problems.push(format!("{}.{key} {reason}; it is set in {origin}", self.section));
            })
            .ok()
    }

    fn missing<T>(&mut self, key: &str, example: &str) -> Option<T> {
        let section = self.section;
        let variable = variable(section, key);
        self.problems.push(format!(
            "{section}.{key} is not set; set it in the configuration file or in {variable}, for example to \"{example}\""
        ));
        None
    }
}
