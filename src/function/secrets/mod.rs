//! Secrets in files that are about to become public.

pub(crate) mod findings;
mod heuristics;
mod keywords;
mod rules;
#[cfg(test)]
mod samples;
mod scan;
#[cfg(test)]
mod tests;
mod tsv;
mod words;
