//! getFeeds: pages of feeds, newest first.

use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::UPLOAD_VAT_INVOICE;
use super::operations::to_json;
use crate::account::Role;
use crate::clock::plus_ms;
use crate::gate::ApiCall;
use crate::reply::{Answer, Reply, put};
use crate::report::RETENTION_MS;
use crate::reports::{parse_page_size, parse_statuses, parse_time, seller};
use crate::world::World;

/// The rest of a list that did not fit on a page.
#[derive(Clone, Debug)]
pub(crate) struct FeedPage {
    rest: Vec<u64>,
    size: usize,
}

/// getFeeds.
pub(crate) fn list(world: &mut World, call: &ApiCall) -> Answer {
    let page = match call.query.get("nextToken") {
        Some(_) if call.query.len() > 1 => {
            return Err(Reply::invalid_input("nextToken must be the only parameter."));
        }
        Some(token) => seller(world, call)?.feeds.pages.get(token).cloned(),
        None => Some(first(world, call)?),
    };
    let FeedPage { mut rest, size } = page.ok_or_else(|| Reply::invalid_input("The nextToken is invalid."))?;
    let later = rest.split_off(size.min(rest.len()));
    let state = &mut seller(world, call)?.feeds;
    let feeds: Vec<_> =
        rest.iter().filter_map(|number| state.feeds.get(number)).map(|feed| to_json(feed, call.now)).collect();
    let mut body = json!({"feeds": feeds});
    if !later.is_empty() {
        let token = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        put(&mut body, "nextToken", json!(token));
        state.pages.insert(token, FeedPage { rest: later, size });
    }
    Ok(Reply::json(200, body))
}

fn first(world: &mut World, call: &ApiCall) -> Result<FeedPage, Reply> {
    let query = &call.query;
    let types = query.list("feedTypes");
    let types = types.ok_or_else(|| Reply::invalid_input("Either feedTypes or nextToken is required."))?;
    let marketplaces = query.list("marketplaceIds");
    if types.len() > 10 || marketplaces.as_ref().is_some_and(|list| list.len() > 10) {
        return Err(Reply::invalid_input("A list has more than 10 values."));
    }
    if types.contains(&UPLOAD_VAT_INVOICE) && !seller(world, call)?.config.has(Role::TaxInvoicing) {
        return Err(Reply::forbidden());
    }
    let statuses = query.list("processingStatuses").map(parse_statuses).transpose()?;
    let time = |name| query.get(name).map(parse_time).transpose();
    let since: Timestamp = time("createdSince")?.unwrap_or_else(|| plus_ms(call.now, -RETENTION_MS));
    let until: Timestamp = time("createdUntil")?.unwrap_or(call.now);
    let size = parse_page_size(query.get("pageSize"))?;
    let feeds = seller(world, call)?.feeds.feeds.values().rev();
    let wanted = feeds.filter(|feed| {
        feed.is_visible(call.now)
            && types.contains(&feed.kind.as_str())
            && statuses.as_ref().is_none_or(|wanted| wanted.contains(&feed.status(call.now)))
            && marketplaces
                .as_ref()
                .is_none_or(|wanted| feed.marketplace_ids.iter().any(|id| wanted.contains(&id.as_str())))
            && (since..=until).contains(&feed.created)
    });
    Ok(FeedPage { rest: wanted.map(|feed| feed.number).collect(), size })
}
