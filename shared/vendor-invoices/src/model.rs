//! The fields and values of both APIs.
