#[allow(
    clippy::missing_const_for_fn,
    clippy::needless_pass_by_value,
    clippy::too_many_arguments
)]
pub fn add(a: i64, b: &i64) -> i64 {
    a + b
}
#[doc(hidden)]
#[allow(
    dead_code,
    missing_debug_implementations,
    non_camel_case_types,
    unnameable_types,
    unreachable_pub,
    clippy::exhaustive_structs
)]
pub struct add {}
#[allow(deprecated, unused, unused_qualifications, clippy::all, clippy::pedantic)]
const _: () = {
    use ::mcp_core::__private::{
        self as __mcp, Holding as _, Infallible as _, Unseen as _,
    };
    #[automatically_derived]
    impl __mcp::ToolFn for add {
        const NAME: &'static ::core::primitive::str = "add";
        fn tool() -> __mcp::Tool {
            loop {}
        }
    }
};
::core::compile_error! {
    "unknown key `titel`; expected one of: name, title, description, icon, meta, requires_auth, scopes, timeout, tags, blocking, ident, crate, read_only, destructive, idempotent, open_world, strict, rate_limit, max_timeout, concurrency"
}
::core::compile_error! {
    "a parameter cannot be borrowed: take it by value, or `State<T>` for what the server holds"
}
::core::compile_error! {
    "document this function: its doc comment (`/// …`) is what the model reads"
}
