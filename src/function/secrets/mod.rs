//! Secrets in text that is about to become public.

mod heuristics;
mod rules;
pub(crate) mod scan;
#[cfg(test)]
mod tests;
