// Within parentheses a function's name can be nothing but a type, and the compiler says so.

/// The tools of these functions, in this order.
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
#[macro_export]
macro_rules! tools {
    ($($tool:path),* $(,)?) => {{
        const LIST: &[$crate::__private::Listed] = &[$($crate::__private::listed::<($tool)>()),*];
        const _: () = ::core::assert!(
            $crate::__private::are_distinct(LIST),
            "two tools of this list have the same name",
        );
        $crate::__private::tools(LIST)
    }};
}

/// The resources and resource templates of these functions, in this order.
#[macro_export]
macro_rules! resources {
    ($($resource:path),* $(,)?) => {
        ::std::vec::Vec::<$crate::Resource>::from(
            [$($crate::__private::resource::<($resource)>()),*],
        )
    };
}

/// The prompts of these functions, in this order.
#[macro_export]
macro_rules! prompts {
    ($($prompt:path),* $(,)?) => {
        ::std::vec::Vec::<$crate::Prompt>::from(
            [$($crate::__private::prompt::<($prompt)>()),*],
        )
    };
}

/// The completions of these functions.
#[macro_export]
macro_rules! completions {
    ($($completion:path),* $(,)?) => {
        ::std::vec::Vec::<$crate::Completion>::from(
            [$($crate::__private::completion::<($completion)>()),*],
        )
    };
}
