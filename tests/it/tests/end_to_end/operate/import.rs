//! Reports that a person downloaded, put into the deployed stack.

use std::io::Write as _;
use std::path::PathBuf;
use std::rc::Rc;

use countinghouse_domain::job::JobState;
use countinghouse_it::cases;
use countinghouse_it::operator::{Said, run, run_with};
use countinghouse_it::seller::{Seller, settlement_id};
use countinghouse_it::stack::Stack;
use countinghouse_it::story::Story;
use countinghouse_it::suite::Suite;
use countinghouse_store::{Job, Origin};
use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;

cases![
    a_settlement_and_a_vat_report_are_imported_and_booked_once,
    a_file_that_is_cut_off_is_refused_with_its_place_and_nothing_is_imported,
    a_settlement_of_another_account_or_with_other_bytes_is_refused,
    what_the_api_brought_already_is_left_alone,
    a_settlement_that_does_not_add_up_is_imported_only_on_demand,
    documents_that_are_due_are_not_issued_by_an_old_report_unless_a_person_says_so,
    nothing_is_imported_without_an_answer,
];

/// Files as a person has them.
struct Downloads(TempDir);

impl Downloads {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn put(&self, name: &str, content: &[u8]) -> String {
        let path: PathBuf = self.0.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

async fn import(stack: &Stack, seller: &Seller, files: &[&str], more: &[&str]) -> Said {
    let arguments = [&["import", "--account", &seller.id], files, more].concat();
    run(stack, &arguments).await
}

async fn imported(stack: &Stack, seller: &Seller) -> Vec<Job> {
    let mut jobs = stack.jobs_of(seller).await;
    jobs.retain(|job| job.origin == Origin::Imported);
    jobs
}

async fn a_settlement_and_a_vat_report_are_imported_and_booked_once(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = Seller::european(stack).await;
    let story = Story::checked_in();
    let settlement = seller.own_settlement(&story.text("eu/settlement-1.txt"));
    let id = settlement_id(&settlement).to_owned();
    let downloads = Downloads::new();
    let plain = downloads.put("settlement.txt", settlement.as_bytes());
    let vat = downloads.put("vat.csv.gz", &gzip(story.text("eu/vat.csv").as_bytes()));

    let dry = import(stack, &seller, &[&plain, &vat], &["--dry-run"]).await;
    assert_eq!(dry.code, 0, "{dry:?}");
    for expected in [id.as_str(), "proven", "SC_VAT_TAX_REPORT", "credit notes", "will be imported"] {
        assert!(dry.stdout.contains(expected), "{expected}: {}", dry.stdout);
    }
    assert!(stack.jobs_of(&seller).await.is_empty(), "a dry run does nothing");

    let said = import(stack, &seller, &[&plain, &vat], &["--yes", "--wait"]).await;
    // Documents of the story are flagged.
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.stdout.contains(&format!("settlement {id}: ")), "{}", said.stdout);
    let jobs = imported(stack, &seller).await;
    assert_eq!(jobs.len(), 2);
    assert!(jobs.iter().all(|job| job.state == JobState::Booked && job.next_check_at.is_none()), "{jobs:?}");
    assert!(jobs.iter().all(|job| job.report_id.as_str().starts_with("import-")));
    let settled = stack.settlement(&seller, &id).await.unwrap();
    assert_eq!(settled.status().name(), "proven");
    let payments = stack.payments_of(&id).await;
    assert_eq!(stack.documents_of(&seller).await.len(), 20);

    // The same content once more, compressed this time.
    let again = downloads.put("the same.txt.gz", &gzip(settlement.as_bytes()));
    let said = import(stack, &seller, &[&again], &["--yes", "--wait"]).await;
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.stdout.contains("nothing to do"), "{}", said.stdout);
    assert_eq!(imported(stack, &seller).await, jobs);
    assert_eq!(stack.payments_of(&id).await, payments);
    // Amazon's API had no part in any of this, and polling does not ask it either.
    stack.poll().await;
    assert_eq!(imported(stack, &seller).await, jobs);
    seller.disconnect(stack).await;
}

async fn a_file_that_is_cut_off_is_refused_with_its_place_and_nothing_is_imported(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = Seller::european(stack).await;
    let settlement = seller.own_settlement(&Story::checked_in().text("eu/settlement-1.txt"));
    let downloads = Downloads::new();
    let whole = downloads.put("whole.txt", settlement.as_bytes());
    let row = settlement.lines().nth(6).unwrap();
    let end = settlement.find(row).unwrap() + row.len() / 2;
    let cut = downloads.put("cut.txt", &settlement.as_bytes()[..end]);
    let packed = gzip(settlement.as_bytes());
    let broken = downloads.put("broken.txt.gz", &packed[..packed.len() - 20]);
    let said = import(stack, &seller, &[&whole, &cut, &broken], &["--yes"]).await;
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.stderr.contains("cut.txt, line 7"), "{}", said.stderr);
    assert!(said.stderr.contains("broken.txt.gz") && said.stderr.contains("nothing is imported"), "{}", said.stderr);
    let page = downloads.put("page.html", b"<!DOCTYPE html><html><body>Sign in</body></html>");
    let said = import(stack, &seller, &[&page], &["--yes"]).await;
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.stderr.contains("a web page"), "{}", said.stderr);
    assert!(stack.jobs_of(&seller).await.is_empty());
    seller.disconnect(stack).await;
}

