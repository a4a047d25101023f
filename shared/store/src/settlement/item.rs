//! The items of the table of settlements.

use std::collections::BTreeMap;

use countinghouse_domain::ids::{ReportId, SellerId, SettlementId};
use countinghouse_domain::payment::PaymentType;
use countinghouse_domain::settlement::{Chain, ChainLink, Layout, ProofStatus, SettlementHeader, Subtotal};
use jiff::Timestamp;
use rust_decimal::Decimal;

use super::attention::{Before, carried_reasons, reasons};
use super::model::{
    ClaimedSettlement, Completion, ConflictRecord, NeedsAttention, SettlementStatus, StoredDerived, StoredProof,
    StoredSettlement, StoredSubtotal,
};
use super::{AttentionReason, Balances};
use crate::item::{Fields, ItemBuilder};
use crate::{Item, StoreError};

pub(super) const KEYS: (&str, &str) = ("seller", "settlement");
/// The sort key of the item that says whose a settlement is.
pub(super) const OWNER: &str = "owner";
/// The value under which the index holds whatever a person should look at.
pub(super) const OPEN: &str = "open";

/// The sort key of a settlement.
pub(super) fn settlement_key(id: &SettlementId) -> String {
    format!("settlement {id}")
}

/// A settlement that is claimed for a file.
pub(super) fn claimed(header: &SettlementHeader, claim: &ClaimedSettlement) -> Item {
    let mut item = ItemBuilder::new();
    item.text("seller", claim.seller.as_str())
        .text("settlement", settlement_key(&header.settlement_id))
        .text("settlement_id", header.settlement_id.as_str())
        .time("settlement_start", header.start)
        .time("settlement_end", header.end)
        .time("deposit_date", header.deposit_date)
        .decimal("total_amount", header.total_amount)
        .text("currency", header.currency.code())
        .text("layout", claim.layout.name())
        .text("sha256", claim.sha256.as_str())
        .text("report_id", claim.report_id.as_str())
        .text("status", claim.status.name())
        .time("claimed_at", claim.claimed_at);
    attention(&mut item, &[AttentionReason::Booking]);
    item.take()
}

/// Whose a settlement is.
pub(super) fn owner(id: &SettlementId, seller: &SellerId) -> Item {
    ItemBuilder::new()
        .text("seller", settlement_key(id))
        .text("settlement", OWNER)
        .text("owner", seller.as_str())
        .take()
}

/// A file that was refused, because the settlement is booked from another.
pub(super) fn conflict(header: &SettlementHeader, booked: &ClaimedSettlement, refused: &ClaimedSettlement) -> Item {
    let short: String = refused.sha256.chars().take(12).collect();
    let mut item = ItemBuilder::new();
    item.text("seller", refused.seller.as_str())
        .text("settlement", format!("conflict {} {short}", header.settlement_id))
        .text("settlement_id", header.settlement_id.as_str())
        .time("settlement_end", header.end)
        .text("sha256", refused.sha256.as_str())
        .text("layout", refused.layout.name())
        .text("report_id", refused.report_id.as_str())
        .time("refused_at", refused.claimed_at)
        .text("booked_for_seller", booked.seller.as_str())
        .text("booked_sha256", booked.sha256.as_str())
        .text("booked_layout", booked.layout.name())
        .text("booked_report_id", booked.report_id.as_str())
        .text("booked_status", booked.status.name())
        .time("booked_claimed_at", booked.claimed_at);
    attention(&mut item, &[AttentionReason::Conflict]);
    item.take()
}

/// A settlement that came once more, under another report id; none where that is known.
pub(super) fn also_delivered_as(there: Item, report_id: &ReportId) -> Result<Option<Item>, StoreError> {
    let fields = Fields::of(&there, KEYS);
    let mut ids: Vec<ReportId> = fields.ids("also_delivered_as")?;
    if ids.contains(report_id) {
        return Ok(None);
    }
    ids.push(report_id.clone());
    Ok(Some(ItemBuilder::edit(there).texts("also_delivered_as", ids).take()))
}

fn attention(item: &mut ItemBuilder, reasons: &[AttentionReason]) {
    if reasons.is_empty() {
        item.remove("attention").remove("reasons");
    } else {
        item.text("attention", OPEN).texts("reasons", reasons);
    }
}

