//! Own invoices, vendor invoices and purchases: what needs a person, and what is late.

use countinghouse_domain::vendor::InvoiceAttention;
use countinghouse_store::{
    OwnInvoices, Purchases, Seller, StoreError, VendorInvoices, Waiting, WindowState, profile_key,
};
use countinghouse_vat_invoices::state::State;
use jiff::SignedDuration;

use super::check::{Check, Finding, Verdict};
use super::patient::Patient;
use super::unanswered::Unanswered;
use crate::desk::age;

/// Amazon wants an invoice within 24 hours of the dispatch.
const AT_AMAZON_WITHIN: SignedDuration = SignedDuration::from_hours(20);
/// An invoice makes its next step within minutes; the alarm comes after as long.
const MOVES_WITHIN: SignedDuration = SignedDuration::from_hours(6);

/// What the flows of an account that are not reports come to.
pub(super) async fn check(patient: &Patient, account: &Seller) -> Vec<Finding> {
    let about = |check, verdict: Result<Verdict, StoreError>| {
        Finding::about(check, &account.seller_id, verdict.unwrap_or_else(|error| patient.unread(&error)))
    };
    let mut findings = Vec::new();
    if account.flows.invoicing {
        findings.push(about(Check::OwnInvoices, own(patient, account).await));
        findings.push(about(Check::InvoiceProfile, Ok(profile(patient, account).await)));
    }
    if account.flows.vendor {
        findings.push(about(Check::VendorInvoices, vendor(patient, account).await));
    }
    if account.flows.purchases {
        findings.push(about(Check::Purchases, purchases(patient, account).await));
    }
    findings
}

async fn own(patient: &Patient, account: &Seller) -> Result<Verdict, StoreError> {
    let invoices = OwnInvoices::new(patient.stack.dynamodb(), &patient.stack.tables.own_invoices);
    let is_mine = |each: &countinghouse_store::StoredOwnInvoice| each.seller == account.seller_id;
    let needing: Vec<_> = invoices.needing_attention().await?.into_iter().filter(is_mine).collect();
    let show = patient.mend.own(&format!("invoices status --account {}", account.seller_id));
    if let Some(first) = needing.first() {
        let why = first.note.as_deref().unwrap_or("its history says why");
        let count = needing.len();
        return Ok(Verdict::look(
            format!(
                "{} a person; the first, {}: {why}",
                counted(count, "own invoice needs", "own invoices need"),
                first.key
            ),
            [show, patient.mend.own(&format!("invoices try-again \"{}\" --account {}", first.key, account.seller_id))],
        ));
    }
    let mut late = Vec::new();
    for state in [State::Due, State::Issued, State::Uploading] {
        let standing = invoices.standing_at(state).await?;
        late.extend(
            standing
                .into_iter()
                .filter(|each| is_mine(each) && patient.now.duration_since(each.due_since) > AT_AMAZON_WITHIN),
        );
    }
    let Some(oldest) = late.iter().min_by_key(|each| each.due_since) else {
        return Ok(Verdict::fine("none is late, none needs a person"));
    };
    Ok(Verdict::broken(
        format!(
            "{} due for more than 20 h and not at Amazon, the oldest for {}: {} is {}",
            counted(late.len(), "own invoice is", "own invoices are"),
            age(oldest.due_since, patient.now),
            oldest.key,
            oldest.standing.state
        ),
        [show, patient.mend.log("issue-invoices"), patient.mend.log("upload-invoices")],
    ))
}

