//! Blocks of any type, and methods of any form.
use std::{fmt::Display, marker::PhantomData, sync::Arc};

use mcp_core::{Ctx, Offer, Service, prelude::*};

struct Plain;

/// Documented, and of a type that is not generic.
#[mcp_server]
impl Plain {
    #![allow(clippy::unused_self)]

    /// The default of `step`
    pub const STEP: u32 = 2;

    /// Nothing at all
    #[mcp_tool]
    pub fn nothing(&self) {}

    /// Something
    #[mcp_tool]
    pub(crate) async fn something(&self, #[arg(default = Self::STEP)] step: u32, _: Ctx) -> u32 {
        step
    }

    /// By a path
    #[mcp_core::mcp_tool]
    #[must_use]
    fn by_a_path(&self) -> u32 {
        1
    }

    /// By a path that begins at a crate
    #[::mcp_core::mcp_resource("plain://{id}")]
    fn by_a_long_path(&self, id: String) -> String {
        id
    }

    /// Anything else
    const OTHER: [u8; 2] = { [1, 2] };

    fn helper(&self) -> usize {
        Self::OTHER.len() + Self::braced()
    }

    macros! {}

    const fn braced() -> usize {
        3
    }

    /// After all that
    #[mcp_tool]
    fn helped(self: &Self) -> usize {
        self.helper()
    }
}

macro_rules! macros {
    () => {};
}
use macros;

#[derive(Clone)]
struct Everything<T, const N: usize>
where
    T: ?Sized,
{
    names: [&'static str; N],
    of: PhantomData<fn(T)>,
}

/// Something to be generic in.
trait Named: Send + Sync + 'static {
    const NAME: &'static str;
    type Number: Display + Default;
}

struct Ours;

impl Named for Ours {
    const NAME: &'static str = "ours";
    type Number = u8;
}

#[mcp_server(instructions = T::NAME)]
impl<T, const N: usize> Everything<T, N>
where
    T: Named + ?Sized,
    T::Number: Send,
{
    /// By reference
    #[mcp_tool]
    async fn borrowed(&self, #[arg(max = N as i64)] index: usize) -> Option<&'static str> {
        self.names.get(index).copied()
    }

    /// Shared
    #[mcp_tool(blocking)]
    fn shared(self: Arc<Self>, index: usize) -> Result<String, String> {
        let name = self.names.get(index).ok_or("none")?;
        Ok(format!("{name} {}", T::Number::default()))
    }

    /// Shared by somebody else
    #[mcp_tool]
    async fn by_reference_to_a_share(self: &Arc<Self>) -> usize {
        Arc::strong_count(self).min(1)
    }

    /// Of nobody
    #[mcp_tool(name = "associated")]
    fn of_nobody(more: usize) -> usize {
        N + more
    }

    /// Of nobody, and later
    #[mcp_resource("names://count")]
    async fn count() -> String {
        N.to_string()
    }

    /// A word that Rust keeps for itself
    #[mcp_prompt]
    fn r#type(&self, r#struct: String) -> String {
        format!("{} {}", r#struct, T::NAME)
    }

    #[mcp_complete(r#type, r#struct)]
    fn by_name(&self, typed: &str) -> Vec<&'static str> {
        let names = self.names.iter().copied();
        names.filter(|name| name.starts_with(typed)).collect()
    }

    /// Several words
    #[mcp_prompt]
    fn words(&self, r#struct: String, r#enum: String, __me: String) -> String {
        r#struct + &r#enum + &__me
    }

    #[mcp_complete(Self::words, enum)]
    async fn by_a_word(self: Arc<Self>, _: String) -> Vec<String> {
        vec![self.names.concat()]
    }

    #[mcp_complete(words, "__me", blocking)]
    fn by_text(typed: &mcp_core::CompleteRequest) -> Result<Vec<String>, ToolError> {
        Ok(vec![typed.value().to_owned()])
    }
}

struct Lent<'t>(&'t str);

#[mcp_server]
impl Lent<'static> {
    /// What there is
    #[mcp_tool]
    async fn what(&self) -> &'static str {
        self.0
    }

    /// What there is, much later
    #[mcp_tool(blocking)]
    fn later(self: Arc<Self>) -> &'static str {
        self.0
    }
}

/// A type and a method of one name, and a method like what is emitted.
#[allow(non_camel_case_types)]
struct offer;

#[mcp_server]
impl offer {
    /// A name that the trait has, too
    #[mcp_tool]
    fn offer(&self, __me: u32, __arguments: u32, __p0: u32, __a0: u32) -> u32 {
        __me + __arguments + __p0 + __a0
    }
}

mod inner {
    use mcp_core::prelude::*;

    pub struct Hidden(pub(super) u8);

    #[mcp_server]
    impl Hidden {
        /// Private, and registered
        #[mcp_tool]
        fn hidden(&self) -> u8 {
            self.0
        }
    }
}

macro_rules! counter {
    ($(#[$attr:meta])* $vis:vis $name:ident, $value:expr) => {
        struct $name;

        #[mcp_server(instructions = "counts")]
        impl $name {
            $(#[$attr])*
            #[mcp_tool(timeout = "1s", tags("a"))]
            $vis fn count(&self, #[arg(default = $value)] by: u32) -> u32 {
                by
            }
        }
    };
}

counter! {
    /// Count
    pub Counter, 3
}

fn is_fine(service: impl Service) {
    let server = Server::new("blocks", "1").service(service).build();
    assert!(server.is_ok(), "{server:?}");
}

fn main() {
    let _: Offer = Arc::new(Plain).offer();
    is_fine(Plain);
    is_fine(Everything::<Ours, 2> {
        names: ["a", "b"],
        of: PhantomData,
    });
    is_fine(Lent("x"));
    is_fine(offer);
    is_fine(inner::Hidden(1));
    is_fine(Counter);
    assert_eq!(Plain.by_a_path(), 1);
    assert_eq!(offer.offer(1, 2, 3, 4), 10);
}
