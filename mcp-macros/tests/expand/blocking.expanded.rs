#[allow(
    clippy::missing_const_for_fn,
    clippy::needless_pass_by_value,
    clippy::too_many_arguments
)]
/// Hash a file
fn hash(path: String) -> Result<String, io::Error> {
    Ok(digest(&fs::read(path)?))
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
struct hash {}
#[allow(deprecated, unused, unused_qualifications, clippy::all, clippy::pedantic)]
const _: () = {
    use ::mcp_core::__private::{
        self as __mcp, Holding as _, Infallible as _, Unseen as _,
    };
    #[automatically_derived]
    impl __mcp::ToolFn for hash {
        const NAME: &'static ::core::primitive::str = "hash";
        fn tool() -> __mcp::Tool {
            let mut __declared = __mcp::Declaration::default();
            let __p0 = __mcp::param::<
                String,
                _,
            >(&mut __declared, __mcp::Argument::new("path"));
            let __split = |__returned: Result<String, io::Error>| {
                let __returned = __mcp::Returned(__returned);
                let __known = (&__returned).known();
                __returned.value_or_failure(__known)
            };
            let (__output, __shape, __answer) = __mcp::tool_output(__split);
            __mcp::Tool::builder("hash")
                .description("Hash a file")
                .requires_auth()
                .declared(__declared)
                .output(__shape, __output)
                .invoke(move |mut __arguments| {
                    let (__a0,) = (__mcp::Slot::take(&__p0, &mut __arguments),);
                    __arguments.finish()?;
                    let (__mcp::Some(__a0),) = (__a0,) else {
                        return __mcp::Err(__mcp::Unfit::incomplete());
                    };
                    __mcp::Ok(
                        __mcp::Reply::pending(async move {
                            __answer(
                                __split(__mcp::blocking(move || hash(__a0)).await),
                                __shape,
                            )
                        }),
                    )
                })
        }
    }
};
