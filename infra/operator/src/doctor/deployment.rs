//! The stack itself: is it deployed well, does it fit this program, and does anybody hear its alarms?

use super::check::{Check, Finding, Verdict};
use super::patient::{Described, Patient};
use crate::desk::minute;

/// This program's version, which is the template's too.
const OWN: &str = env!("CARGO_PKG_VERSION");

/// The stack's state, its version, and who gets its alarms.
pub(super) fn check(patient: &Patient) -> Vec<Finding> {
    let name = &patient.stack.name;
    let of = |judge: fn(&Patient, &Described) -> Verdict| match &patient.described {
        Ok(described) => judge(patient, described),
        Err(unanswered) => unanswered.clone(),
    };
    vec![
        Finding::new(Check::Stack, name, of(state)),
        Finding::new(Check::TemplateVersion, name, of(version)),
        Finding::new(Check::AlarmSubscriber, format!("{name}-alarms"), of(alarms)),
    ]
}

fn state(patient: &Patient, described: &Described) -> Verdict {
    let status = described.status.as_str();
    let events = [
        patient.mend.aws(&format!("cloudformation describe-stack-events --stack-name {}", patient.stack.name)),
        patient.mend.console("cloudformation/home#/stacks"),
    ];
    let why = described.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    if matches!(status, "CREATE_COMPLETE" | "UPDATE_COMPLETE" | "IMPORT_COMPLETE") {
        let since = described.deployed_at.map(|at| format!(", deployed {} UTC", minute(at))).unwrap_or_default();
        return Verdict::fine(format!("{status}{since}"));
    }
    if status.ends_with("_IN_PROGRESS") {
        return Verdict::look(format!("{status}: it is being deployed at this moment{why}"), events);
    }
    if status.ends_with("ROLLBACK_COMPLETE") {
        return Verdict::look(format!("{status}: the last deployment failed and was taken back{why}"), events);
    }
    Verdict::broken(format!("{status}{why}"), events)
}

fn version(patient: &Patient, described: &Described) -> Verdict {
    let newer_template = || ["make package PROFILE=release".to_owned(), patient.mend.deploy("")];
    let Some(deployed) = described.description.outputs.get("Version") else {
        return Verdict::look(
            format!("the template that is deployed is older than {OWN}: it does not say its version"),
            newer_template(),
        );
    };
    match (numbers(deployed), numbers(OWN)) {
        (Some(theirs), Some(ours)) if theirs == ours => Verdict::fine(format!("{deployed}, as this program")),
        (Some(theirs), Some(ours)) if theirs > ours => Verdict::look(
            format!("the stack has version {deployed}, this program is {OWN}, which is older"),
            [
                format!("install version {deployed} of this program: in its sources, git checkout v{deployed}, then"),
                "cargo install --locked --path infra/operator".to_owned(),
            ],
        ),
        _ => Verdict::look(
            format!("the stack has version {deployed}, this program is {OWN}: deploy the newer template"),
            newer_template(),
        ),
    }
}

/// `1.2.3`, for comparison.
fn numbers(version: &str) -> Option<Vec<u64>> {
    version.trim().split('.').map(|part| part.parse().ok()).collect()
}

fn alarms(patient: &Patient, described: &Described) -> Verdict {
    let address = described.description.parameters.get("AlarmEmail");
    if address.is_some_and(|address| !address.is_empty()) {
        return Verdict::fine("an address is given in AlarmEmail; it has to confirm AWS's first mail");
    }
    let topic = patient.output("AlarmTopicArn").unwrap_or("the topic of alarms");
    Verdict::look(
        format!("no AlarmEmail is given, so the template subscribes nobody to {topic}"),
        [
            patient.mend.deploy("AlarmEmail=you@example.com"),
            patient.mend.aws(&format!("sns list-subscriptions-by-topic --topic-arn {topic}")),
            "if that lists somebody who listens: --except alarm-subscriber".to_owned(),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(numbers("0.10.0") > numbers("0.9.3"));
        assert_eq!(numbers("1.2"), Some(vec![1, 2]));
        assert_eq!(numbers("next"), None);
        assert!(numbers(OWN).is_some());
    }
}
