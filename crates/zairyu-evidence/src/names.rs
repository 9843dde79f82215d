//! Enums whose values have stable names.

/// Defines an enum together with its stable names: `as_str`, `from_name`, and serde by name, where an unknown name is
/// an error.
macro_rules! named {
    ($(#[$of_enum:meta])* pub enum $Enum:ident { $($(#[$of_value:meta])* $Value:ident = $name:literal,)* }) => {
        $(#[$of_enum])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "&'static str")]
        pub enum $Enum { $($(#[$of_value])* $Value,)* }

        impl $Enum {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$Value,)*];

            /// The stable name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$Value => $name,)* }
            }

            /// Looks a stable name up. `None` for a name that this version does not know.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == name)
            }
        }

        impl From<$Enum> for &'static str {
            fn from(value: $Enum) -> Self {
                value.as_str()
            }
        }

        impl TryFrom<String> for $Enum {
            type Error = &'static str;

            fn try_from(name: String) -> Result<Self, Self::Error> {
                Self::from_name(&name).ok_or(concat!("unknown name of ", stringify!($Enum)))
            }
        }
    };
}

pub(crate) use named;
