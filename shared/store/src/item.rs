//! Items as people read them: a builder that writes attributes and a reader that says which one is wrong.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Display;
use std::str::FromStr;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use rust_decimal::Decimal;

use crate::StoreError;

/// An item as DynamoDB takes it.
pub type Item = HashMap<String, AttributeValue>;

/// A moment as every table has it: ISO 8601, UTC, whole seconds.
pub(crate) fn time_text(time: Timestamp) -> String {
    Timestamp::from_second(time.as_second()).unwrap_or(time).to_string()
}

/// A number as DynamoDB keeps it; a zero has no sign.
pub(crate) fn number_text(number: Decimal) -> String {
    if number.is_zero() { "0".to_owned() } else { number.to_string() }
}

/// Writes attributes. Empty texts are not written: an absent attribute is how a table says "none".
#[derive(Debug, Default)]
pub(crate) struct ItemBuilder(Item);

impl ItemBuilder {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn with_capacity(attributes: usize) -> Self {
        Self(Item::with_capacity(attributes))
    }

    /// Goes on with an item that was read; attributes that this program does not know stay.
    pub(crate) fn edit(item: Item) -> Self {
        Self(item)
    }

    pub(crate) fn value(&mut self, name: &str, value: AttributeValue) -> &mut Self {
        self.0.insert(name.to_owned(), value);
        self
    }

    pub(crate) fn text(&mut self, name: &str, text: impl Into<String>) -> &mut Self {
        let text = text.into();
        if !text.is_empty() {
            self.value(name, AttributeValue::S(text));
        }
        self
    }

    pub(crate) fn text_if(&mut self, name: &str, text: Option<impl Display>) -> &mut Self {
        match text {
            Some(text) => self.text(name, text.to_string()),
            None => self,
        }
    }

    pub(crate) fn time(&mut self, name: &str, time: Timestamp) -> &mut Self {
        self.value(name, AttributeValue::S(time_text(time)))
    }

    pub(crate) fn number(&mut self, name: &str, number: impl Display) -> &mut Self {
        self.value(name, AttributeValue::N(number.to_string()))
    }

    pub(crate) fn number_if(&mut self, name: &str, number: Option<impl Display>) -> &mut Self {
        match number {
            Some(number) => self.number(name, number),
            None => self,
        }
    }

    pub(crate) fn decimal(&mut self, name: &str, number: Decimal) -> &mut Self {
        self.value(name, AttributeValue::N(number_text(number)))
    }

    pub(crate) fn flag(&mut self, name: &str, flag: bool) -> &mut Self {
        self.value(name, AttributeValue::Bool(flag))
    }

    /// A list of texts; an empty list is not written.
    pub(crate) fn texts(&mut self, name: &str, texts: impl IntoIterator<Item = impl Display>) -> &mut Self {
        let list: Vec<_> = texts.into_iter().map(|each| AttributeValue::S(each.to_string())).collect();
        if list.is_empty() { self.remove(name) } else { self.value(name, AttributeValue::L(list)) }
    }

    pub(crate) fn map(&mut self, name: &str, map: Item) -> &mut Self {
        if map.is_empty() { self.remove(name) } else { self.value(name, AttributeValue::M(map)) }
    }

    pub(crate) fn remove(&mut self, name: &str) -> &mut Self {
        self.0.remove(name);
        self
    }

    /// What is written so far.
    pub(crate) const fn as_item(&self) -> &Item {
        &self.0
    }

    pub(crate) fn take(&mut self) -> Item {
        std::mem::take(&mut self.0)
    }
}

/// Reads attributes; every error names the item by its keys, and the attribute.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields<'a> {
    item: &'a Item,
    keys: (&'static str, &'static str),
}

impl<'a> Fields<'a> {
    pub(crate) fn of(item: &'a Item, keys: (&'static str, &'static str)) -> Self {
        Self { item, keys }
    }

