use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        /// What was counted since the process began. Cheap to read at any time.
        #[derive(Debug, Default)]
        pub struct Counters { $($name: AtomicU64,)* }

        impl Counters {
            $($(#[$doc])*
            pub fn $name(&self) -> u64 {
                self.$name.load(Ordering::Relaxed)
            })*
        }

        $(pub(crate) mod $name {
            pub(crate) fn add(counters: &super::Counters, number: u64) {
                counters.$name.fetch_add(number, super::Ordering::Relaxed);
            }
        })*
    };
}

counters! {
    /// Events handed to endpoints, whether any wanted them or not.
    events;
    /// Tries that an endpoint answered with 2xx.
    delivered;
    /// Tries that failed and will be made again.
    retried;
    /// Deliveries of which every try failed.
    given_up;
    /// Endpoints disabled because of how they answered.
    disabled;
}
