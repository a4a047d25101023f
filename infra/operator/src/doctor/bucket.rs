//! The bucket: closed to others, and nothing in it is ever gone for good.

use super::check::{Check, Finding, Verdict};
use super::patient::Patient;
use super::unanswered::Unanswered;

/// Versions and public access.
pub(super) async fn check(patient: &Patient) -> Vec<Finding> {
    let bucket = match patient.bucket().await {
        Ok(bucket) => bucket,
        Err(error) => {
            let verdict = Verdict::look(
                format!("could not be checked: {}", crate::desk::chain(&error)),
                [patient.mend.console("s3/buckets")],
            );
            return vec![Finding::new(Check::BucketVersioning, "the bucket", verdict)];
        }
    };
    let (versioning, access) = tokio::join!(versioning(patient, &bucket), public_access(patient, &bucket));
    vec![
        Finding::new(Check::BucketVersioning, &bucket, versioning),
        Finding::new(Check::BucketPublicAccess, &bucket, access),
    ]
}

async fn versioning(patient: &Patient, bucket: &str) -> Verdict {
    let cure = || {
        let configuration = "--versioning-configuration Status=Enabled";
        [patient.mend.aws(&format!("s3api put-bucket-versioning --bucket {bucket} {configuration}"))]
    };
    match patient.stack.s3().get_bucket_versioning().bucket(bucket).send().await {
        Ok(answer) => match answer.status().map(aws_sdk_s3::types::BucketVersioningStatus::as_str) {
            Some("Enabled") => Verdict::fine("every version of a document is kept"),
            Some(other) => Verdict::broken(format!("versions are not kept: {other}"), cure()),
            None => Verdict::broken("versions are not kept: what is replaced is lost", cure()),
        },
        Err(error) => missing_or(patient, bucket, &Unanswered::aws("s3:GetBucketVersioning", &error)),
    }
}

async fn public_access(patient: &Patient, bucket: &str) -> Verdict {
    let cure = || {
        let blocks = "BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true";
        let configuration = format!("--public-access-block-configuration {blocks}");
        [patient.mend.aws(&format!("s3api put-public-access-block --bucket {bucket} {configuration}"))]
    };
    match patient.stack.s3().get_public_access_block().bucket(bucket).send().await {
        Ok(answer) => {
            let block = answer.public_access_block_configuration();
            let is_on = |each: Option<bool>| each == Some(true);
            let missing: Vec<_> = [
                (
                    "BlockPublicAcls",
                    block.and_then(aws_sdk_s3::types::PublicAccessBlockConfiguration::block_public_acls),
                ),
                (
                    "IgnorePublicAcls",
                    block.and_then(aws_sdk_s3::types::PublicAccessBlockConfiguration::ignore_public_acls),
                ),
                (
                    "BlockPublicPolicy",
                    block.and_then(aws_sdk_s3::types::PublicAccessBlockConfiguration::block_public_policy),
                ),
                (
                    "RestrictPublicBuckets",
                    block.and_then(aws_sdk_s3::types::PublicAccessBlockConfiguration::restrict_public_buckets),
                ),
            ]
            .into_iter()
            .filter(|(_, value)| !is_on(*value))
            .map(|(name, _)| name)
            .collect();
            if missing.is_empty() {
                Verdict::fine("closed to the public")
            } else {
                Verdict::broken(format!("it could be opened to the public: {} is off", missing.join(", ")), cure())
            }
        }
        Err(error) => {
            let unanswered = Unanswered::aws("s3:GetBucketPublicAccessBlock", &error);
            if unanswered.says("NoSuchPublicAccessBlock") {
                return Verdict::broken("nothing keeps it from being opened to the public", cure());
            }
            missing_or(patient, bucket, &unanswered)
        }
    }
}

fn missing_or(patient: &Patient, bucket: &str, unanswered: &Unanswered) -> Verdict {
    if unanswered.is_missing() {
        return Verdict::broken(format!("the bucket {bucket} is not there"), [patient.mend.deploy("")]);
    }
    unanswered.verdict(&patient.mend)
}
