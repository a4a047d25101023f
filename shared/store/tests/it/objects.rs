//! Documents in the bucket.

use std::io::Read;
use std::sync::Mutex;

use bytes::Bytes;
use countinghouse_domain::report::ReportType;
use countinghouse_store::{Declared, ObjectMetadata, ObjectPlace, PutError, ReportObjects, StoreError};
use futures_util::stream;
use sha2::{Digest, Sha256};

use crate::emulator::Lie;
use crate::{Case, World};

pub(crate) fn cases(aws: &World) -> Vec<Case> {
    crate::cases![aws;
        a_small_document_is_read_as_it_was_stored,
        a_large_document_is_stored_in_parts_and_read_as_it_was_stored,
        a_sender_that_breaks_off_leaves_nothing,
        a_document_of_the_wrong_length_is_not_stored,
        a_cut_download_goes_on_where_it_broke,
        an_object_that_changes_while_it_is_read_is_an_error,
        an_object_that_is_not_there_is_missing,
    ]
}

const KEY: &str = "reports/A1/GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2/7";
const DECLARED: Declared = Declared { bytes: None };

fn metadata() -> ObjectMetadata {
    ObjectMetadata {
        seller: "A1".parse().unwrap(),
        report_id: "7".parse().unwrap(),
        report_type: ReportType::SETTLEMENT_V2,
        report_document_id: "amzn1.doc".parse().unwrap(),
        charset: Some("Cp1252".to_owned()),
        gzip: true,
    }
}

/// Bytes that differ everywhere.
fn bytes(count: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(count + 32);
    let mut block = Sha256::digest(b"countinghouse").to_vec();
    while bytes.len() < count {
        block = Sha256::digest(&block).to_vec();
        bytes.extend_from_slice(&block);
    }
    bytes.truncate(count);
    bytes
}

/// A sender that gives 64 KB at a time and then, where told so, breaks off.
fn sender(
    bytes: &[u8],
    breaks_off: bool,
) -> impl futures_util::Stream<Item = Result<Bytes, std::io::Error>> + Unpin + use<> {
    let mut chunks: Vec<_> = bytes.chunks(65_536).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
    if breaks_off {
        chunks.push(Err(std::io::ErrorKind::ConnectionReset.into()));
    }
    stream::iter(chunks)
}

fn place(bucket: &str) -> ObjectPlace {
    ObjectPlace { bucket: bucket.to_owned(), key: KEY.to_owned(), version: None }
}

async fn read_all(objects: &ReportObjects, bucket: &str) -> std::io::Result<Vec<u8>> {
    let mut open = objects.open(&place(bucket)).await.unwrap();
    assert_eq!(open.metadata, metadata());
    let read = move || {
        let mut all = Vec::new();
        open.body.read_to_end(&mut all).map(|_| all)
    };
    tokio::task::spawn_blocking(read).await.unwrap()
}

async fn stored_and_read(aws: &World, count: usize) {
    let (bucket, objects) = (aws.bucket().await, ReportObjects::new(aws.s3()));
    let original = bytes(count);
    let declared = Declared { bytes: Some(u64::try_from(count).unwrap()) };
    let stored = objects.put_stream(&bucket, KEY, &metadata(), declared, sender(&original, false)).await.unwrap();
    assert_eq!(stored.bytes, u64::try_from(count).unwrap());
    assert_eq!(stored.sha256, hex::encode(Sha256::digest(&original)));
    let head = objects.exists(&bucket, KEY).await.unwrap().unwrap();
    assert_eq!((head.bytes, head.metadata), (stored.bytes, metadata()));
    assert!(read_all(&objects, &bucket).await.unwrap() == original);
}

async fn a_small_document_is_read_as_it_was_stored(aws: World) {
    stored_and_read(&aws, 12_345).await;
}

async fn a_large_document_is_stored_in_parts_and_read_as_it_was_stored(aws: World) {
    stored_and_read(&aws, 20_000_001).await;
}

