use portico_ambient::Random;

/// A small generator whose whole state is its seed, so that the choices of a run can be made again.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// The generator of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The seed in the environment variable `name`, or a fresh one; prints which.
    pub fn of_environment(name: &str) -> Self {
        let given = std::env::var(name).ok().and_then(|seed| seed.parse().ok());
        let seed = given.unwrap_or_else(|| u64::from_be_bytes(Random::system().bytes()));
        println!("{name}={seed}");
        Self(seed)
    }

    /// The next number.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// The next number, below `limit`.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.roll() % limit
    }

    /// One of `all`.
    pub fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        let at = self.below(u64::try_from(all.len()).expect("fits"));
        &all[usize::try_from(at).expect("fits")]
    }

    /// Another generator, independent of what this one gives from now on.
    #[must_use]
    pub fn split(&mut self) -> Self {
        Self(self.roll())
    }
}
