//! What a section of the configuration is, and the macro that declares one.

use super::{reader::Reader, value::Setting};

/// One setting, as its declaration says.
pub struct Field {
    /// Its key within the section.
    pub name: &'static str,
    /// Its documentation, line by line.
    pub doc: &'static [&'static str],
    /// What holds when it is not set, or how it could be set.
    pub sample: Sample,
    /// Writes the sample as TOML.
    pub render: fn(&str) -> Result<String, String>,
}

/// The text beside a setting's type.
#[derive(Clone, Copy)]
pub enum Sample {
    /// The value that holds when the setting is not set.
    Default(&'static str),
    /// A value that shows the form.
    Example(&'static str),
}

impl Sample {
    /// The text.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Default(text) | Self::Example(text) => text,
        }
    }
}

/// One section, as its declaration says.
pub struct Description {
    /// Its name: the TOML table, and the first word of its variables.
    pub name: &'static str,
    /// Its documentation, line by line.
    pub doc: &'static [&'static str],
    /// Its settings, in the order of the declaration.
    pub fields: &'static [Field],
}

/// A part of the configuration about one subject. Declared with [`section!`]; what must hold between its settings
/// is in [`Check`].
pub trait Section: Sized {
    /// What is declared.
    const DESCRIPTION: Description;

    /// Reads every setting; `None` where one has no usable value, which the reader has noted.
    fn read(reader: &mut Reader<'_>) -> Option<Self>;

    /// Every setting as TOML, in the order of the declaration; `None` where it is not set.
    fn shown(&self) -> Vec<Option<String>>;
}

/// What must hold beyond the form of each value. Reads the files that are named, so that `config check` finds what
/// `serve` would.
pub trait Check {
    /// One sentence for each thing that is wrong, each of which says what to set.
    fn problems(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Renders `text` as a setting of type `T` is written in TOML.
pub fn render<T: Setting>(text: &str) -> Result<String, String> {
    T::read(&super::value::Raw::Text(text.to_owned())).map(|value| value.show().unwrap_or_default())
}

/// Declares a section: its struct, its documentation and how it is read, in one place.
///
/// ```ignore
/// section! {
///     /// What the section is about.
///     server: Server {
///         /// What the setting does.
///         listen: SocketAddr [Default "127.0.0.1:8443"],
///         /// A setting that may be absent, with an example of its form.
///         plain_listen: Option<SocketAddr> [Example "127.0.0.1:8080"],
///     }
/// }
/// ```
macro_rules! section {
    (
        $(#[doc = $about:literal])+
        $key:ident: $name:ident {
            $( $(#[doc = $doc:literal])+ $field:ident: $type:ty [$kind:ident $sample:literal], )+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug)]
        pub struct $name {
            $( $(#[doc = $doc])+ pub $field: $type, )+
        }

        impl $crate::config::section::Section for $name {
            const DESCRIPTION: $crate::config::section::Description = $crate::config::section::Description {
                name: stringify!($key),
                doc: &[$($about),+],
                fields: &[$($crate::config::section::Field {
                    name: stringify!($field),
                    doc: &[$($doc),+],
                    sample: $crate::config::section::Sample::$kind($sample),
                    render: $crate::config::section::render::<$type>,
                }),+],
            };

            fn read(reader: &mut $crate::config::reader::Reader<'_>) -> Option<Self> {
                $( let $field = reader.setting::<$type>(stringify!($field)); )+
                Some(Self { $($field: $field?),+ })
            }

            fn shown(&self) -> Vec<Option<String>> {
                vec![$($crate::config::value::Setting::show(&self.$field)),+]
            }
        }
    };
}

pub(super) use section;
