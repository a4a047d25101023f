//! How everything stands, as a person sees it.

use std::rc::Rc;

use countinghouse_domain::job::JobState;
use countinghouse_it::cases;
use countinghouse_it::operator::run;
use countinghouse_it::seller::{Seller, settlement_id};
use countinghouse_it::stack::{Stack, calm};
use countinghouse_it::story::Story;
use countinghouse_it::suite::Suite;
use countinghouse_it::vendor::{Vendor, file, retail};
use countinghouse_it::wait;
use fake_amazon::NotificationMode;
use serde_json::Value;

cases![everything_is_on_one_screen_and_what_needs_a_person_comes_with_its_cure];

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn everything_is_on_one_screen_and_what_needs_a_person_comes_with_its_cure(suite: Rc<Suite>) {
    // Queues belong to the whole stack, so it is this case's own.
    let stack = &suite.deploy("it-status", &[("DownloadsVisibilitySeconds", "30")], calm()).await;
    stack.notify(NotificationMode::Never);
    let empty = run(stack, &["status"]).await;
    assert_eq!(empty.code, 0, "{empty:?}");
    assert!(empty.stdout.contains("No account is connected"), "{}", empty.stdout);

    let story = Story::of_today();
    let seller = Seller::european(stack).await;
    seller.add_vat_rows(stack, &story.text("eu/vat.csv"));
    let files = ["eu/settlement-1.txt", "eu/settlement-2.txt"].map(|name| seller.own_settlement(&story.text(name)));
    for text in &files {
        seller.close(stack, text);
    }
    stack.request_vat(&seller.id).await;
    stack.poll().await;
    for text in &files {
        stack.until_settled(&seller, settlement_id(text)).await;
    }
    stack.until_vat_job(&seller, JobState::Booked).await;

    let healthy = run(stack, &["status"]).await;
    assert_eq!(healthy.code, 0, "{}", healthy.stdout);
    let last = settlement_id(&files[1]);
    let before = format!("after {}", settlement_id(&files[0]));
    for expected in [
        "nothing needs a person",
        seller.id.as_str(),
        "Account at Amazon",
        "EUR",
        last,
        "proven",
        before.as_str(),
        "next due",
        "VAT report",
        "booked",
        "bookings",
        "dead letters",
    ] {
        assert!(healthy.stdout.contains(expected), "{expected}: {}", healthy.stdout);
    }
    let said = run(stack, &["status", "--json"]).await;
    let account = lines(&said.stdout).into_iter().find(|line| line["kind"] == "account").unwrap();
    let balance = &account["balances"][0];
    let amount = |name: &str| balance[name].as_str().unwrap().parse::<rust_decimal::Decimal>().unwrap();
    assert_eq!(amount("opening") + amount("in") + amount("out") + amount("paid_out"), amount("closing"), "{balance}");
    assert_eq!(balance["settlement_id"], last);
    assert_eq!(account["reports"]["SC_VAT_TAX_REPORT"]["booked"], 1, "{account}");

    is_stated_as_a_bank_would(stack, &files, balance).await;

    // Trouble of every kind.
    let broken = seller.own_settlement(&story.text("eu/settlement-gbp.txt")).replacen("GBP", "GBX", 1);
    let quarantined = seller.close(stack, &broken);
    let conflict = seller.close(stack, &files[1].replacen("LK-", "XX-", 1));
    stack.poll().await;
    stack.until_job(&seller, &quarantined, JobState::Quarantined).await;
    stack.until_job(&seller, &conflict, JobState::Quarantined).await;
    let american = Seller::american(stack).await;
    let strange = american.own_settlement(&story.text("us/settlement-2.txt"));
    american.close(stack, &strange);
    stack.poll().await;
    stack.until_settled(&american, settlement_id(&strange)).await;
    let vendor = Vendor::connect(stack).await;
    let mut bad = retail("ST-1");
    bad["invoiceTotal"]["amount"] = "1.00".into();
    vendor.put(stack, "incoming", "bad.json", file(&[bad])).await;
    wait::until("the invoice is rejected", async || vendor.invoice(stack, "ST-1").await).await;
    stack.send("DownloadsDlqUrl", "a letter that nobody could deliver").await;

    let said = run(stack, &["status"]).await;
    assert_eq!(said.code, 2, "{}", said.stdout);
    for expected in [
        quarantined.as_str(),
        conflict.as_str(),
        "has other bytes than report",
        "1 amount that no rule knows",
        "countinghouse replay",
        "queue downloads-dlq",
        "countinghouse redrive",
        "countinghouse vendor status --open",
        "things need a person",
    ] {
        assert!(said.stdout.contains(expected), "{expected}: {}", said.stdout);
    }
    let json = run(stack, &["status", "--json", "--account", &american.id]).await;
    let wants: Vec<Value> = lines(&json.stdout).into_iter().filter(|line| line["kind"] == "wants").collect();
    assert_eq!(json.code, 2, "{}", json.stdout);
    assert!(
        wants
            .iter()
            .any(|want| want["account"] == american.id.as_str() && want["why"].as_str().unwrap().contains("no rule"))
    );
    assert!(wants.iter().all(|want| want["account"] != seller.id.as_str()), "{wants:?}");
    let unknown = run(stack, &["status", "--account", "NOBODY"]).await;
    assert!(unknown.code == 1 && unknown.stderr.contains("no account `NOBODY` is connected"), "{unknown:?}");
}

/// The last settlement as a bank would state it: the same account, and where it comes from.
async fn is_stated_as_a_bank_would(stack: &Stack, files: &[String; 2], balance: &Value) {
    let (first, last) = (settlement_id(&files[0]), settlement_id(&files[1]));
    let statement = run(stack, &["statement", last]).await;
    assert_eq!(statement.code, 0, "{statement:?}");
    for expected in ["OPENING", "PAID OUT", "CLOSING", "proven: ", &format!("after {first}"), "layout V2"] {
        assert!(statement.stdout.contains(expected), "{expected}: {}", statement.stdout);
    }
    let stated = lines(&run(stack, &["statement", last, "--json"]).await.stdout).remove(0);
    assert_eq!((&stated["closing"], &stated["opening"]), (&balance["closing"], &balance["opening"]));
    let before = lines(&run(stack, &["statement", first, "--json"]).await.stdout).remove(0);
    assert_eq!((before["chain"].as_str(), before["successor"].as_str()), (Some("first"), Some(last)));
    let unknown = run(stack, &["statement", "404"]).await;
    assert!(unknown.code == 1 && unknown.stderr.contains("nothing is known of a settlement 404"), "{unknown:?}");
}
