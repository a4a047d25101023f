#![doc = include_str!("../README.md")]

pub mod amazon;
pub mod aws;
pub mod batch;
pub mod config;
pub mod deadline;
pub mod feeds;
pub mod function;
pub mod messages;
pub mod metrics;
pub mod queue;
pub mod telemetry;
