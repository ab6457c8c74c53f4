//! Secrets in files that are about to become public.

pub(crate) mod findings;
mod heuristics;
mod rules;
mod scan;
#[cfg(test)]
mod tests;

mod words;
