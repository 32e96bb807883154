use std::time::Duration;

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

use crate::buckets;

/// Requests and connections.
pub struct Http {
    requests: Family<Request, Counter>,
    durations: Family<Route, Histogram>,
    in_flight: Gauge,
    connections: Gauge,
    idle: Gauge,
    refused: Counter,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
    method: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    route: String,
    method: &'static str,
    status: &'static str,
}

impl Http {
    pub(crate) fn new(registry: &mut Registry) -> Self {
        let own = Self {
            requests: Family::default(),
            durations: Family::new_with_constructor(buckets::answer),
            in_flight: Gauge::default(),
            connections: Gauge::default(),
            idle: Gauge::default(),
            refused: Counter::default(),
        };
        registry.register(
            "portico_http_requests",
            "Requests answered, by route template, method and class of status",
            own.requests.clone(),
        );
        registry.register(
            "portico_http_request_duration_seconds",
            "Time from a request's head to its answer, by route template and method",
            own.durations.clone(),
        );
        registry.register(
            "portico_http_requests_in_flight",
            "Requests being answered",
            own.in_flight.clone(),
        );
        registry.register(
            "portico_http_connections",
            "Open connections",
            own.connections.clone(),
        );
        registry.register(
            "portico_http_connections_idle",
            "Open connections that wait for a request",
            own.idle.clone(),
        );
        registry.register(
            "portico_http_connections_refused",
            "Connections told that the server is full",
            own.refused.clone(),
        );
        own
    }

    /// A request has begun; it is in flight until the value is dropped.
    pub fn begin_request(&self) -> Open {
        Open::of(&self.in_flight)
    }

    /// A request to `route` was answered with `status` after `took`.
    pub fn answered(&self, route: &str, method: &str, status: u16, took: Duration) {
        let method = method_label(method);
        let labels = Route {
            route: route.to_owned(),
            method,
        };
        self.durations
            .get_or_create(&labels)
            .observe(took.as_secs_f64());
        let labels = Request {
            route: labels.route,
            method,
            status: status_class(status),
        };
        self.requests.get_or_create(&labels).inc();
    }

    /// A connection was taken; it is open until the value is dropped.
    pub fn begin_connection(&self) -> Open {
        Open::of(&self.connections)
    }

    /// A connection waits for a request until the value is dropped.
    pub fn begin_idle(&self) -> Open {
        Open::of(&self.idle)
    }

    /// A connection was told that the server is full, or closed.
    pub fn refused(&self) {
        self.refused.inc();
    }
}

/// Something that is open or under way until it is dropped.
pub struct Open(Gauge);

impl Open {
    fn of(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// A client may make up a method; those share one label.
fn method_label(method: &str) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "POST", "PATCH", "DELETE", "PUT", "HEAD", "OPTIONS"];
    let known = KNOWN.into_iter().find(|known| *known == method);
    known.unwrap_or("other")
}

fn status_class(status: u16) -> &'static str {
    match status / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_cannot_make_up_labels() {
        assert_eq!(method_label("GET"), "GET");
        for made_up in ["get", "BREW", "", "X\"} 1"] {
            assert_eq!(method_label(made_up), "other");
        }
        assert_eq!(status_class(204), "2xx");
        assert_eq!(status_class(599), "5xx");
    }
}
