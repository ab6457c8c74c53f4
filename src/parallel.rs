//! Work on each item of a list, done on all cores.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::cancellation::STACK;

/// Most threads: what each of them works on is in memory at the same time.
const MAX_THREADS: usize = 8;

/// The results of some work on each item, in the order of the items. Where no thread can be started, this one does it all.
pub(crate) fn map<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let others = cores.min(MAX_THREADS).min(items.len()).saturating_sub(1);
    let next = AtomicUsize::new(0);
    let take_turns = || {
        let turn = || {
            let at = next.fetch_add(1, Ordering::Relaxed);
            Some((at, work(items.get(at)?)))
        };
        std::iter::from_fn(turn).collect::<Vec<_>>()
    };
    let mut results = thread::scope(|scope| {
        let start = |_| thread::Builder::new().stack_size(STACK).spawn_scoped(scope, take_turns).ok();
        let started: Vec<_> = (0..others).filter_map(start).collect();
        let mut results = take_turns();
        for other in started {
            results.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        results
    });
    results.sort_unstable_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_worked_on_once_and_the_order_is_kept() {
        for length in [0, 1, 2, 1_000] {
            let items: Vec<usize> = (0..length).collect();
            let calls = AtomicUsize::new(0);
            let doubled = map(&items, |item| {
                calls.fetch_add(1, Ordering::Relaxed);
                // The first items take longest.
                thread::sleep(std::time::Duration::from_micros((length - item) as u64 / 10));
                item * 2
            });
            assert_eq!((doubled, calls.into_inner()), (items.iter().map(|item| item * 2).collect(), length));
        }
    }
}
