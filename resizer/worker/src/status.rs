//! The routes of the status server: `/healthz`, `/readyz`, `/metrics`. For orchestrators and
//! Prometheus; nothing of it is for the public.

use std::rc::Rc;

use hyper::body::Incoming;
use hyper::{Method, Request, StatusCode};

use crate::server::{Answer, Handler, text};
use crate::shared::Shared;
use crate::stop::Phase;

/// What `/metrics` is.
/// Source: OpenMetrics 1.0, "Text Format"; Prometheus reads it since version 2.5.
const METRICS_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The routes, over what they tell about.
#[derive(Debug, Clone)]
pub(crate) struct Routes(pub(crate) Rc<Shared>);

impl Handler for Routes {
    async fn answer(&self, request: Request<Incoming>) -> Answer {
        if request.method() != Method::GET && request.method() != Method::HEAD {
            return text(StatusCode::METHOD_NOT_ALLOWED, "only GET\n");
        }
        match request.uri().path() {
            // Who answers is alive: engines have threads of their own, and nothing else blocks.
            "/healthz" => text(StatusCode::OK, "alive\n"),
            "/readyz" => self.readiness(),
            "/metrics" => {
                let mut answer = text(StatusCode::OK, self.0.metrics.to_text());
                let value = hyper::header::HeaderValue::from_static(METRICS_TYPE);
                answer.headers_mut().insert(hyper::header::CONTENT_TYPE, value);
                answer
            }
            _ => text(StatusCode::NOT_FOUND, "/healthz, /readyz, /metrics\n"),
        }
    }
}

impl Routes {
    fn readiness(&self) -> Answer {
        if self.0.stop.phase() != Phase::Working {
            return text(StatusCode::SERVICE_UNAVAILABLE, "draining\n");
        }
        match self.0.metrics.queue_problem() {
            Some(problem) => text(StatusCode::SERVICE_UNAVAILABLE, format!("{problem}\n")),
            None => text(StatusCode::OK, "ready\n"),
        }
    }
}
