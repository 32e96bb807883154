use portico_domain::id::base62_digit;

/// A source of unpredictable bytes: the operating system's.
#[derive(Clone)]
pub struct Random(());

impl Random {
    /// The operating system's random source.
    pub fn system() -> Self {
        Self(())
    }

    /// `N` unpredictable bytes.
    ///
    /// # Panics
    /// When the operating system has no randomness to give, where nothing safe could go on.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the system's source"
    )]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        getrandom::fill(&mut bytes).expect("the operating system provides randomness");
        bytes
    }

    /// `len` base62 digits, each drawn evenly: 5.95 bits of entropy a digit.
    pub fn base62(&self, len: usize) -> String {
        let mut text = String::with_capacity(len);
        while text.len() < len {
            let wanted = len - text.len();
            text.extend(
                self.bytes::<64>()
                    .into_iter()
                    .filter_map(base62_digit)
                    .take(wanted),
            );
        }
        text
    }

    /// A fraction in `0.0..1.0`, for jitter.
    pub fn fraction(&self) -> f64 {
        f64::from(u32::from_be_bytes(self.bytes())) / (f64::from(u32::MAX) + 1.0)
    }
}
