/// Keeps notes.
impl<D: Db> Notes<D> {
    const MOST: usize = 200;
    #[allow(
        clippy::missing_const_for_fn,
        clippy::needless_pass_by_value,
        clippy::too_many_arguments
    )]
    /// Add a note
    pub async fn add(&self, text: String, who: Identity) -> Result<NoteRef, Error> {
        self.db.add(who, text).await
    }
    #[allow(
        clippy::missing_const_for_fn,
        clippy::needless_pass_by_value,
        clippy::too_many_arguments
    )]
    /// Count all notes
    fn count(self: Arc<Self>) -> usize {
        self.db.count()
    }
    #[allow(
        clippy::missing_const_for_fn,
        clippy::needless_pass_by_value,
        clippy::too_many_arguments
    )]
    /// One note
    fn note(&self, id: u64) -> Option<String> {
        self.db.note(id)
    }
    #[allow(
        clippy::missing_const_for_fn,
        clippy::needless_pass_by_value,
        clippy::too_many_arguments
    )]
    fn ids(&self, typed: &str) -> Vec<String> {
        self.db.ids(typed)
    }
    fn helper(&self) {
        self.db.tidy();
    }
}
#[allow(deprecated, unused, unused_qualifications, clippy::all, clippy::pedantic)]
const _: () = {
    use ::mcp_core::__private::{
        self as __mcp, Holding as _, Infallible as _, Unseen as _,
    };
    #[automatically_derived]
    impl<D: Db> __mcp::OneMcpServerBlockPerType for Notes<D>
    where
        Self: ::core::marker::Send + ::core::marker::Sync + 'static,
    {
        fn offer(self: ::std::sync::Arc<Self>) -> __mcp::Offer {
            __mcp::Offer::new()
                .instructions("Manage notes")
                .tools([
                    {
                        let mut __declared = __mcp::Declaration::default();
                        let __p0 = __mcp::param::<
                            String,
                            _,
                        >(
                            &mut __declared,
                            __mcp::Argument::new("text").max_len(Self::MOST),
                        );
                        let __p1 = __mcp::param::<
                            Identity,
                            _,
                        >(&mut __declared, __mcp::Argument::new("who"));
                        let __me = ::core::clone::Clone::clone(&self);
                        let __split = |__returned: Result<NoteRef, Error>| {
                            let __returned = __mcp::Returned(__returned);
                            let __known = (&__returned).known();
                            __returned.value_or_failure(__known)
                        };
                        let (__output, __shape, __answer) = __mcp::tool_output(__split);
                        __mcp::Tool::builder("add")
                            .description("Add a note")
                            .destructive(false)
                            .declared(__declared)
                            .output(__shape, __output)
                            .invoke(move |mut __arguments| {
                                let (__a0, __a1) = (
                                    __mcp::Slot::take(&__p0, &mut __arguments),
                                    __mcp::Slot::take(&__p1, &mut __arguments),
                                );
                                __arguments.finish()?;
                                let (__mcp::Some(__a0), __mcp::Some(__a1)) = (__a0, __a1)
                                else {
                                    return __mcp::Err(__mcp::Unfit::incomplete());
                                };
                                __mcp::Ok({
                                    let __me = ::core::clone::Clone::clone(&__me);
                                    __mcp::Reply::pending(async move {
                                        __answer(
                                            __split(Self::add(&__me, __a0, __a1).await),
                                            __shape,
                                        )
                                    })
                                })
                            })
                    },
                    {
                        let mut __declared = __mcp::Declaration::default();
                        let __me = ::core::clone::Clone::clone(&self);
                        let __split = |__returned: usize| {
                            let __returned = __mcp::Returned(__returned);
                            let __known = (&__returned).known();
                            __returned.value_or_failure(__known)
                        };
                        let (__output, __shape, __answer) = __mcp::tool_output(__split);
                        __mcp::Tool::builder("count")
                            .description("Count all notes")
                            .declared(__declared)
                            .output(__shape, __output)
                            .invoke(move |mut __arguments| {
                                __arguments.finish()?;
                                __mcp::Ok({
                                    let __me = ::core::clone::Clone::clone(&__me);
                                    __mcp::Reply::pending(async move {
                                        __answer(
                                            __split(__mcp::blocking(move || Self::count(__me)).await),
                                            __shape,
                                        )
                                    })
                                })
                            })
                    },
                ])
                .resources([
                    {
                        let mut __declared = __mcp::Declaration::default();
                        let __p0 = __mcp::param::<
                            u64,
                            _,
                        >(&mut __declared, __mcp::Argument::new("id"));
                        let __me = ::core::clone::Clone::clone(&self);
                        let __split = |__returned: Option<String>| {
                            let __returned = __mcp::Returned(__returned);
                            let __known = (&__returned).known();
                            __returned.value_or_failure(__known)
                        };
                        let (__mime, __answer) = __mcp::resource_output(
                            __mcp::None,
                            __split,
                        );
                        __mcp::Resource::builder("note://{id}", "note")
                            .description("One note")
                            .cache(__mcp::Cache {
                                ttl: ::core::time::Duration::from_millis(60000u64),
                                scope: __mcp::CacheScope::Public,
                            })
                            .declared(__declared)
                            .output(__mime)
                            .invoke(move |mut __arguments, __uri| {
                                let (__a0,) = (__mcp::Slot::take(&__p0, &mut __arguments),);
                                __arguments.finish()?;
                                let (__mcp::Some(__a0),) = (__a0,) else {
                                    return __mcp::Err(__mcp::Unfit::incomplete());
                                };
                                __mcp::Ok(
                                    __mcp::Reply::ready(
                                        __answer(__split(Self::note(&__me, __a0)), &__uri, __mime),
                                    ),
                                )
                            })
                    },
                ])
                .completions([
                    {
                        let mut __declared = __mcp::Declaration::default();
                        let __me = ::core::clone::Clone::clone(&self);
                        let __split = |__returned: Vec<String>| {
                            let __returned = __mcp::Returned(__returned);
                            let __known = (&__returned).known();
                            __returned.value_or_failure(__known)
                        };
                        let __answer = __mcp::completion_output(__split);
                        __mcp::Completion::declared(
                            __mcp::Reference::Template(
                                ::core::convert::Into::into("note://{id}"),
                            ),
                            "id",
                            __declared,
                            move |mut __arguments, __request| {
                                __arguments.finish()?;
                                __mcp::Ok(
                                    __mcp::Reply::ready(
                                        __answer(
                                            __split(
                                                Self::ids(
                                                    &__me,
                                                    <&str as __mcp::Typed<'_>>::typed(&__request),
                                                ),
                                            ),
                                        ),
                                    ),
                                )
                            },
                        )
                    },
                ])
        }
    }
};
