//! How things are mended: commands that can be run as they stand, and pages of a console.

use countinghouse_store::Seller;

use crate::connect::target::Kind;

/// What the commands need to know of the stack.
#[derive(Debug, Clone)]
pub(super) struct Mend {
    pub(super) stack: String,
    pub(super) region: String,
    pub(super) profile: Option<String>,
}

/// The stack that this program's commands take by default.
const USUAL_STACK: &str = "countinghouse";

impl Mend {
    /// A command of AWS's own program.
    pub(super) fn aws(&self, command: &str) -> String {
        format!("aws {command} --region {}{}", self.region, self.profile())
    }

    /// A command of this program.
    pub(super) fn own(&self, command: &str) -> String {
        let stack = if self.stack == USUAL_STACK { String::new() } else { format!(" --stack {}", self.stack) };
        format!("countinghouse {command}{stack} --region {}{}", self.region, self.profile())
    }

    /// Connecting an account again, with further options: `--again` with the credentials that are stored.
    pub(super) fn connect(&self, account: &Seller, options: &str) -> String {
        let space = if options.is_empty() { "" } else { " " };
        self.own(&format!("connect {} {}{space}{options}", Kind::of(account.flows).name(), account.seller_id))
    }

    /// A deployment of the template with these parameters, or with those that it has.
    pub(super) fn deploy(&self, parameters: &str) -> String {
        let parameters =
            if parameters.is_empty() { String::new() } else { format!(" --parameter-overrides {parameters}") };
        format!(
            "sam deploy --template infra/template.yaml --stack-name {} --resolve-s3 --capabilities CAPABILITY_IAM \
             --region {}{}{parameters}",
            self.stack,
            self.region,
            self.profile()
        )
    }

    /// A page of AWS's console, by its path.
    pub(super) fn console(&self, path: &str) -> String {
        format!("https://{}.console.aws.amazon.com/{path}", self.region)
    }

    /// The log of a function, by the function's short name.
    pub(super) fn log(&self, function: &str) -> String {
        self.aws(&format!("logs tail /aws/lambda/{}-{function} --since 6h", self.stack))
    }

    fn profile(&self) -> String {
        self.profile.as_ref().map(|profile| format!(" --profile {profile}")).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_names_the_stack_only_where_it_is_not_the_usual_one() {
        let usual = Mend { stack: "countinghouse".to_owned(), region: "eu-west-1".to_owned(), profile: None };
        assert_eq!(usual.own("status --account A1"), "countinghouse status --account A1 --region eu-west-1");
        let other = Mend { stack: "books".to_owned(), profile: Some("finance".to_owned()), ..usual };
        assert_eq!(other.own("rotate"), "countinghouse rotate --stack books --region eu-west-1 --profile finance");
        assert_eq!(other.aws("sqs list-queues"), "aws sqs list-queues --region eu-west-1 --profile finance");
        assert!(other.deploy("AlarmEmail=a@b.example").ends_with(" --parameter-overrides AlarmEmail=a@b.example"));
    }
}
