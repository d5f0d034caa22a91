//! Where a test runs.

use tokio::runtime::Builder;

/// Runs a test on a runtime of its own, of one thread.
///
/// # Panics
/// When the test does, or the system has no runtime to give.
pub fn block_on<F: Future>(test: F) -> F::Output {
    match Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(test),
        Err(error) => panic!("no runtime to test on: {error}"),
    }
}
