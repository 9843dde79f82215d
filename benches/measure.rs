//! How the measurements are made: everything that is compared takes turns in one thread, and medians are compared.
//!
//! On Linux the clock is that of the thread's CPU time, which stands still while the machine is busy with something
//! else.

use std::time::Duration;

/// What one thing took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Time {
    /// The median.
    pub median: Duration,
    /// How far apart the quartiles lie, as part of the median: above 0.1, the machine was busy with something else.
    pub spread: f64,
}

impl Time {
    /// In microseconds.
    #[must_use]
    pub fn micros(self) -> f64 {
        self.median.as_secs_f64() * 1e6
    }

    /// How many times as long as the other.
    #[must_use]
    pub fn ratio(self, other: Self) -> f64 {
        self.median.as_secs_f64() / other.median.as_secs_f64()
    }
}

/// Does each piece of work in turn, `rounds` times; a turn is `batch` times the work, so that the clock does not matter.
pub fn in_turns<const N: usize>(rounds: usize, batch: u32, mut works: [&mut dyn FnMut(); N]) -> [Time; N] {
    let mut times = [const { Vec::new() }; N];
    for round in 0..rounds.saturating_add(WARM_UP) {
        for (work, times) in works.iter_mut().zip(&mut times) {
            let started = clock();
            for _ in 0..batch {
                work();
            }
            if round >= WARM_UP {
                times.push(clock().saturating_sub(started) / batch);
            }
        }
    }
    times.map(|mut times: Vec<Duration>| {
        times.sort_unstable();
        let at = |part: usize| times.get(times.len() * part / 4).copied().unwrap_or_default();
        let median = at(2);
        Time {
            median,
            spread: (at(3).saturating_sub(at(1))).as_secs_f64() / median.as_secs_f64(),
        }
    })
}

const WARM_UP: usize = 3;

#[cfg(target_os = "linux")]
fn clock() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

#[cfg(not(target_os = "linux"))]
fn clock() -> Duration {
    static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    START.get_or_init(std::time::Instant::now).elapsed()
}