fn same_file(there: &Item, completion: &Completion<'_>) -> Result<(), StoreError> {
    let fields = Fields::of(there, KEYS);
    if fields.text("sha256")? == completion.proof.evidence.sha256 {
        return Ok(());
    }
    Err(StoreError::Conflict { item: format!("{} (claimed for another file)", fields.name()) })
}

/// A settlement that is booked again from the same file: until it is completed it is not to be relied on. Its proof
/// stays beside it.
pub(super) fn reopened(there: Item, sha256: &str) -> Result<Item, StoreError> {
    let fields = Fields::of(&there, KEYS);
    if fields.text("sha256")? != sha256 {
        return Err(StoreError::Conflict { item: format!("{} (claimed for another file)", fields.name()) });
    }
    let mut reasons = read_reasons(&fields)?;
    reasons.retain(|reason| *reason != AttentionReason::Booking);
    reasons.insert(0, AttentionReason::Booking);
    let mut item = ItemBuilder::edit(there);
    item.text("status", SettlementStatus::Booking.name());
    attention(&mut item, &reasons);
    Ok(item.take())
}

/// A settlement whose rows are read: what its neighbours need to know.
pub(super) fn with_figures(there: Item, completion: &Completion<'_>) -> Result<Item, StoreError> {
    same_file(&there, completion)?;
    let mut item = ItemBuilder::edit(there);
    item.texts("marketplaces", completion.tally.marketplaces())
        .decimal("previous_reserve", completion.balances.previous_reserve)
        .decimal("current_reserve", completion.balances.current_reserve)
        .decimal("payable_to_amazon", completion.balances.payable_to_amazon);
    Ok(item.take())
}

/// A settlement with its proof and the completion marker.
pub(super) fn completed(there: Item, completion: &Completion<'_>, now: Timestamp) -> Result<Item, StoreError> {
    same_file(&there, completion)?;
    let fields = Fields::of(&there, KEYS);
    let chain = read_chain(&fields)?;
    let carried: Vec<_> = read_reasons(&fields)?.into_iter().filter(|each| is_carried(*each)).collect();
    let first_completed_at = fields.time_if("completed_at")?.unwrap_or(now);
    let proof = completion.proof;
    let status = match proof.status {
        ProofStatus::Proven => SettlementStatus::Proven,
        ProofStatus::Unproven => SettlementStatus::Unproven,
    };
    let mut item = ItemBuilder::edit(there);
    item.number("rows", proof.evidence.rows)
        .number("amounts", proof.amounts)
        .number("payments_written", proof.evidence.payments_written)
        .decimal("sum", proof.sum)
        .decimal("difference", proof.difference)
        .number("unclassified", proof.unclassified)
        .map("by_type", subtotals(completion.tally.by_type().map(|(each, subtotal)| (each.name(), subtotal))))
        .map("by_category", subtotals(completion.tally.by_category()))
        .map("derived", derived(completion))
        .text("program_version", completion.program_version)
        .text("rules", completion.rules)
        .texts("unknown_columns", completion.unknown_columns)
        .texts("warnings", completion.warnings)
        .text("status", status.name())
        .time("completed_at", first_completed_at);
    attention(&mut item, &reasons(status, proof.unclassified, chain.as_ref(), &carried));
    Ok(item.take())
}

const fn is_carried(reason: AttentionReason) -> bool {
    matches!(reason, AttentionReason::ReserveDiffers | AttentionReason::PayableDiffers)
}

fn subtotals<'a>(each: impl Iterator<Item = (&'a str, Subtotal)>) -> Item {
    let mut map = ItemBuilder::new();
    for (name, subtotal) in each {
        map.map(name, ItemBuilder::new().number("count", subtotal.count).decimal("sum", subtotal.sum).take());
    }
    map.take()
}

fn derived(completion: &Completion<'_>) -> Item {
    let Some(derived) = completion.proof.derived else { return Item::new() };
    ItemBuilder::new()
        .text("type", derived.payment_type.name())
        .text("category", derived.category)
        .decimal("amount", derived.amount)
        .time("posted_at", derived.posted_at)
        .take()
}

/// A settlement as its neighbours see it.
#[derive(Debug, Clone)]
pub(super) struct Neighbour {
    pub(super) link: ChainLink,
    status: SettlementStatus,
    unclassified: u64,
    total_amount: Decimal,
    balances: Option<Balances>,
    chain: Option<Chain>,
    reasons: Vec<AttentionReason>,
}