    pub(crate) const fn item(&self) -> &'a Item {
        self.item
    }

    pub(crate) fn name(&self) -> String {
        let key = |name: &str| self.item.get(name).and_then(|value| value.as_s().ok()).map_or("?", String::as_str);
        format!("{} / {}", key(self.keys.0), key(self.keys.1))
    }

    pub(crate) fn fault(&self, attribute: &str, expected: &'static str) -> StoreError {
        StoreError::Corrupt { item: self.name(), attribute: attribute.to_owned(), expected }
    }

    pub(crate) fn text(&self, name: &str) -> Result<&'a str, StoreError> {
        self.text_if(name)?.ok_or_else(|| self.fault(name, "a text"))
    }

    pub(crate) fn text_if(&self, name: &str) -> Result<Option<&'a str>, StoreError> {
        match self.item.get(name) {
            None => Ok(None),
            Some(AttributeValue::S(text)) => Ok(Some(text)),
            Some(_) => Err(self.fault(name, "a text")),
        }
    }

    /// A text with a meaning: an id, a currency, a time.
    pub(crate) fn parse<T: FromStr>(&self, name: &str, expected: &'static str) -> Result<T, StoreError> {
        self.text(name)?.parse().map_err(|_meaningless| self.fault(name, expected))
    }

    pub(crate) fn parse_if<T: FromStr>(&self, name: &str, expected: &'static str) -> Result<Option<T>, StoreError> {
        let Some(text) = self.text_if(name)? else { return Ok(None) };
        text.parse().map(Some).map_err(|_meaningless| self.fault(name, expected))
    }

    pub(crate) fn time(&self, name: &str) -> Result<Timestamp, StoreError> {
        self.parse(name, "a time")
    }

    pub(crate) fn time_if(&self, name: &str) -> Result<Option<Timestamp>, StoreError> {
        self.parse_if(name, "a time")
    }

    pub(crate) fn number<T: FromStr>(&self, name: &str) -> Result<T, StoreError> {
        self.number_if(name)?.ok_or_else(|| self.fault(name, "a number"))
    }

    pub(crate) fn number_if<T: FromStr>(&self, name: &str) -> Result<Option<T>, StoreError> {
        match self.item.get(name) {
            None => Ok(None),
            Some(AttributeValue::N(text)) => {
                text.parse().map(Some).map_err(|_other| self.fault(name, "a number of this range"))
            }
            Some(_) => Err(self.fault(name, "a number")),
        }
    }

    pub(crate) fn flag(&self, name: &str) -> Result<bool, StoreError> {
        match self.item.get(name) {
            None => Ok(false),
            Some(AttributeValue::Bool(flag)) => Ok(*flag),
            Some(_) => Err(self.fault(name, "true or false")),
        }
    }

    pub(crate) fn texts(&self, name: &str) -> Result<Vec<&'a str>, StoreError> {
        let fault = || self.fault(name, "a list of texts");
        match self.item.get(name) {
            None => Ok(Vec::new()),
            Some(AttributeValue::L(list)) => {
                list.iter().map(|each| each.as_s().map(String::as_str).map_err(|_other| fault())).collect()
            }
            Some(_) => Err(fault()),
        }
    }

    pub(crate) fn ids<T: FromStr>(&self, name: &str) -> Result<Vec<T>, StoreError> {
        let parse = |text: &str| text.parse().map_err(|_invalid| self.fault(name, "a list of ids"));
        self.texts(name)?.into_iter().map(parse).collect()
    }

    pub(crate) fn map(&self, name: &str) -> Result<Option<&'a Item>, StoreError> {
        match self.item.get(name) {
            None => Ok(None),
            Some(AttributeValue::M(map)) => Ok(Some(map)),
            Some(_) => Err(self.fault(name, "a map")),
        }
    }

    /// A map of numbers, sorted by name.
    pub(crate) fn counts(&self, name: &str) -> Result<BTreeMap<String, u64>, StoreError> {
        let Some(map) = self.map(name)? else { return Ok(BTreeMap::new()) };
        let fault = || self.fault(name, "a map of counts");
        map.iter()
            .map(|(key, value)| {
                let count = value.as_n().map_err(|_other| fault())?.parse().map_err(|_other| fault())?;
                Ok((key.clone(), count))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_the_item_and_the_attribute_and_not_the_value() {
        let mut builder = ItemBuilder::new();
        let item = builder.text("seller", "A1").text("job", "report 7").text("state", "Hans").take();
        let error = Fields::of(&item, ("seller", "job")).time("state").unwrap_err();
        assert_eq!(error.to_string(), "A1 / report 7: attribute `state` is not a time");
        let error = Fields::of(&item, ("seller", "job")).number::<u64>("state").unwrap_err();
        assert_eq!(error.to_string(), "A1 / report 7: attribute `state` is not a number");
    }

    #[test]
    fn a_time_has_whole_seconds_so_that_texts_sort_as_times() {
        assert_eq!(time_text("2026-11-22T04:00:00.987654Z".parse().unwrap()), "2026-11-22T04:00:00Z");
    }

    #[test]
    fn a_zero_with_a_minus_is_a_zero() {
        assert_eq!(number_text("-0.00".parse().unwrap()), "0");
        assert_eq!(number_text("-12.30".parse().unwrap()), "-12.30");
    }

    #[test]
    fn an_empty_text_is_an_absent_attribute() {
        assert!(ItemBuilder::new().text("order_id", "").take().is_empty());
    }
}
