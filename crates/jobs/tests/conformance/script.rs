//! What a carrier is to say, number by number.

use std::{
    collections::{HashMap, VecDeque},
    sync::Mutex,
};

use portico_domain::porting::Porting;

/// Numbers that were given out, and what comes next for each.
pub struct Script<W> {
    first: u32,
    words: Mutex<HashMap<String, VecDeque<W>>>,
}

impl<W> Script<W> {
    /// Gives out numbers from `first` on, the last seven digits.
    pub fn from(first: u32) -> Self {
        Self {
            first,
            words: Mutex::default(),
        }
    }

    /// A number, never given out before, about which those words are said one after the other.
    pub fn number(&self, words: impl Into<VecDeque<W>>) -> String {
        let mut all = self.words.lock().expect("no panic");
        let nth = u32::try_from(all.len()).expect("few numbers");
        let number = format!("+1212{:07}", self.first + nth);
        all.insert(number.clone(), words.into());
        number
    }

    /// What is said next about a porting's number, once.
    pub fn next(&self, porting: &Porting) -> Option<W> {
        let mut all = self.words.lock().expect("no panic");
        all.get_mut(porting.phone_number.as_str())?.pop_front()
    }
}