pub(super) fn read_neighbour(fields: &Fields<'_>) -> Result<Neighbour, StoreError> {
    let header = read_header(fields)?;
    Ok(Neighbour {
        link: ChainLink {
            settlement_id: header.settlement_id,
            start: header.start,
            end: header.end,
            currency: header.currency,
            marketplaces: fields.texts("marketplaces")?.into_iter().map(str::to_owned).collect(),
        },
        status: read_status(fields, "status")?,
        unclassified: fields.number_if("unclassified")?.unwrap_or(0),
        total_amount: header.total_amount,
        balances: read_balances(fields)?,
        chain: read_chain(fields)?,
        reasons: read_reasons(fields)?,
    })
}

/// The item with its place in the chain; none where nothing changes.
pub(super) fn rechained(item: &Item, own: &Neighbour, chain: &Chain, known: &[Neighbour]) -> Option<Item> {
    let before = match chain {
        Chain::Chained(id) => known.iter().find(|each| each.link.settlement_id == *id),
        Chain::First | Chain::Gap => None,
    };
    let before =
        before.and_then(|each| each.balances.map(|balances| Before { balances, total_amount: each.total_amount }));
    let carried = carried_reasons(own.balances, before);
    let reasons = reasons(own.status, own.unclassified, Some(chain), &carried);
    if own.chain.as_ref() == Some(chain) && own.reasons == reasons {
        return None;
    }
    let mut changed = ItemBuilder::edit(item.clone());
    changed.text("chain", chain.name()).remove("predecessor");
    if let Chain::Chained(id) = chain {
        changed.text("predecessor", id.as_str());
    }
    attention(&mut changed, &reasons);
    Some(changed.take())
}

fn read_header(fields: &Fields<'_>) -> Result<SettlementHeader, StoreError> {
    Ok(SettlementHeader {
        settlement_id: fields.parse("settlement_id", "a settlement id")?,
        start: fields.time("settlement_start")?,
        end: fields.time("settlement_end")?,
        deposit_date: fields.time("deposit_date")?,
        total_amount: fields.number("total_amount")?,
        currency: fields.parse("currency", "a currency of ISO 4217")?,
    })
}

fn read_status(fields: &Fields<'_>, name: &str) -> Result<SettlementStatus, StoreError> {
    let text = fields.text(name)?;
    let found = SettlementStatus::ALL.into_iter().find(|each| each.name() == text);
    found.ok_or_else(|| fields.fault(name, "booking, proven or unproven"))
}

fn read_layout(fields: &Fields<'_>, name: &str) -> Result<Layout, StoreError> {
    let text = fields.text(name)?;
    let found = [Layout::V2, Layout::V1, Layout::Xml].into_iter().find(|each| each.name() == text);
    found.ok_or_else(|| fields.fault(name, "V2, V1 or XML"))
}

fn read_chain(fields: &Fields<'_>) -> Result<Option<Chain>, StoreError> {
    Ok(match fields.text_if("chain")? {
        None => None,
        Some("first") => Some(Chain::First),
        Some("gap") => Some(Chain::Gap),
        Some("chained") => Some(Chain::Chained(fields.parse("predecessor", "a settlement id")?)),
        Some(_) => return Err(fields.fault("chain", "first, chained or gap")),
    })
}

fn read_balances(fields: &Fields<'_>) -> Result<Option<Balances>, StoreError> {
    let Some(previous_reserve) = fields.number_if("previous_reserve")? else { return Ok(None) };
    Ok(Some(Balances {
        previous_reserve,
        current_reserve: fields.number("current_reserve")?,
        payable_to_amazon: fields.number("payable_to_amazon")?,
    }))
}

fn read_reasons(fields: &Fields<'_>) -> Result<Vec<AttentionReason>, StoreError> {
    let parse = |name: &str| AttentionReason::from_name(name);
    let reasons: Option<Vec<_>> = fields.texts("reasons")?.into_iter().map(parse).collect();
    reasons.ok_or_else(|| fields.fault("reasons", "a list of reasons that this program knows"))
}

pub(super) fn read_claimed(fields: &Fields<'_>) -> Result<ClaimedSettlement, StoreError> {
    Ok(ClaimedSettlement {
        seller: fields.parse("seller", "a seller id")?,
        sha256: fields.text("sha256")?.to_owned(),
        layout: read_layout(fields, "layout")?,
        report_id: fields.parse("report_id", "a report id")?,
        claimed_at: fields.time("claimed_at")?,
        status: read_status(fields, "status")?,
    })
}

