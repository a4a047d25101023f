//! Writes every case as PDF and XML into a folder, to be looked at: `cargo run --example pages -- FOLDER`.

#[path = "../tests/it/cases/mod.rs"]
#[expect(dead_code, reason = "some cases are for tests only")]
mod cases;

use std::path::PathBuf;

use countinghouse_invoicing::{Profile, Renderer};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("name a folder")?);
    std::fs::create_dir_all(&folder)?;
    let (renderer, profile) = (Renderer::new()?, Profile::sample()?);
    for (name, document) in cases::all() {
        let number = format!("{}-2026-{:06}", document.marketplace, name.len());
        let rendered = renderer.render(&document, &cases::issue(&number), &profile)?;
        std::fs::write(folder.join(format!("{name}.pdf")), &rendered.pdf)?;
        std::fs::write(folder.join(format!("{name}.xml")), &rendered.xml)?;
        println!("{name}: {rendered:?}");
        for check in rendered.checks {
            println!("  {} {}: {}", if check.passed { "ok" } else { "--" }, check.name, check.text);
        }
    }
    Ok(())
}
