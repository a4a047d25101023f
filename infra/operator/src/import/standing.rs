//! What the stack already knows of each file.

use countinghouse_domain::job::JobState;
use countinghouse_domain::settlement::ChainLink;

use super::read::{Reading, Readings};
use super::{Arguments, ImportError, Office};
use crate::desk;

/// How a file stands to the stack's books.
#[derive(Debug)]
pub(super) enum Standing {
    /// It is not known.
    New,
    /// It was imported before and is not booked; it is put there again.
    Again(JobState),
    /// Its content is booked, or being booked, for the reason that is given.
    There(String),
    /// It cannot be imported as it is.
    Refused(String),
}

impl Standing {
    pub(super) const fn is_wanted(&self) -> bool {
        matches!(self, Self::New | Self::Again(_))
    }

    pub(super) const fn is_refused(&self) -> bool {
        matches!(self, Self::Refused(_))
    }

    fn text(&self) -> String {
        match self {
            Self::New => "will be imported".to_owned(),
            Self::Again(state) => format!("was imported before and is {state}: once more"),
            Self::There(why) => format!("nothing to do: {why}"),
            Self::Refused(why) => format!("REFUSED: {why}"),
        }
    }
}

/// Looks a file up.
pub(super) async fn of(office: &Office, reading: &Reading, arguments: &Arguments) -> Result<Standing, ImportError> {
    let account = &office.account.seller_id;
    let job = office.jobs.get(account, &reading.report_id).await?;
    if job.as_ref().is_some_and(|job| job.state == JobState::Booked) {
        return Ok(Standing::There("this file is imported and booked".to_owned()));
    }
    if let Some(header) = &reading.settlement {
        let id = &header.settlement_id;
        if let Some(known) = office.settlements.get(account, id).await? {
            let claimed = &known.claimed;
            if claimed.sha256 != reading.sha256 {
                return Ok(Standing::Refused(format!(
                    "settlement {id} is booked from other bytes: report {} in layout {}; what is booked stays: compare the two files",
                    claimed.report_id,
                    claimed.layout.name(),
                )));
            }
            if claimed.report_id != reading.report_id {
                return Ok(Standing::There(format!("settlement {id} is booked from report {}", claimed.report_id)));
            }
        } else if let Some(owner) = office.settlements.owner(id).await?.filter(|owner| owner != account) {
            return Ok(Standing::Refused(format!(
                "settlement {id} is booked for another account, {owner}: see in Seller Central which of the two ids is the \
                 Merchant Token"
            )));
        }
        if !reading.is_proven && !arguments.unproven_too {
            return Ok(Standing::Refused(
                "its amounts do not come to its total; --unproven-too imports it all the same".to_owned(),
            ));
        }
    }
    if reading.due > 0 && !arguments.issue_due {
        return Ok(Standing::Refused(format!(
            "{} documents of it are due; were they issued since? --issue-due lets the stack number, make and upload them",
            reading.due
        )));
    }
    Ok(job.map_or(Standing::New, |job| Standing::Again(job.state)))
}

/// The settlements that are booked in the currencies of the files.
pub(super) async fn neighbours(office: &Office, readings: &Readings) -> Result<Vec<ChainLink>, ImportError> {
    let headers = readings.files.iter().filter_map(|reading| reading.settlement.as_ref());
    let mut currencies: Vec<_> = headers.map(|header| header.currency).collect();
    currencies.sort_unstable();
    currencies.dedup();
    let mut links = Vec::new();
    for currency in currencies {
        links.extend(office.settlements.links(&office.account.seller_id, currency).await?);
    }
    Ok(links)
}

/// What would be done with each file.
pub(super) fn table(readings: &[Reading], standings: &[Standing]) -> String {
    let rows = readings.iter().zip(standings).map(|(reading, standing)| {
        [reading.file.clone(), reading.report_type.to_string(), reading.report_id.to_string(), standing.text()]
    });
    format!("\nImport\n{}", desk::table(["file", "type", "report", "what is done"], 0..0, rows))
}