pub(super) fn read(fields: &Fields<'_>) -> Result<StoredSettlement, StoreError> {
    let owned = |texts: Vec<&str>| texts.into_iter().map(str::to_owned).collect::<Vec<_>>();
    Ok(StoredSettlement {
        seller: fields.parse("seller", "a seller id")?,
        header: read_header(fields)?,
        claimed: read_claimed(fields)?,
        also_delivered_as: fields.ids("also_delivered_as")?,
        marketplaces: fields.texts("marketplaces")?.into_iter().map(str::to_owned).collect(),
        balances: read_balances(fields)?,
        chain: read_chain(fields)?,
        proof: read_proof(fields)?,
        reasons: read_reasons(fields)?,
        unknown_columns: owned(fields.texts("unknown_columns")?),
        warnings: owned(fields.texts("warnings")?),
    })
}

fn read_proof(fields: &Fields<'_>) -> Result<Option<StoredProof>, StoreError> {
    let Some(completed_at) = fields.time_if("completed_at")? else { return Ok(None) };
    Ok(Some(StoredProof {
        rows: fields.number("rows")?,
        amounts: fields.number("amounts")?,
        payments_written: fields.number("payments_written")?,
        sum: fields.number("sum")?,
        difference: fields.number("difference")?,
        unclassified: fields.number("unclassified")?,
        by_type: read_subtotals(fields, "by_type")?,
        by_category: read_subtotals(fields, "by_category")?,
        derived: read_derived(fields)?,
        program_version: fields.text("program_version")?.to_owned(),
        rules: fields.text_if("rules")?.map(str::to_owned),
        completed_at,
    }))
}

fn read_subtotals(fields: &Fields<'_>, name: &str) -> Result<BTreeMap<String, StoredSubtotal>, StoreError> {
    let fault = || fields.fault(name, "a map of counts and sums");
    let Some(map) = fields.map(name)? else { return Ok(BTreeMap::new()) };
    let mut subtotals = BTreeMap::new();
    for (each, value) in map {
        let inner = Fields::of(value.as_m().map_err(|_other| fault())?, KEYS);
        let subtotal = StoredSubtotal {
            count: inner.number("count").map_err(|_other| fault())?,
            sum: inner.number("sum").map_err(|_other| fault())?,
        };
        subtotals.insert(each.clone(), subtotal);
    }
    Ok(subtotals)
}

fn read_derived(fields: &Fields<'_>) -> Result<Option<StoredDerived>, StoreError> {
    let fault = || fields.fault("derived", "a derived payment");
    let Some(map) = fields.map("derived")? else { return Ok(None) };
    let inner = Fields::of(map, KEYS);
    let payment_type = PaymentType::from_name(inner.text("type").map_err(|_other| fault())?).ok_or_else(fault)?;
    Ok(Some(StoredDerived {
        payment_type,
        category: inner.text("category").map_err(|_other| fault())?.to_owned(),
        amount: inner.number("amount").map_err(|_other| fault())?,
        posted_at: inner.time("posted_at").map_err(|_other| fault())?,
    }))
}

pub(super) fn read_attention(fields: &Fields<'_>) -> Result<NeedsAttention, StoreError> {
    if !fields.text("settlement")?.starts_with("conflict ") {
        return Ok(NeedsAttention::Settlement(Box::new(read(fields)?)));
    }
    Ok(NeedsAttention::Conflict(Box::new(ConflictRecord {
        seller: fields.parse("seller", "a seller id")?,
        settlement_id: fields.parse("settlement_id", "a settlement id")?,
        settlement_end: fields.time("settlement_end")?,
        booked: ClaimedSettlement {
            seller: fields.parse("booked_for_seller", "a seller id")?,
            sha256: fields.text("booked_sha256")?.to_owned(),
            layout: read_layout(fields, "booked_layout")?,
            report_id: fields.parse("booked_report_id", "a report id")?,
            claimed_at: fields.time("booked_claimed_at")?,
            status: read_status(fields, "booked_status")?,
        },
        refused_sha256: fields.text("sha256")?.to_owned(),
        refused_layout: read_layout(fields, "layout")?,
        refused_report_id: fields.parse("report_id", "a report id")?,
        refused_at: fields.time("refused_at")?,
    })))
}