async fn a_settlement_of_another_account_or_with_other_bytes_is_refused(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let (seller, other) = (Seller::european(stack).await, Seller::european(stack).await);
    let settlement = seller.own_settlement(&Story::checked_in().text("eu/settlement-gbp.txt"));
    let id = settlement_id(&settlement).to_owned();
    let downloads = Downloads::new();
    let file = downloads.put("settlement.txt", settlement.as_bytes());
    let said = import(stack, &seller, &[&file], &["--yes", "--wait"]).await;
    assert_eq!(said.code, 0, "{said:?}");
    let before = (stack.settlement(&seller, &id).await, stack.payments_of(&id).await);

    let said = import(stack, &other, &[&file], &["--yes"]).await;
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.stdout.contains(&format!("booked for another account, {}", seller.id)), "{}", said.stdout);

    let changed = downloads.put("changed.txt", settlement.replace("LK-SPOON-SET", "LK-SPOON-TIN").as_bytes());
    let said = import(stack, &seller, &[&changed], &["--yes"]).await;
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.stdout.contains("booked from other bytes"), "{}", said.stdout);

    assert_eq!((stack.settlement(&seller, &id).await, stack.payments_of(&id).await), before);
    assert!(imported(stack, &other).await.is_empty());
    let said = run(stack, &["import", &file, "--account", "NOBODY", "--yes"]).await;
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.stderr.contains("no account `NOBODY` is connected"), "{}", said.stderr);
    seller.disconnect(stack).await;
    other.disconnect(stack).await;
}

async fn what_the_api_brought_already_is_left_alone(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = Seller::european(stack).await;
    let settlement = seller.own_settlement(&Story::checked_in().text("eu/settlement-gbp.txt"));
    let report = seller.close(stack, &settlement);
    stack.poll().await;
    stack.until_job(&seller, &report, JobState::Booked).await;
    let file = Downloads::new();
    let path = file.put("settlement.txt", settlement.as_bytes());
    let said = import(stack, &seller, &[&path], &["--yes", "--wait"]).await;
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.stdout.contains(&format!("is booked from report {report}")), "{}", said.stdout);
    assert!(imported(stack, &seller).await.is_empty());
    seller.disconnect(stack).await;
}

async fn a_settlement_that_does_not_add_up_is_imported_only_on_demand(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = Seller::european(stack).await;
    let settlement = seller.own_settlement(&Story::checked_in().text("eu/settlement-2.txt"));
    let total = settlement.lines().nth(1).unwrap().split('\t').nth(4).unwrap().to_owned();
    let downloads = Downloads::new();
    let file = downloads.put("wrong.txt", settlement.replacen(&total, "90,00", 1).as_bytes());
    let said = import(stack, &seller, &[&file], &["--yes"]).await;
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.stdout.contains("do not come to its total"), "{}", said.stdout);
    assert!(stack.jobs_of(&seller).await.is_empty());
    let said = import(stack, &seller, &[&file], &["--yes", "--wait", "--unproven-too"]).await;
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.stdout.contains("needs a person: unproven"), "{}", said.stdout);
    let settled = stack.settlement(&seller, settlement_id(&settlement)).await.unwrap();
    assert_eq!(settled.status().name(), "unproven");
    seller.disconnect(stack).await;
}

async fn documents_that_are_due_are_not_issued_by_an_old_report_unless_a_person_says_so(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = Seller::european(stack).await;
    let vidr = countinghouse_it::suite::root().join("tests/fixtures/vidr/statuses.txt");
    let vidr = vidr.to_str().unwrap();
    let said = import(stack, &seller, &[vidr], &["--yes"]).await;
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.stdout.contains("--issue-due") && said.stdout.contains("accepted"), "{}", said.stdout);
    assert!(stack.jobs_of(&seller).await.is_empty());
    let said = import(stack, &seller, &[vidr], &["--type", "settlement", "--yes"]).await;
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.stderr.contains("GET_FLAT_FILE_VAT_INVOICE_DATA_REPORT, not a settlement"), "{}", said.stderr);
    let said = import(stack, &seller, &[vidr], &["--yes", "--issue-due", "--wait"]).await;
    assert_eq!(said.code, 0, "{said:?}");
    let jobs = imported(stack, &seller).await;
    assert_eq!(jobs.len(), 1);
    assert_eq!((jobs[0].report_type.name(), jobs[0].state.name()), ("GET_FLAT_FILE_VAT_INVOICE_DATA_REPORT", "booked"));
    assert!(jobs[0].facts.counts.get("due").is_some_and(|due| *due > 0), "{:?}", jobs[0].facts.counts);
    seller.disconnect(stack).await;
}

async fn nothing_is_imported_without_an_answer(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = Seller::european(stack).await;
    let settlement = seller.own_settlement(&Story::checked_in().text("eu/settlement-gbp.txt"));
    let downloads = Downloads::new();
    let file = downloads.put("settlement.txt", settlement.as_bytes());
    for answer in ["", "n\n", "perhaps\n"] {
        let said = run_with(stack, &["import", &file, "--account", &seller.id], answer, &[]).await;
        assert_eq!(said.code, 1, "{said:?}");
        assert!(said.stderr.contains("nothing is imported"), "{}", said.stderr);
    }
    assert!(stack.jobs_of(&seller).await.is_empty());
    let said = run_with(stack, &["import", &file, "--account", &seller.id, "--wait"], "y\n", &[]).await;
    assert_eq!(said.code, 0, "{said:?}");
    seller.disconnect(stack).await;
}
