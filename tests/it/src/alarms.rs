//! The alarms as CloudWatch would evaluate them, on the lines that the functions emit: the local AWS makes no metrics
//! of them.

use std::collections::BTreeMap;

use countinghouse_runtime::metrics::NAMESPACE;
use serde::Deserialize;
use serde_json::Value;

use crate::stack::Stack;
use crate::suite::root;

/// An alarm on one of the program's own metrics, as `infra/alarms/alarms.toml` defines it.
#[derive(Clone, Debug, Deserialize)]
pub struct Alarm {
    /// Without the stack's name.
    pub name: String,
    metric: String,
    statistic: String,
    period_s: i64,
    fires: String,
    threshold: f64,
}

#[derive(Deserialize)]
struct Definition {
    alarm: Vec<Alarm>,
}

/// Every alarm on the program's own metrics.
pub fn definition() -> Vec<Alarm> {
    let text = std::fs::read_to_string(root().join("infra/alarms/alarms.toml")).unwrap();
    toml::from_str::<Definition>(&text).unwrap().alarm
}

/// The alarm with this name.
pub fn alarm(name: &str) -> Alarm {
    definition().into_iter().find(|alarm| alarm.name == name).unwrap_or_else(|| panic!("no alarm is called {name}"))
}

/// One value of a metric at a time, in milliseconds since 1970.
pub type Point = (i64, f64);

impl Alarm {
    /// Whether these lines of a stack's functions make it fire at some time: CloudWatch takes the values of a period,
    /// and without any nothing is wrong.
    pub fn fires(&self, stack: &str, lines: &[String]) -> bool {
        let points = self.points(stack, lines);
        let at = |end: i64| -> Vec<f64> {
            let begin = end - self.period_s * 1_000;
            points.iter().filter(|(time, _)| *time > begin && *time <= end).map(|(_, value)| *value).collect()
        };
        points.iter().any(|(end, _)| self.breaches(self.of_period(&at(*end))))
    }

    /// The values that lines of a stack's functions have for it, with their times in milliseconds since 1970.
    pub fn points(&self, stack: &str, lines: &[String]) -> Vec<Point> {
        let lines = lines.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines.filter_map(|line| self.point(stack, &line)).collect()
    }

    /// What CloudWatch would make of a line: the value, where the metric is listed with the stack as its only dimension.
    fn point(&self, stack: &str, line: &Value) -> Option<Point> {
        let listed = line["_aws"]["CloudWatchMetrics"].as_array()?.iter().any(|directive| {
            let dimensions = directive["Dimensions"].as_array().into_iter().flatten();
            let names = directive["Metrics"].as_array().into_iter().flatten().map(|metric| &metric["Name"]);
            directive["Namespace"] == NAMESPACE
                && dimensions.into_iter().any(|set| *set == serde_json::json!(["Stack"]))
                && names.into_iter().any(|name| *name == self.metric.as_str())
        });
        let is_it = listed && line["Stack"] == stack;
        is_it.then(|| Some((line["_aws"]["Timestamp"].as_i64()?, line[&self.metric].as_f64()?)))?
    }

    fn of_period(&self, values: &[f64]) -> f64 {
        match self.statistic.as_str() {
            "Sum" => values.iter().sum(),
            "Maximum" => values.iter().copied().fold(f64::MIN, f64::max),
            "Minimum" => values.iter().copied().fold(f64::MAX, f64::min),
            other => panic!("the statistic {other} of {} is not known here", self.name),
        }
    }

    fn breaches(&self, value: f64) -> bool {
        match self.fires.as_str() {
            ">" => value > self.threshold,
            ">=" => value >= self.threshold,
            "<" => value < self.threshold,
            "<=" => value <= self.threshold,
            other => panic!("the comparison {other} of {} is not known here", self.name),
        }
    }
}

/// The alarms that lines of a stack make fire, by name, with the metric.
pub fn firing(stack: &str, lines: &[String]) -> BTreeMap<String, String> {
    let firing = definition().into_iter().filter(|alarm| alarm.fires(stack, lines));
    firing.map(|alarm| (alarm.name, alarm.metric)).collect()
}

impl Stack {
    /// What all functions have logged, line by line.
    pub async fn all_logs(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for entry in std::fs::read_dir(root().join("functions")).unwrap() {
            let function = entry.unwrap().file_name().into_string().unwrap();
            lines.extend(self.logs(&function).await);
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use countinghouse_runtime::metrics::{Metric, MetricLine};

    use super::*;

    fn line(metric: Metric, value: u64, second: i64) -> String {
        MetricLine::new("test").value(metric, value).to_json(jiff::Timestamp::from_second(second).unwrap())
    }

    #[test]
    fn an_alarm_fires_when_a_period_breaches_and_only_on_its_own_stack() {
        let rows = alarm("unclassified-rows");
        let lines = [line(Metric::UnclassifiedRows, 0, 0), line(Metric::UnclassifiedRows, 1, 60)];
        assert!(rows.fires("countinghouse", &lines));
        assert!(!rows.fires("another", &lines), "each stack has its own");
        assert!(!rows.fires("countinghouse", &lines[..1]));
        assert!(!rows.fires("countinghouse", &[]), "what is missing is not wrong");
    }

    #[test]
    fn a_maximum_is_no_sum_and_the_value_of_one_seller_is_not_that_of_all() {
        let silence = alarm("no-settlement");
        let lines = [200, 250].map(|hours| line(Metric::HoursSinceSettlement, hours, 60));
        assert!(!silence.fires("countinghouse", &lines));
        let now = jiff::Timestamp::from_second(60).unwrap();
        let of_one = MetricLine::new("test").per("Seller", "A1").value(Metric::HoursSinceSettlement, 500).to_json(now);
        assert!(!silence.fires("countinghouse", &[of_one]));
        assert!(silence.fires("countinghouse", &[line(Metric::HoursSinceSettlement, 384, 60)]));
    }

    #[test]
    fn less_than_is_left_fires_too() {
        let secret = alarm("secret-expires");
        assert!(secret.fires("countinghouse", &[line(Metric::DaysUntilSecretExpires, 30, 0)]));
        assert!(!secret.fires("countinghouse", &[line(Metric::DaysUntilSecretExpires, 31, 0)]));
    }
}
