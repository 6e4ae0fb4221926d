//! Writes a configuration as TOML: the effective one with its origins, and the reference of all settings.

use std::fmt::Write;

use super::{
    Config, DESCRIPTIONS,
    section::{Description, Field, Sample},
    source::{Source, variable},
};

/// The effective configuration as TOML; a comment says where each value comes from. Secrets are masked.
pub fn effective(config: &Config, source: &Source) -> String {
    let mut out = String::new();
    for (description, values) in DESCRIPTIONS.iter().zip(config.shown()) {
        let _ = writeln!(out, "[{}]", description.name);
        for (field, value) in description.fields.iter().zip(values) {
            let _ = match value {
                Some(value) => {
                    writeln!(
                        out,
                        "{} = {value}  # {}",
                        field.name,
                        source.origin(description.name, field.name)
                    )
                }
                None => writeln!(out, "# {} is not set", field.name),
            };
        }
        out.push('\n');
    }
    out.truncate(out.trim_end().len());
    out + "\n"
}

/// The reference: every setting with its documentation, its default or an example, and its variable.
pub fn reference() -> String {
    let mut out = String::from(
        "# Every setting of Valetkey with its default. Written by `valetkey config reference`.\n#\n\
         # A line without `#` is the default; a line such as `# key = …` is an example of a setting that is not set.\n\
         # A setting can also come from the variable that is named above it, which wins over the file.\n",
    );
    for description in DESCRIPTIONS {
        section(&mut out, description);
    }
    out
}

fn section(out: &mut String, description: &Description) {
    out.push('\n');
    comment(out, description.doc);
    let _ = writeln!(out, "[{}]", description.name);
    for each in description.fields {
        out.push('\n');
        field(out, description.name, each);
    }
}

fn field(out: &mut String, section: &str, field: &Field) {
    comment(out, field.doc);
    let _ = writeln!(out, "# {}", variable(section, field.name));
    let text = field.sample.text();
    let value = (field.render)(text).unwrap_or_else(|reason| format!("{text:?}  # {reason}"));
    let _ = match field.sample {
        Sample::Default(_) => writeln!(out, "{} = {value}", field.name),
        Sample::Example(_) => writeln!(out, "# {} = {value}", field.name),
    };
}

fn comment(out: &mut String, doc: &[&str]) {
    for line in doc {
        let _ = writeln!(out, "#{}", line.trim_end());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_and_every_example_is_a_value_that_its_setting_takes() {
        for (section, field) in
            DESCRIPTIONS.iter().flat_map(|each| each.fields.iter().map(|field| (each.name, field)))
        {
            let rendered = (field.render)(field.sample.text());
            assert!(rendered.is_ok(), "{section}.{}: {rendered:?}", field.name);
        }
    }
}
