//! Upper bounds of the histograms, in seconds.

use prometheus_client::metrics::histogram::Histogram;

/// For what a person or a program waits for: a millisecond to ten seconds.
pub(crate) fn answer() -> Histogram {
    Histogram::new([
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
    ])
}

/// For calls of other systems: ten milliseconds to the limit of a gateway call and beyond.
pub(crate) fn far() -> Histogram {
    Histogram::new([0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0])
}
