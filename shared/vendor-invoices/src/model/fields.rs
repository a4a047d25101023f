//! The declaration of objects and enumerations.

/// Declares an object of the model: its type, how it is read and how it is written.
///
/// `one` is a field that is there once, `many` a list. Then follow its name in retail procurement and in direct
/// fulfillment: `must "name"`, `may "name"` or `none`.
macro_rules! wire_object {
    ($(
        $(#[$doc:meta])*
        pub struct $object:ident {
            $(
                $(#[$field_doc:meta])*
                $count:ident $field:ident: $type:ty, retail $rp:ident $($rn:literal)?, direct $dp:ident $($dn:literal)?;
            )*
        }
    )*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        pub struct $object {
            $(
                $(#[$field_doc])*
                pub $field: $crate::model::fields::counted!($count $type),
            )*
        }

        impl $crate::model::Wire for $object {
            const EXPECTED: &'static str = "an object";

            fn read(node: &$crate::node::Node, form: &mut $crate::form::Form) -> Option<Self> {
                let fields = form.object(node, &[$($crate::model::fields::presence!($rp $($rn)?, $dp $($dn)?)),*])?;
                Some(Self {
                    $($field: form.$count(fields, $crate::model::fields::presence!($rp $($rn)?, $dp $($dn)?)),)*
                })
            }

            fn write(&self, style: $crate::model::Style) -> serde_json::Value {
                let mut object = serde_json::Map::new();
                $($crate::model::fields::$count(
                    &mut object,
                    $crate::model::fields::borrowed!($count self.$field),
                    $crate::model::fields::presence!($rp $($rn)?, $dp $($dn)?),
                    style,
                );)*
                serde_json::Value::Object(object)
            }
        }
    )*};
}

/// Declares an enumeration: each value with its name in both APIs, or in one of them.
macro_rules! wire_enum {
    ($(
        $(#[$doc:meta])*
        pub enum $enum:ident {
            $( $(#[$value_doc:meta])* $value:ident $($api:ident $name:literal)+; )*
        }
    )*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $enum {
            $( $(#[$value_doc])* $value, )*
        }

        impl $enum {
            /// All values.
            pub const ALL: &[Self] = &[$(Self::$value),*];

            /// Amazon's exact name in an API, `None` where it does not have this value.
            pub const fn name(self, api: $crate::api::Api) -> Option<&'static str> {
                let (retail, direct) = match self {
                    $(Self::$value => $crate::model::fields::names!($($api $name)+),)*
                };
                match api {
                    $crate::api::Api::Retail => retail,
                    $crate::api::Api::DirectFulfillment => direct,
                }
            }

            /// The value of this name.
            pub fn named(name: &str, api: $crate::api::Api) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.name(api) == Some(name))
            }
        }
    )*};
}

/// The names of a value in the two APIs.
macro_rules! names {
    (both $name:literal) => {
        (Some($name), Some($name))
    };
    (retail $name:literal) => {
        (Some($name), None)
    };
    (direct $name:literal) => {
        (None, Some($name))
    };
    (retail $retail:literal direct $direct:literal) => {
        (Some($retail), Some($direct))
    };
}

/// The type of a field.
macro_rules! counted {
    (one $type:ty) => { Option<$type> };
    (many $type:ty) => { Vec<$type> };
}

/// A field as the functions below take it.
macro_rules! borrowed {
    (one $this:ident.$field:ident) => {
        $this.$field.as_ref()
    };
    (many $this:ident.$field:ident) => {
        &$this.$field
    };
}

/// The names of a field.
macro_rules! presence {
    ($rp:ident $($rn:literal)?, $dp:ident $($dn:literal)?) => {
        $crate::model::Presence {
            retail: $crate::model::fields::field!($rp $($rn)?),
            direct: $crate::model::fields::field!($dp $($dn)?),
        }
    };
}

macro_rules! field {
    (must $name:literal) => {
        $crate::model::Field::Must($name)
    };
    (may $name:literal) => {
        $crate::model::Field::May($name)
    };
    (none) => {
        $crate::model::Field::Absent
    };
}

pub(crate) use {borrowed, counted, field, names, presence, wire_enum, wire_object};

use serde_json::{Map, Value};

use super::{Presence, Style, Wire};

/// Writes a field that is there once.
pub(crate) fn one<T: Wire>(object: &mut Map<String, Value>, field: Option<&T>, presence: Presence, style: Style) {
    if let (Some(value), Some(name)) = (field, presence.name(style.api)) {
        object.insert(name.to_owned(), value.write(style));
    }
}

/// Writes a list; an empty one is left out.
pub(crate) fn many<T: Wire>(object: &mut Map<String, Value>, field: &[T], presence: Presence, style: Style) {
    if let (false, Some(name)) = (field.is_empty(), presence.name(style.api)) {
        object.insert(name.to_owned(), Value::Array(field.iter().map(|value| value.write(style)).collect()));
    }
}
