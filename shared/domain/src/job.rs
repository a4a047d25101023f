//! The life cycle of a report at Amazon, and which time windows are due.

mod state;
mod window;

pub use state::{JobState, ProcessingStatus, UnknownProcessingStatus};
pub use window::{Window, due_windows, invoice_windows, windows_between};
