//! Sellers' profiles, read again only when they changed.

use std::collections::HashMap;
use std::sync::Arc;

use countinghouse_domain::ids::SellerId;
use countinghouse_invoicing::Profile;
use countinghouse_store::{
    MadeFrom, ObjectNews, ObjectVersion, OwnInvoiceObjects, StoreError, beside_profile_key, profile_key,
};
use tokio::sync::Mutex;

/// The name of the file, as a person knows it.
const FILE: &str = "profile.toml";

/// A profile and the objects that it was read from.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) profile: Arc<Profile>,
    pub(crate) object: ObjectVersion,
    pub(crate) logo: Option<ObjectVersion>,
}

/// A profile, or why there is none, in words for the seller.
pub(crate) type Read = Result<Known, String>;

/// What is remembered of a seller.
struct Remembered {
    etag: String,
    logo: Option<(String, String)>,
    known: Known,
}

/// The profiles of all sellers that this process has seen.
pub(crate) struct Profiles {
    objects: OwnInvoiceObjects,
    remembered: Mutex<HashMap<SellerId, Remembered>>,
}

impl std::fmt::Debug for Profiles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Profiles")
    }
}

/// A file beside the profile as it is now.
struct Logo {
    etag: String,
    object: ObjectVersion,
    bytes: Vec<u8>,
}

impl Profiles {
    pub(crate) fn new(objects: OwnInvoiceObjects) -> Self {
        Self { objects, remembered: Mutex::default() }
    }

    /// The seller's profile as it is now.
    pub(crate) async fn of(&self, seller: &SellerId) -> Result<Read, StoreError> {
        let mut remembered = self.remembered.lock().await;
        let key = profile_key(seller);
        let there = remembered.get(seller);
        let (etag, object, bytes) = match self.objects.if_changed(&key, there.map(|each| each.etag.as_str())).await? {
            ObjectNews::Missing => {
                remembered.remove(seller);
                return Ok(Err(format!("the profile is missing: `countinghouse profile put` stores it as {key}")));
            }
            ObjectNews::Same => match there {
                Some(there) if self.is_logo_the_same(there).await? => return Ok(Ok(there.known.clone())),
                // The profile is as it was, and what lies beside it is not: both are read anew.
                _ => match self.objects.if_changed(&key, None).await? {
                    ObjectNews::Changed { etag, object, bytes } => (etag, object, bytes),
                    ObjectNews::Same | ObjectNews::Missing => {
                        return Err(StoreError::Missing { item: key });
                    }
                },
            },
            ObjectNews::Changed { etag, object, bytes } => (etag, object, bytes),
        };
        remembered.remove(seller);
        let logo = match wanted_logo(&bytes) {
            Some(name) => self.logo(seller, &name).await?,
            None => None,
        };
        let read = parse(&bytes, logo.as_ref().map(|logo| logo.bytes.as_slice()));
        let profile = match read {
            Ok(profile) => Arc::new(profile),
            Err(why) => return Ok(Err(why)),
        };
        let logo_of = |logo: &Logo| (logo.object.key.clone(), logo.etag.clone());
        let known = Known { profile, object, logo: logo.as_ref().map(|logo| logo.object.clone()) };
        let entry = Remembered { etag, logo: logo.as_ref().map(logo_of), known: known.clone() };
        remembered.insert(seller.clone(), entry);
        Ok(Ok(known))
    }

    /// The profile that a document was made with.
    pub(crate) async fn as_of(&self, from: &MadeFrom) -> Result<Read, StoreError> {
        let bytes = self.objects.bytes(&from.profile).await?;
        let logo = match &from.logo {
            Some(logo) => Some(self.objects.bytes(logo).await?),
            None => None,
        };
        Ok(parse(&bytes, logo.as_deref()).map(|profile| Known {
            profile: Arc::new(profile),
            object: from.profile.clone(),
            logo: from.logo.clone(),
        }))
    }

    async fn is_logo_the_same(&self, there: &Remembered) -> Result<bool, StoreError> {
        let Some((key, etag)) = &there.logo else { return Ok(true) };
        Ok(self.objects.if_changed(key, Some(etag)).await? == ObjectNews::Same)
    }

    async fn logo(&self, seller: &SellerId, name: &str) -> Result<Option<Logo>, StoreError> {
        let Some(key) = beside_profile_key(seller, name) else { return Ok(None) };
        Ok(match self.objects.if_changed(&key, None).await? {
            ObjectNews::Changed { etag, object, bytes } => Some(Logo { etag, object, bytes }),
            ObjectNews::Same | ObjectNews::Missing => None,
        })
    }
}

/// The name of the logo that a profile asks for.
fn wanted_logo(profile: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(profile).ok()?;
    let mut wanted = None;
    // What it says of a logo that is not there yet does not matter here.
    let _only_the_name = Profile::read(FILE, text, |name| {
        wanted = Some(name.to_owned());
        Err(String::new())
    });
    wanted
}

fn parse(profile: &[u8], logo: Option<&[u8]>) -> Result<Profile, String> {
    let text = std::str::from_utf8(profile)
        .map_err(|error| format!("{FILE} is not UTF-8 from byte {} on: save it as UTF-8", error.valid_up_to()))?;
    let load = |name: &str| logo.map(<[u8]>::to_vec).ok_or_else(|| format!("{name} is not beside the profile"));
    Profile::read(FILE, text, load).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROFILE: &str = "[seller]\nname = \"Linden GmbH\"\nstreet = \"Weg 1\"\npostal_code = \"20457\"\ncity = \"Hamburg\"\ncountry = \"DE\"\n[vat_ids]\nDE = \"DE123456788\"\n";
    const LOGO: &[u8] = br#"<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"></svg>"#;

    #[test]
    fn the_logo_is_the_one_that_the_profile_names() {
        let with_logo = format!("{PROFILE}[look]\nlogo = \"logo.svg\"\n");
        assert_eq!(wanted_logo(with_logo.as_bytes()).as_deref(), Some("logo.svg"));
        assert_eq!(wanted_logo(PROFILE.as_bytes()), None);
        assert!(parse(with_logo.as_bytes(), Some(LOGO)).unwrap().logo.is_some());
        let why = parse(with_logo.as_bytes(), None).unwrap_err();
        assert!(why.contains("logo.svg") && why.contains("is not beside the profile"), "{why}");
    }

    #[test]
    fn a_profile_that_cannot_be_read_says_where() {
        let why = parse(b"[seller]\nname = 7\n", None).unwrap_err();
        assert!(why.contains("profile.toml") && why.contains('2'), "{why}");
        assert!(parse(b"[seller]\nname = \"\xff\"", None).unwrap_err().contains("byte 17"));
    }
}
