//! What is looked up when somebody asks: the memory of the process and its connections to the database.

use crate::store::Store;
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric as _},
    metrics::{MetricType, gauge::ConstGauge},
};

/// Looks at the process and the store.
#[derive(Debug)]
pub(super) struct Process(pub(super) Store);

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let (open, idle) = self.0.connections();
        let mut family =
            encoder.encode_descriptor("db_pool_connections", "Connections to the database", None, MetricType::Gauge)?;
        for (state, count) in [("used", open.saturating_sub(idle)), ("idle", idle)] {
            ConstGauge::new(i64::from(count)).encode(family.encode_family(&[("state", state)])?)?;
        }
        if let Some(bytes) = resident() {
            let help = "Memory of the process that is in use";
            let encoder = encoder.encode_descriptor("process_resident_memory_bytes", help, None, MetricType::Gauge)?;
            ConstGauge::new(bytes).encode(encoder)?;
        }
        Ok(())
    }
}

/// Resident memory as Linux says it; elsewhere unknown.
fn resident() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: i64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}
