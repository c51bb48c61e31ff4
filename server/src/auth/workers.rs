//! Threads of low priority, for work that is meant to be expensive.
//!
//! Hashing passwords takes all of a core for tens of milliseconds at a time. On threads of ordinary priority, a storm of
//! sign-ins would share the cores evenly with everybody's lists; on these it gets what the lists leave. Waiting work is
//! taken first come, first served, and work nobody waits for any more is not begun. Deliberately absent: a limit on how
//! much may wait, which is for the caller to know.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
};
use tokio::sync::oneshot;

/// How far the threads stand back, from 0 (not at all) to 19: about a thirtieth of the time when everybody wants to run.
#[cfg(target_os = "linux")]
const NICE: i32 = 15;

type Job = Box<dyn FnOnce() + Send>;

/// The work was lost: a thread could not be started, or the work panicked.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the work was interrupted")]
pub struct Interrupted;

/// A fixed number of threads. They end when the last clone is dropped and nothing waits.
#[derive(Clone, Debug)]
pub struct Workers {
    jobs: Sender<Job>,
}

impl Workers {
    /// Starts that many threads.
    pub fn start(name: &str, threads: usize) -> Self {
        let (jobs, waiting) = channel::<Job>();
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..threads {
            let waiting = Arc::clone(&waiting);
            if let Err(error) = thread::Builder::new().name(name.to_owned()).spawn(move || work(&waiting)) {
                tracing::error!(error = %error, "a thread for {name} could not be started");
            }
        }
        Self { jobs }
    }

    /// Runs `job` on one of the threads and waits for what it answers.
    pub async fn run<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Result<T, Interrupted> {
        let (answer, answered) = oneshot::channel();
        let job = move || {
            if !answer.is_closed() {
                // Whoever asked may have left meanwhile.
                let _ = answer.send(job());
            }
        };
        self.jobs.send(Box::new(job)).map_err(|_| Interrupted)?;
        answered.await.map_err(|_| Interrupted)
    }
}

fn work(waiting: &Mutex<Receiver<Job>>) {
    step_back();
    loop {
        // Held while waiting, so that one thread waits for work and the others for this lock.
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        if catch_unwind(AssertUnwindSafe(job)).is_err() {
            tracing::error!("background work panicked");
        }
    }
}

#[cfg(target_os = "linux")]
fn step_back() {
    // On Linux a thread's id names just that thread here. Refused only in odd sandboxes, where nothing is lost but speed.
    if let Err(error) = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICE) {
        tracing::debug!(error = %error, "the priority of a thread could not be lowered");
    }
}

#[cfg(not(target_os = "linux"))]
fn step_back() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_is_done_and_a_panic_costs_only_itself() {
        let workers = Workers::start("test", 1);
        assert_eq!(workers.run(|| 6 * 7).await.unwrap(), 42);
        assert!(workers.run(|| -> u8 { panic!("on purpose") }).await.is_err());
        assert_eq!(workers.run(|| "still here").await.unwrap(), "still here");
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn the_threads_stand_back() {
        let nice = |_| rustix::process::getpriority_process(Some(rustix::thread::gettid())).unwrap();
        let here = nice(());
        let there = Workers::start("test", 1).run(move || nice(())).await.unwrap();
        assert!(there > here || here == 19, "{there} is not below {here}");
    }
}
