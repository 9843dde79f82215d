//! How much memory the code under test may hold.

use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

pub(crate) const KIB: usize = 1024;

/// Does the work, and fails if it held more than `limit` bytes at any time beside what was held before.
pub(crate) fn within<T>(limit: usize, work: impl FnOnce() -> T) -> T {
    ALLOCATOR.reset_peak_usage();
    let before = ALLOCATOR.current_usage();
    let result = work();
    let peak = ALLOCATOR.peak_usage().saturating_sub(before);
    assert!(peak <= limit, "{peak} bytes held where {limit} are allowed");
    result
}
