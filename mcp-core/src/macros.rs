//! Lists of functions. Within parentheses the name of one can be nothing but that of its type, and the
//! compiler says so.

/// The tools of these functions, in this order; methods are registered by
/// `#[mcp_server]`.
///
/// ```
/// use mcp_core::prelude::*;
///
/// mod arithmetic {
///     use mcp_core::prelude::*;
///
///     /// Add two numbers
///     #[mcp_tool]
///     pub fn add(a: i64, b: i64) -> i64 {
///         a + b
///     }
/// }
///
/// assert_eq!(tools![arithmetic::add].len(), 1);
/// assert_eq!(arithmetic::add(1, 2), 3);
/// ```
///
/// One that is there under a condition only is listed under it, in any of the four lists:
///
/// ```
/// use mcp_core::prelude::*;
///
/// /// Delete everything
/// #[cfg(feature = "admin")]
/// #[mcp_tool(destructive)]
/// fn wipe() {}
///
/// /// Count the books
/// #[mcp_tool(read_only)]
/// fn count() -> u64 {
///     3
/// }
///
/// assert_eq!(tools![count, #[cfg(feature = "admin")] wipe].len(), 1);
/// ```
#[macro_export]
macro_rules! tools {
    ($($(#[$cfg:meta])* $tool:path),* $(,)?) => {{
        const LIST: &[$crate::__private::Listed] = &[$($(#[$cfg])* $crate::__private::listed::<($tool)>()),*];
        const _: () = ::core::assert!(
            $crate::__private::are_distinct(LIST),
            "two tools of this list have the same name",
        );
        $crate::__private::tools(LIST)
    }};
}

/// The resources and resource templates of these functions, in this order.
///
/// ```
/// use mcp_core::prelude::*;
///
/// /// How to use the library
/// #[mcp_resource("docs://readme")]
/// fn readme() -> &'static str {
///     "Be quiet."
/// }
///
/// assert_eq!(resources![readme].len(), 1);
/// ```
#[macro_export]
macro_rules! resources {
    ($($(#[$cfg:meta])* $resource:path),* $(,)?) => {
        ::std::vec::Vec::<$crate::Resource>::from(
            [$($(#[$cfg])* $crate::__private::resource::<($resource)>()),*],
        )
    };
}

/// The prompts of these functions, in this order.
///
/// ```
/// use mcp_core::prelude::*;
///
/// /// Ask for a review
/// #[mcp_prompt]
/// fn review(title: String) -> String {
///     format!("Review {title}.")
/// }
///
/// assert_eq!(prompts![review].len(), 1);
/// ```
#[macro_export]
macro_rules! prompts {
    ($($(#[$cfg:meta])* $prompt:path),* $(,)?) => {
        ::std::vec::Vec::<$crate::Prompt>::from(
            [$($(#[$cfg])* $crate::__private::prompt::<($prompt)>()),*],
        )
    };
}

/// The completions of these functions.
///
/// ```
/// use mcp_core::prelude::*;
///
/// /// One book
/// #[mcp_resource("book://{title}")]
/// fn book(title: String) -> String {
///     title
/// }
///
/// #[mcp_complete(book, title)]
/// fn titles(typed: &str) -> Vec<&'static str> {
///     ["Emma", "Persuasion"].into_iter().filter(|title| title.starts_with(typed)).collect()
/// }
///
/// assert_eq!(completions![titles].len(), 1);
/// ```
#[macro_export]
macro_rules! completions {
    ($($(#[$cfg:meta])* $completion:path),* $(,)?) => {
        ::std::vec::Vec::<$crate::Completion>::from(
            [$($(#[$cfg])* $crate::__private::completion::<($completion)>()),*],
        )
    };
}
