//! The upstream against vendors made of memory.
