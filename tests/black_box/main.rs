//! Black-box tests: the real binary against the stand-in Hub, over real HTTP, with an empty environment.
#![expect(unreachable_pub, reason = "a test target has no outside")]
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failing helper fails the test"
)]

mod action;
mod allowed;
mod approval;
mod arguments;
mod assertions;
mod azure;
mod broken_checkouts;
mod cancelling;
mod ci_markers;
mod code;
mod code_in_the_log;
mod comparing;
mod decisions;
mod directories;
mod disguised_secrets;
mod documentation;
mod entrypoint;
mod events;
mod every_code;
mod fault_matrix;
mod fixtures;
mod github;
mod gitlab;
mod gitlab_template;
mod history;
mod hostile;
mod hostile_answers;
mod hostile_code;
mod hostile_text;
mod inputs;
mod json_report;
mod json_syntax;
mod key;
mod large_trees;
mod late_reads;
mod limits;
mod links_and_permissions;
mod log;
mod manifest;
mod many;
mod markdown_pages;
mod memory;
mod migrating;
mod named_files;
mod network_page;
mod order;
mod other_manifests;
mod pictures;
mod platform;
mod proxies;
mod public_api;
mod publishing;
mod rate_limit;
mod receipts;
mod references;
mod refusals;
mod release_workflow;
mod reliability;
mod report_files;
mod sarif;
mod schema;
mod secrets;
mod servers;
mod shared_findings;
mod sinks;
mod snapshots;
mod spelling_of_directories;
mod summary;
mod support;
mod swapped_files;
mod tags;
mod threat_model;
mod tls;
mod troubleshooting;
mod unreachable;
mod unreadable_directories;
mod withheld_files;
