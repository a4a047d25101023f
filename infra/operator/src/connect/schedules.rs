//! The schedules that the flows of an account need: switched on where they are off.

use aws_sdk_scheduler::operation::get_schedule::{GetScheduleError, GetScheduleOutput};
use aws_sdk_scheduler::types::ScheduleState;
use countinghouse_store::Flows;

use super::ConnectError;
use super::advice::Trouble;
use super::progress::{Mark, Progress};
use crate::desk;
use crate::stack::{Description, Stack};

/// The schedules without which these flows stand still.
pub(crate) fn needed(flows: Flows) -> Vec<&'static str> {
    let reports = flows.vat || flows.invoicing;
    let polls = reports || flows.settlements || flows.vendor;
    let all =
        [(reports, "create-reports"), (polls, "poll-jobs"), (flows.purchases, "pull-purchases"), (true, "watch-books")];
    all.into_iter().filter_map(|(is_needed, name)| is_needed.then_some(name)).collect()
}

/// Switches on what is off.
pub(super) async fn switch_on(
    progress: &mut Progress,
    stack: &Stack,
    description: &Description,
    flows: Flows,
    dry_run: bool,
) -> Result<(), ConnectError> {
    let (mut on, mut switched) = (Vec::new(), Vec::new());
    for name in needed(flows) {
        match state(stack, name).await {
            Ok(None) => {}
            Ok(Some(schedule)) if schedule.state() == Some(&ScheduleState::Enabled) => on.push(name),
            Ok(Some(schedule)) => {
                if !dry_run && let Err(error) = enable(stack, schedule).await {
                    failed(progress, name, &error)?;
                    continue;
                }
                switched.push(name);
            }
            Err(error) => failed(progress, name, &error)?,
        }
    }
    if !on.is_empty() {
        progress.step(Mark::Already, "schedules", &format!("{}: on already", on.join(", ")))?;
    }
    if switched.is_empty() {
        return Ok(());
    }
    let (mark, done) = if dry_run { (Mark::Would, "would be switched on") } else { (Mark::Done, "switched on") };
    progress.step(mark, "schedules", &format!("{}: {done}", switched.join(", ")))?;
    if description.parameters.get("ScheduleState").is_some_and(|state| state == "DISABLED") {
        let text = "the stack was deployed with ScheduleState=DISABLED; deploy with ENABLED, or the next deployment \
                    switches them off again";
        progress.step(Mark::Note, "schedules", text)?;
    }
    Ok(())
}

fn failed(progress: &mut Progress, name: &str, error: &Failure) -> Result<(), ConnectError> {
    let to_do =
        format!("switch it on in the console of EventBridge, Scheduler, or with --leave-schedules leave it: {name}");
    let trouble = Trouble::own(desk::chain(error.as_ref()), to_do);
    Ok(progress.trouble(Mark::Attention, "schedules", &format!("{name} is not known to be on"), &trouble)?)
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn state(stack: &Stack, name: &str) -> Result<Option<GetScheduleOutput>, Failure> {
    let answer = stack.scheduler().get_schedule().name(format!("{}-{name}", stack.name)).send().await;
    match answer {
        Ok(schedule) => Ok(Some(schedule)),
        // An older template has fewer of them.
        Err(error) if error.as_service_error().is_some_and(GetScheduleError::is_resource_not_found_exception) => {
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// A schedule is changed as a whole: what is not sent along is lost.
async fn enable(stack: &Stack, schedule: GetScheduleOutput) -> Result<(), Failure> {
    let request = stack
        .scheduler()
        .update_schedule()
        .set_name(schedule.name)
        .set_group_name(schedule.group_name)
        .set_description(schedule.description.filter(|text| !text.is_empty()))
        .set_schedule_expression(schedule.schedule_expression)
        .set_schedule_expression_timezone(schedule.schedule_expression_timezone)
        .set_start_date(schedule.start_date)
        .set_end_date(schedule.end_date)
        .set_kms_key_arn(schedule.kms_key_arn)
        .set_target(schedule.target)
        .set_flexible_time_window(schedule.flexible_time_window)
        .set_action_after_completion(schedule.action_after_completion)
        .state(ScheduleState::Enabled);
    request.send().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_flow_needs_its_schedules() {
        assert_eq!(needed(Flows { settlements: true, ..Flows::default() }), ["poll-jobs", "watch-books"]);
        assert_eq!(needed(Flows { purchases: true, ..Flows::default() }), ["pull-purchases", "watch-books"]);
        assert_eq!(
            needed(Flows { vat: true, settlements: true, ..Flows::default() }),
            ["create-reports", "poll-jobs", "watch-books"]
        );
    }
}
