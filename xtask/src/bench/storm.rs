//! What a list notices of a storm of sign-ins: its slowest answers with and without one.
//!
//! Hashing a password is meant to be expensive, so fifty sign-ins a second ask for a whole core. Lists are asked for at a
//! steady pace, the way people do, so that waiting shows as waiting; the sign-ins keep their pace too, half of them with
//! a wrong password. Quiet and stormy rounds take turns.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};

use super::load::{Connection, Request};

const ROUNDS: usize = 4;
const ROUND: Duration = Duration::from_secs(3);
/// Connections that ask for the list, and how often each does.
const READERS: u32 = 4;
const READ_EVERY: Duration = Duration::from_millis(40);
/// Sign-ins tried per second.
const SIGN_INS: u32 = 50;
/// How much slower the slowest hundredth of lists may get.
const GOAL: f64 = 3.0;

/// Prints the line of one engine.
pub fn compare(list: &Request, right: &Request, wrong: &Request) -> Result<()> {
    let (mut quiet, mut stormy, mut answers) = (Vec::new(), Vec::new(), BTreeMap::new());
    let mut tried = Duration::ZERO;
    read(list)?; // Warms up.
    for _ in 0..ROUNDS {
        quiet.extend(read(list)?);
        let started = Instant::now();
        thread::scope(|scope| {
            // A connection for each, so that slow ones do not hold up the others.
            let all = SIGN_INS * ROUND.as_secs() as u32;
            let storm: Vec<_> = (0..all)
                .map(|n| {
                    let request = if n % 2 == 0 { right } else { wrong };
                    scope.spawn(move || paced(request, ROUND * n / all, ROUND))
                })
                .collect();
            let read = read(list);
            for one in storm {
                for (status, _) in one.join().map_err(|_| anyhow!("a sign-in's thread died"))?? {
                    *answers.entry(status).or_insert(0_u32) += 1;
                }
            }
            stormy.extend(read?);
            Ok::<_, anyhow::Error>(())
        })?;
        tried += started.elapsed();
    }
    let (quiet, stormy) = (slowest_hundredth(&mut quiet)?, slowest_hundredth(&mut stormy)?);
    let ratio = stormy / quiet;
    let all: u32 = answers.values().sum();
    let answers: Vec<_> = answers.iter().map(|(status, count)| format!("{count} × {status}")).collect();
    println!(
        "  list of 50 under {SIGN_INS} sign-ins a second: p99 {ratio:.1} times the idle one (goal: at most {GOAL:.0}; \
         {quiet:.1} and {stormy:.1} ms; {all} sign-ins in {:.0} s answered {})",
        tried.as_secs_f64(),
        answers.join(", ")
    );
    if ratio > GOAL {
        println!("  warning: lists wait for sign-ins");
    }
    Ok(())
}

/// Asks for the list at its pace and answers how many milliseconds each took.
fn read(list: &Request) -> Result<Vec<f64>> {
    thread::scope(|scope| {
        let readers: Vec<_> =
            (0..READERS).map(|n| scope.spawn(move || paced(list, READ_EVERY * n / READERS, READ_EVERY))).collect();
        let mut all = Vec::new();
        for reader in readers {
            for (status, took) in reader.join().map_err(|_| anyhow!("a reader's thread died"))?? {
                anyhow::ensure!(status == list.expect, "{} was answered {status}", list.line);
                all.push(took);
            }
        }
        Ok(all)
    })
}

/// Asks again and again for a round, each time at its moment, and answers statuses and milliseconds. A moment that was
/// missed because the answer before it came late counts from when it was due: that is what a person would wait.
fn paced(request: &Request, first: Duration, every: Duration) -> Result<Vec<(u16, f64)>> {
    let mut connection = Connection::open(request)?;
    let started = Instant::now();
    let mut due = first;
    let mut all = Vec::new();
    while due < ROUND {
        thread::sleep(due.saturating_sub(started.elapsed()));
        let status = connection.status()?;
        all.push((status, (started.elapsed() - due).as_secs_f64() * 1000.0));
        due += every;
    }
    Ok(all)
}

fn slowest_hundredth(times: &mut [f64]) -> Result<f64> {
    times.sort_by(f64::total_cmp);
    times.get(times.len() * 99 / 100).copied().context("nothing was measured")
}