async fn profile(patient: &Patient, account: &Seller) -> Verdict {
    let key = profile_key(&account.seller_id);
    let bucket = match patient.bucket().await {
        Ok(bucket) => bucket,
        Err(error) => {
            let cure = [patient.mend.own("doctor --except invoice-profile")];
            return Verdict::look(format!("could not be checked: {}", crate::desk::chain(&error)), cure);
        }
    };
    match patient.stack.s3().head_object().bucket(&bucket).key(&key).send().await {
        Ok(_) => Verdict::fine(format!("s3://{bucket}/{key}")),
        Err(error) => {
            let unanswered = Unanswered::aws("s3:GetObject", &error);
            if unanswered.is_missing() {
                return Verdict::broken(
                    "the seller has no profile, so no invoice can be made",
                    [
                        "begin with shared/invoicing/profiles/example.toml; countinghouse profile check profile.toml"
                            .to_owned(),
                        patient.mend.own(&format!("profile put profile.toml --account {}", account.seller_id)),
                    ],
                );
            }
            unanswered.verdict(&patient.mend)
        }
    }
}

async fn vendor(patient: &Patient, account: &Seller) -> Result<Verdict, StoreError> {
    let invoices = VendorInvoices::new(patient.stack.dynamodb(), &patient.stack.tables.vendor_invoices);
    let is_mine = |each: &countinghouse_store::VendorAttention| each.vendor == account.seller_id;
    let status = patient.mend.own(&format!("vendor status --open --account {}", account.seller_id));
    let needing: Vec<_> =
        invoices.needing_attention(InvoiceAttention::NeedsAPerson).await?.into_iter().filter(is_mine).collect();
    if let Some(lost) = needing.iter().find(|each| each.status == "answer_lost") {
        let number = lost.item.strip_prefix("invoice ").unwrap_or(&lost.item);
        let resolve = format!("vendor resolve {number} --account {} --accepted", account.seller_id);
        return Ok(Verdict::broken(
            format!("{}: it was sent and no answer came; it is not sent again by itself", lost.item),
            [
                "look for it in Vendor Central, Payments: https://vendorcentral.amazon.com".to_owned(),
                patient.mend.own(&resolve),
                "(--not-received in the place of --accepted, if it is not there)".to_owned(),
            ],
        ));
    }
    if let Some(first) = needing.first() {
        return Ok(Verdict::look(
            format!(
                "{} a person; {} is {}: {}",
                counted(needing.len(), "needs", "need"),
                first.item,
                first.status,
                first.reason
            ),
            [status],
        ));
    }
    let on_its_way = invoices.needing_attention(InvoiceAttention::OnItsWay).await?;
    let late = on_its_way
        .iter()
        .filter(|each| is_mine(each))
        .find(|each| patient.now.duration_since(each.since) > MOVES_WITHIN);
    Ok(match late {
        None => Verdict::fine("none needs a person"),
        Some(late) => Verdict::look(
            format!("{} has been {} for {}", late.item, late.status, age(late.since, patient.now)),
            [status, patient.mend.log("submit-vendor-invoices")],
        ),
    })
}

async fn purchases(patient: &Patient, account: &Seller) -> Result<Verdict, StoreError> {
    let purchases = Purchases::new(patient.stack.dynamodb(), &patient.stack.tables.purchases, 0);
    let id = &account.seller_id;
    let status = patient.mend.own(&format!("purchases status --account {id}"));
    let windows = purchases.windows(id).await?;
    let unproven: Vec<_> = windows.iter().filter(|window| window.state == WindowState::Unproven).collect();
    if let Some(first) = unproven.first() {
        return Ok(Verdict::broken(
            format!("{} of {} windows are not proven; the first is {}", unproven.len(), windows.len(), first.window),
            [status, patient.mend.log("pull-purchases")],
        ));
    }
    let mut wrong = Vec::new();
    for (waiting, what) in [
        (Waiting::Unreadable, "unreadable"),
        (Waiting::Differs, "with a difference"),
        (Waiting::Overdue, "without their invoice for too long"),
    ] {
        let count = purchases.count_waiting(id, waiting).await?;
        if count > 0 {
            wrong.push(format!("{count} {what}"));
        }
    }
    Ok(if wrong.is_empty() {
        Verdict::fine(format!("{} windows, none unproven", windows.len()))
    } else {
        Verdict::look(format!("transactions: {}", wrong.join(", ")), [status])
    })
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
