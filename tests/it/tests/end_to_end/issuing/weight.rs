//! Who carries the typesetter: it is most of the build and most of the size.

use std::rc::Rc;

use countinghouse_it::cases;
use countinghouse_it::suite::{Suite, root};
use serde_json::Value;

use crate::contracts::needed_by;

cases![only_the_function_that_draws_and_the_command_carry_the_typesetter];

async fn only_the_function_that_draws_and_the_command_carry_the_typesetter(_suite: Rc<Suite>) {
    let metadata = tokio::process::Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .current_dir(root())
        .output()
        .await
        .unwrap();
    assert!(metadata.status.success(), "{}", String::from_utf8_lossy(&metadata.stderr));
    let metadata: Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let members = metadata["workspace_members"].as_array().unwrap();
    let is_ours = |package: &&Value| members.contains(&package["id"]);
    let mut carriers = Vec::new();
    for package in metadata["packages"].as_array().unwrap().iter().filter(is_ours) {
        let name = package["name"].as_str().unwrap();
        let is_heavy = |needed: &String| needed.starts_with("typst") || needed == "countinghouse-invoicing";
        if needed_by(&metadata, name).iter().any(is_heavy) {
            carriers.push(name);
        }
    }
    carriers.sort_unstable();
    assert_eq!(carriers, ["countinghouse", "countinghouse-invoicing", "issue-invoices"]);
}
