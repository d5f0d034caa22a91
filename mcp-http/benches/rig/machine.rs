//! The machine: what it is, how fast it is just now, and who runs where.

use std::{fs, hint::black_box, time::Duration};

/// What it is, in one line.
pub(crate) fn description() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let cpuinfo = read("/proc/cpuinfo");
    let model = cpuinfo
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("unknown processor", |rest| {
            rest.trim_start_matches([' ', '\t', ':'])
        });
    let processors = cpuinfo.lines().filter(|line| line.starts_with("processor"));
    let cores = processors.count();
    let kernel = read("/proc/sys/kernel/osrelease");
    let load = read("/proc/loadavg");
    let load = load.split(' ').next().unwrap_or_default();
    format!(
        "{model}, {cores} cores, Linux {}, load {load}",
        kernel.trim()
    )
}

/// Who runs on which core.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Side {
    Load = 0,
    Server = 1,
}

/// Moves this thread, and those that it will start, to the core of one side. Where there is none, or it
/// is not to be had, nothing moves.
pub(crate) fn run_on(side: Side) {
    #[cfg(target_os = "linux")]
    {
        let mut set = rustix::thread::CpuSet::new();
        set.set(side as usize);
        let _ = rustix::thread::sched_setaffinity(None, &set);
    }
}

/// How long a fixed piece of work takes here and now, in CPU time of this thread.
///
/// A neighbour on the host slows the machine without a trace in its counters; what was measured
/// between two of these can be corrected by them.
pub(crate) fn spin() -> Duration {
    let before = thread_time();
    let mut state = black_box(0x9e37_79b9_7f4a_7c15_u64);
    for _ in 0..400_000 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
    }
    black_box(state);
    thread_time() - before
}

/// CPU time of this thread. `/proc` would tell what it was at the scheduler's last look.
#[cfg(target_os = "linux")]
pub(crate) fn thread_time() -> Duration {
    use rustix::time::{ClockId, clock_gettime};

    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        time.tv_sec.try_into().unwrap_or_default(),
        time.tv_nsec.try_into().unwrap_or_default(),
    )
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn thread_time() -> Duration {
    panic!("CPU time is read as Linux tells it")
}
