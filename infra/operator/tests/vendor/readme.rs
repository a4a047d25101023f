//! The README's tables are what the program says.

use crate::{ACCEPTED, root, vendor};

#[test]
fn the_rules_in_the_readme_are_those_of_the_program() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let said = vendor(&["rules", "--markdown"]);
    assert_eq!(said.code, ACCEPTED);
    for table in said.stdout.split("\n\n") {
        assert!(
            readme.contains(table.trim()),
            "README.md has another table of rules; countinghouse vendor rules --markdown prints it:\n{table}"
        );
    }
}
