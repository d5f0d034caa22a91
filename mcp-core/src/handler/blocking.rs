//! Functions that wait for a disk or another lock, on threads that may.

use crate::limit::slots::Slot;

/// Runs a function on a thread that may wait, and waits for it. What is dropped meanwhile runs on.
///
/// # Panics
/// With the function's own panic.
pub async fn blocking<T: Send + 'static>(function: impl FnOnce() -> T + Send + 'static) -> T {
    let slot = Slot::held();
    let held = move || {
        // A call that was given up keeps its place while its thread is busy.
        let _slot = slot;
        function()
    };
    match tokio::task::spawn_blocking(held).await {
        Ok(returned) => returned,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // Aborted with its runtime: nobody polls this any more.
            Err(_) => std::future::pending().await,
        },
    }
}
