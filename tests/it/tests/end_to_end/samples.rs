//! Real settlements, where they are beside the workspace: proven and chained.

use std::path::PathBuf;
use std::rc::Rc;

use countinghouse_domain::job::JobState;
use countinghouse_domain::settlement::Chain;
use countinghouse_it::cases;
use countinghouse_it::seller::Seller;
use countinghouse_it::suite::{Suite, root};

cases![three_real_settlements_are_proven_and_chained, synthetic_samples_are_booked];

/// The files whose name ends so, or none if the samples are not here.
fn samples() -> Option<Vec<PathBuf>> {
    let Ok(folder) = std::fs::read_dir(root().join("../shared/samples")) else {
        println!("skipped: ../shared is not here");
        return None;
    };
    Some(folder.map(|entry| entry.unwrap().path()).collect())
}

fn text(files: &[PathBuf], part: &str) -> String {
    let file = files.iter().find(|path| path.to_string_lossy().contains(part));
    std::fs::read_to_string(file.unwrap_or_else(|| panic!("no sample {part}"))).unwrap()
}

async fn three_real_settlements_are_proven_and_chained(suite: Rc<Suite>) {
    let Some(files) = samples() else { return };
    let stack = suite.stack().await;
    let seller = Seller::american(stack).await;
    for name in ["50011020300", "50018020314", "50034020328"] {
        seller.close(stack, &text(&files, name));
    }
    stack.poll().await;
    let mut ids = Vec::new();
    for (name, total) in [("50011020300", "-321.69"), ("50018020314", "-62.31"), ("50034020328", "1016.08")] {
        let sample = text(&files, name);
        let id = countinghouse_it::seller::settlement_id(&sample).to_owned();
        let settled = stack.until_settled(&seller, &id).await;
        assert_eq!(settled.status().name(), "proven", "{name}");
        assert_eq!(settled.header.total_amount.to_string(), total, "{name}");
        assert_eq!(settled.proof.unwrap().unclassified, 0, "{name}");
        ids.push(id);
    }
    let chain = async |id: &str| stack.settlement(&seller, id).await.unwrap().chain.unwrap();
    assert_eq!(chain(&ids[0]).await, Chain::First);
    assert_eq!(chain(&ids[1]).await, Chain::Chained(ids[0].parse().unwrap()));
    assert_eq!(chain(&ids[2]).await, Chain::Chained(ids[1].parse().unwrap()));
    seller.disconnect(stack).await;
}

async fn synthetic_samples_are_booked(suite: Rc<Suite>) {
    let Some(files) = samples() else { return };
    let stack = suite.stack().await;
    let seller = Seller::american(stack).await;
    let settlement = text(&files, "settlement-sample");
    seller.close(stack, &settlement);
    let vat = seller.close(stack, &text(&files, "84col_SYNTHETIC"));
    stack.poll().await;
    let settled = stack.until_settled(&seller, countinghouse_it::seller::settlement_id(&settlement)).await;
    assert_eq!(settled.status().name(), "proven");
    assert_eq!(settled.header.total_amount.to_string(), "582.89");
    let job = stack.until_job(&seller, &vat, JobState::Booked).await;
    assert_eq!(job.facts.counts.get("rows"), Some(&4));
    assert_eq!(stack.documents_of(&seller).await.len(), 4);
    seller.disconnect(stack).await;
}
