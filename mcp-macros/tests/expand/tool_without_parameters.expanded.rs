#[allow(
    clippy::missing_const_for_fn,
    clippy::needless_pass_by_value,
    clippy::too_many_arguments
)]
/// Say when
fn now() {
    println!("now");
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
struct now {}
#[allow(deprecated, unused, unused_qualifications, clippy::all, clippy::pedantic)]
const _: () = {
    use ::mcp_core::__private::{
        self as __mcp, Holding as _, Infallible as _, Unseen as _,
    };
    #[automatically_derived]
    impl __mcp::ToolFn for now {
        const NAME: &'static ::core::primitive::str = "now";
        fn tool() -> __mcp::Tool {
            let mut __declared = __mcp::Declaration::default();
            let __split = |__returned: ()| {
                let __returned = __mcp::Returned(__returned);
                let __known = (&__returned).known();
                __returned.value_or_failure(__known)
            };
            let (__output, __shape, __answer) = __mcp::tool_output(__split);
            __mcp::Tool::builder("now")
                .description("Say when")
                .declared(__declared)
                .output(__shape, __output)
                .invoke(move |mut __arguments| {
                    __arguments.finish()?;
                    __mcp::Ok(__mcp::Reply::ready(__answer(__split(now()), __shape)))
                })
        }
    }
};