async fn a_sender_that_breaks_off_leaves_nothing(aws: World) {
    let (bucket, objects) = (aws.bucket().await, ReportObjects::new(aws.s3()));
    for count in [1_000, 20_000_000] {
        let broken = sender(&bytes(count), true);
        let error = objects.put_stream(&bucket, KEY, &metadata(), DECLARED, broken).await.unwrap_err();
        assert!(matches!(error, PutError::Source(_)), "{error}");
        assert_eq!(objects.exists(&bucket, KEY).await.unwrap(), None);
    }
    let unfinished = aws.s3().list_multipart_uploads().bucket(&bucket).send().await.unwrap();
    assert_eq!(unfinished.uploads().len(), 0);
}

async fn a_document_of_the_wrong_length_is_not_stored(aws: World) {
    let (bucket, objects) = (aws.bucket().await, ReportObjects::new(aws.s3()));
    for (count, declared) in [(1_000, 1_001), (1_000, 999), (9_000_000, 9_000_001)] {
        let wrong = Declared { bytes: Some(declared) };
        let sent = sender(&bytes(count), false);
        let error = objects.put_stream(&bucket, KEY, &metadata(), wrong, sent).await.unwrap_err();
        assert!(matches!(error, PutError::Length { .. }), "{error}");
        assert_eq!(objects.exists(&bucket, KEY).await.unwrap(), None);
    }
}

/// Lets through so many bytes of each of the first downloads.
struct Cuts(Mutex<Vec<usize>>);

impl Lie for Cuts {
    fn cut(&self, operation: &str, mut body: Vec<u8>) -> Vec<u8> {
        if operation == "GET"
            && let Some(count) = self.0.lock().unwrap().pop()
        {
            body.truncate(count);
        }
        body
    }
}

async fn a_cut_download_goes_on_where_it_broke(aws: World) {
    let (bucket, objects) = (aws.bucket().await, ReportObjects::new(aws.s3()));
    let original = bytes(300_000);
    objects.put_stream(&bucket, KEY, &metadata(), DECLARED, sender(&original, false)).await.unwrap();
    let cut = ReportObjects::new(aws.lying(Cuts(Mutex::new(vec![0, 7, 100_000, 1, 70_000]))).s3());
    assert!(read_all(&cut, &bucket).await.unwrap() == original);
}

async fn an_object_that_changes_while_it_is_read_is_an_error(aws: World) {
    let (bucket, objects) = (aws.bucket().await, ReportObjects::new(aws.s3()));
    objects.put_stream(&bucket, KEY, &metadata(), DECLARED, sender(&bytes(300_000), false)).await.unwrap();
    let cut = ReportObjects::new(aws.lying(Cuts(Mutex::new(vec![1_000]))).s3());
    let mut open = cut.open(&place(&bucket)).await.unwrap();
    let mut first = [0; 1];
    // The first download is cut and the object is another one before it goes on: what is read must not be a
    // mixture. Which of the two happens first is open, but never is the mixture read as if it were whole.
    objects.put_stream(&bucket, KEY, &metadata(), DECLARED, sender(&bytes(299_999), false)).await.unwrap();
    let read = move || {
        open.body.read_exact(&mut first).unwrap();
        let mut all = first.to_vec();
        open.body.read_to_end(&mut all).map(|_| all)
    };
    let read = tokio::task::spawn_blocking(read).await.unwrap();
    assert!(read.is_err() || read.unwrap() == bytes(300_000));
}

async fn an_object_that_is_not_there_is_missing(aws: World) {
    let bucket = aws.bucket().await;
    let objects = ReportObjects::new(aws.s3());
    assert_eq!(objects.exists(&bucket, KEY).await.unwrap(), None);
    let error = objects.open(&place(&bucket)).await.unwrap_err();
    assert!(matches!(error, StoreError::Missing { .. }), "{error}");
}
