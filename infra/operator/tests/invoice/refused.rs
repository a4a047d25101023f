//! What is not made, and how it is said.

use std::fs;

use crate::program::{MADE, NEEDS_PERSON, UNREADABLE, fixture, folder, run, sample};

#[test]
fn a_report_that_is_wrong_anywhere_makes_nothing_and_names_the_place() {
    let out = folder();
    let said = sample(&fixture("bad-amount.txt"), out.path(), &[]);
    assert_eq!((said.code, said.stdout.as_str()), (UNREADABLE, ""));
    assert!(said.stderr.contains("line 3, column item-vat-amount: found \"7,9x\""), "{}", said.stderr);
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 0);
}

#[test]
fn what_is_no_report_or_no_profile_is_said() {
    let out = folder();
    let missing = sample(&out.path().join("nothing.txt"), out.path(), &[]);
    assert_eq!(missing.code, UNREADABLE);
    assert!(missing.stderr.contains("nothing.txt cannot be opened"), "{}", missing.stderr);
    let folder = sample(out.path(), out.path(), &[]);
    assert_eq!(folder.code, UNREADABLE);
    let other = sample(&fixture("bad-other-xml.xml"), out.path(), &[]);
    assert!(other.stderr.contains("VAT invoice data report"), "{}", other.stderr);
    let profile = run(&fixture("sample.txt"), out.path(), &["--profile", "no-such-seller.toml"]);
    assert_eq!(profile.code, UNREADABLE);
    assert!(profile.stderr.contains("no-such-seller.toml"), "{}", profile.stderr);
}

#[test]
fn a_profile_or_the_sample_must_be_chosen() {
    let out = folder();
    assert_eq!(run(&fixture("sample.txt"), out.path(), &[]).code, 1);
    let both = run(&fixture("sample.txt"), out.path(), &["--sample", "--profile", "seller.toml"]);
    assert!(both.stderr.contains("cannot be used with"), "{}", both.stderr);
}

#[test]
fn a_file_with_another_content_is_never_overwritten() {
    let out = folder();
    let report = fixture("domestic-in-every-marketplace.txt");
    let kept = out.path().join("DE-2026-000001.pdf");
    fs::write(&kept, "mine").unwrap();
    let said = sample(&report, out.path(), &[]);
    assert_eq!(said.code, NEEDS_PERSON);
    assert_eq!(fs::read(&kept).unwrap(), b"mine");
    assert!(!out.path().join("DE-2026-000001.xml").exists());
    assert!(said.stderr.contains("is there already with another content"), "{}", said.stderr);
    assert_eq!(said.documents().len(), 9);
}

#[test]
fn a_document_that_cannot_be_made_leaves_no_gap() {
    let out = folder();
    let profile = out.path().join("seller.toml");
    // The profile has another German number than the report, so that everything German is refused.
    fs::write(
        &profile,
        "[seller]\nname = \"Other Ltd\"\nstreet = \"1 Road\"\npostal_code = \"LS1 4AB\"\ncity = \"Leeds\"\ncountry = \"GB\"\nemail = \"a@b.example\"\n\n[vat_ids]\nDE = \"DE999999999\"\n\n[numbers]\ninvoice = \"{year}-{number:4}\"\ncredit_note = \"C{year}-{number:4}\"\n",
    )
    .unwrap();
    let documents = out.path().join("documents");
    let said = run(
        &fixture("domestic-in-every-marketplace.txt"),
        &documents,
        &["--profile", profile.to_str().unwrap(), "--json"],
    );
    assert_eq!(said.code, NEEDS_PERSON, "{}", said.stderr);
    assert!(said.stderr.contains("DE999999999"), "{}", said.stderr);
    let expected: Vec<_> = (1..=9).map(|number| format!("2026-{number:04}")).collect();
    assert_eq!(said.numbers(), expected, "{}", said.stderr);
}

#[test]
fn a_first_number_that_is_none_is_refused() {
    let out = folder();
    for text in ["0", "-1", "many", "DE-2026=3", "DE-2026-#=x"] {
        let said = sample(&fixture("empty-report.txt"), out.path(), &[&format!("--first-number={text}")]);
        assert_eq!(said.code, 1, "{text}");
        assert!(said.stderr.contains("--first-number"), "{}", said.stderr);
    }
    assert_eq!(sample(&fixture("empty-report.txt"), out.path(), &["--first-number", "DE-2026-#=3"]).code, MADE);
}

#[test]
fn nothing_personal_is_on_standard_error() {
    let out = folder();
    let said = sample(&fixture("sample.txt"), out.path(), &[]);
    for name in ["Beispiel", "Lindenallee", "DE987654325"] {
        assert!(!said.stderr.contains(name), "{name}: {}", said.stderr);
    }
}
