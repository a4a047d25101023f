//! Tables, queues and a bucket without a template: for functions that a case runs in its own process, where no
//! deployed function takes a message away.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection as DynamoProjection,
    ProjectionType, ScalarAttributeType,
};
use aws_sdk_s3::types::{
    BucketLocationConstraint, BucketVersioningStatus, CreateBucketConfiguration, VersioningConfiguration,
};
use countinghouse_runtime::config::Variables;
use countinghouse_store::{IndexSchema, Projection, TABLES, TableSchema};
use fake_amazon::Scenario;

use crate::stack::Stack;
use crate::suite::Suite;

/// Each output of the template that a function learns through a variable.
const VARIABLES: [(&str, &str); 18] = [
    ("SELLERS_TABLE", "SellersTableName"),
    ("JOBS_TABLE", "JobsTableName"),
    ("SETTLEMENTS_TABLE", "SettlementsTableName"),
    ("PAYMENTS_TABLE", "PaymentsTableName"),
    ("DOCUMENTS_TABLE", "DocumentsTableName"),
    ("RATE_BUDGETS_TABLE", "RateBudgetsTableName"),
    ("REPORTS_BUCKET", "ReportsBucketName"),
    ("DOWNLOADS_QUEUE_URL", "DownloadsQueueUrl"),
    ("BOOKINGS_QUEUE_URL", "BookingsQueueUrl"),
    ("VENDOR_INVOICES_TABLE", "VendorInvoicesTableName"),
    ("VENDOR_SUBMISSIONS_QUEUE_URL", "VendorSubmissionsQueueUrl"),
    ("PURCHASES_TABLE", "PurchasesTableName"),
    ("PURCHASES_QUEUE_URL", "PurchasesQueueUrl"),
    ("OWN_INVOICES_TABLE", "OwnInvoicesTableName"),
    ("INVOICE_ISSUES_QUEUE_URL", "InvoiceIssuesQueueUrl"),
    ("INVOICE_UPLOADS_QUEUE_URL", "InvoiceUploadsQueueUrl"),
    ("CLIENT_SECRETS_QUEUE_URL", "ClientSecretsQueueUrl"),
    ("CLIENT_SECRETS_DLQ_URL", "ClientSecretsDlqUrl"),
];

impl Suite {
    /// The tables, queues and the bucket of the template by the same output names, but no functions.
    pub async fn bare(&self, name: &str, scenario: Scenario) -> Stack {
        let mut stack = self.undeployed(name, scenario).await;
        let dynamodb = aws_sdk_dynamodb::Client::new(&stack.aws);
        let mut outputs = BTreeMap::new();
        for table in &TABLES {
            let table_name = format!("{name}-{}", table.name);
            create_table(&dynamodb, table, &table_name).await;
            outputs.insert(format!("{}TableName", pascal(table.name)), table_name);
        }
        let sqs = aws_sdk_sqs::Client::new(&stack.aws);
        let queues = ["downloads", "bookings", "notifications", "vendor-submissions", "purchases", "invoice-issues"];
        for queue in queues.into_iter().chain(["invoice-uploads", "client-secrets"]) {
            let made = sqs.create_queue().queue_name(format!("{name}-{queue}")).send().await.unwrap();
            outputs.insert(format!("{}QueueUrl", pascal(queue)), made.queue_url.unwrap());
        }
        let made = sqs.create_queue().queue_name(format!("{name}-client-secrets-dlq")).send().await.unwrap();
        outputs.insert("ClientSecretsDlqUrl".to_owned(), made.queue_url.unwrap());
        let bucket = format!("{name}-reports");
        let here = CreateBucketConfiguration::builder().location_constraint(BucketLocationConstraint::EuWest1).build();
        let create = aws_sdk_s3::Client::new(&stack.aws).create_bucket().bucket(&bucket);
        create.create_bucket_configuration(here).send().await.unwrap();
        outputs.insert("ReportsBucketName".to_owned(), bucket);
        stack.outputs = outputs;
        stack
    }
}

impl Stack {
    /// From now on the bucket keeps every version of an object, as that of the template does.
    pub async fn keep_versions(&self) {
        let enabled = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
        let request = aws_sdk_s3::Client::new(&self.aws).put_bucket_versioning();
        let request = request.bucket(self.output("ReportsBucketName")).versioning_configuration(enabled);
        request.send().await.unwrap();
    }

    /// The variables of a function, as the template would set them.
    pub fn variables(&self) -> Variables {
        let outputs = VARIABLES.map(|(variable, output)| (variable.to_owned(), self.output(output).to_owned()));
        let amazon = [
            ("LWA_ENDPOINT", self.amazon.token_url()),
            ("SP_API_ENDPOINT_NA", self.amazon.region_url(fake_amazon::Region::Na)),
            ("SP_API_ENDPOINT_EU", self.amazon.region_url(fake_amazon::Region::Eu)),
            ("SP_API_ENDPOINT_FE", self.amazon.region_url(fake_amazon::Region::Fe)),
            ("BUSINESS_API_ENDPOINT_NA", self.amazon.region_url(fake_amazon::Region::Na)),
            ("BUSINESS_API_ENDPOINT_EU", self.amazon.region_url(fake_amazon::Region::Eu)),
            ("BUSINESS_API_ENDPOINT_JP", self.amazon.region_url(fake_amazon::Region::Fe)),
        ];
        let amazon = amazon.map(|(variable, value)| (variable.to_owned(), value));
        let days = [("PERSONAL_DATA_RETENTION_DAYS".to_owned(), "3653".to_owned())];
        Variables::new(outputs.into_iter().chain(amazon).chain(days))
    }
}

/// `rate-budgets` becomes `RateBudgets`.
fn pascal(name: &str) -> String {
    let word = |word: &str| word[..1].to_uppercase() + &word[1..];
    name.split('-').map(word).collect()
}

async fn create_table(client: &aws_sdk_dynamodb::Client, table: &TableSchema, name: &str) {
    let mut request = client.create_table().table_name(name).billing_mode(BillingMode::PayPerRequest);
    request = request.set_key_schema(Some(keys(table.hash, table.range)));
    let mut attributes: Vec<&str> = [table.hash].into_iter().chain(table.range).collect();
    attributes.extend(table.indexes.iter().flat_map(|index| [index.hash, index.range]));
    attributes.sort_unstable();
    attributes.dedup();
    for attribute in attributes {
        let kind = ScalarAttributeType::S;
        let definition = AttributeDefinition::builder().attribute_name(attribute).attribute_type(kind).build().unwrap();
        request = request.attribute_definitions(definition);
    }
    for each in table.indexes {
        request = request.global_secondary_indexes(index(each));
    }
    request.send().await.unwrap();
}

fn index(schema: &IndexSchema) -> GlobalSecondaryIndex {
    let projection = DynamoProjection::builder();
    let projection = match schema.projection {
        Projection::All => projection.projection_type(ProjectionType::All),
        Projection::KeysOnly => projection.projection_type(ProjectionType::KeysOnly),
        Projection::Include(names) => {
            let names = names.iter().map(ToString::to_string).collect();
            projection.projection_type(ProjectionType::Include).set_non_key_attributes(Some(names))
        }
    };
    GlobalSecondaryIndex::builder()
        .index_name(schema.name)
        .set_key_schema(Some(keys(schema.hash, Some(schema.range))))
        .projection(projection.build())
        .build()
        .unwrap()
}

fn keys(hash: &str, range: Option<&str>) -> Vec<KeySchemaElement> {
    let key = |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap();
    [key(hash, KeyType::Hash)].into_iter().chain(range.map(|name| key(name, KeyType::Range))).collect()
}
