//! Real and synthetic reports that lie beside the workspace, where somebody has them.

use std::path::{Path, PathBuf};

use crate::program::{PROVEN, map};

/// The file in `../shared/samples` whose name ends so; says so and gives none where the directory is absent.
pub(crate) fn sample(ending: &str) -> Option<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples");
    let Ok(entries) = std::fs::read_dir(directory) else {
        eprintln!("skipped: ../shared is not here");
        return None;
    };
    let found = entries.map(|entry| entry.unwrap().path()).find(|path| path.to_string_lossy().ends_with(ending));
    Some(found.unwrap_or_else(|| panic!("no sample ends with {ending}")))
}

#[test]
fn three_real_settlements_are_proven_and_chained() {
    let names = ["50034020328.txt", "50011020300.txt", "50018020314.txt"];
    let Some(files) = names.into_iter().map(sample).collect::<Option<Vec<_>>>() else { return };
    let said = map(&files);
    assert_eq!(said.code, PROVEN, "{}", said.stderr);
    for (id, total, chain) in [
        ("23874396421", "-321.69", serde_json::json!({"position": "first"})),
        ("23874397121", "-62.31", serde_json::json!({"position": "chained", "predecessor": "23874396421"})),
        ("24288684721", "1016.08", serde_json::json!({"position": "chained", "predecessor": "23874397121"})),
    ] {
        let settlement = said.settlement(id);
        assert_eq!((&settlement["sum"], &settlement["total_amount"]), (&total.into(), &total.into()));
        assert_eq!((&settlement["status"], &settlement["chain"]), (&"proven".into(), &chain));
        assert_eq!(settlement["unclassified"], 0);
    }
}

#[test]
fn a_synthetic_settlement_with_other_words_is_proven_and_every_amount_has_a_type() {
    let Some(file) = sample("settlement-sample.txt") else { return };
    let said = map(&[file]);
    assert_eq!(said.code, PROVEN, "{}", said.stderr);
    assert_eq!(said.settlement("28471003921")["sum"], "582.89");
}
