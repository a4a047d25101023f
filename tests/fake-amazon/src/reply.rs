//! Answers of the API, and the shapes of its errors.

use serde_json::{Value, json};

/// An answer before it becomes HTTP.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: ReplyBody,
    /// The `x-amzn-ErrorType` header.
    pub(crate) error_type: Option<&'static str>,
}

#[derive(Clone, Debug)]
pub(crate) enum ReplyBody {
    Json(Value),
    Html(&'static str),
    Empty,
}

/// What an operation gives: an answer, or the error to answer instead.
pub(crate) type Answer = Result<Reply, Reply>;

impl Reply {
    pub(crate) fn json(status: u16, body: Value) -> Self {
        Self { status, body: ReplyBody::Json(body), error_type: None }
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self { status, body: ReplyBody::Empty, error_type: None }
    }

    fn error(status: u16, error_type: &'static str, code: &str, message: &str, details: &str) -> Self {
        let body = json!({"errors": [{"code": code, "message": message, "details": details}]});
        Self { error_type: Some(error_type), ..Self::json(status, body) }
    }

    pub(crate) fn invalid_input(message: &str) -> Self {
        Self::error(400, "InvalidInputException", "InvalidInput", message, "")
    }

    /// Amazon Business's refusal of a parameter.
    pub(crate) fn invalid_parameter(message: &str) -> Self {
        let body = json!({"errors": [{"code": "INVALID_REQUEST_PARAMETER", "message": message}]});
        Self { error_type: Some("InvalidRequestException"), ..Self::json(400, body) }
    }

    /// Several things are wrong with a request.
    pub(crate) fn invalid_inputs(messages: &[String]) -> Self {
        let error = |message: &String| json!({"code": "InvalidInput", "message": message, "details": ""});
        let body = json!({"errors": messages.iter().map(error).collect::<Vec<_>>()});
        Self { error_type: Some("InvalidInputException"), ..Self::json(400, body) }
    }

    pub(crate) fn invalid_request(details: &str) -> Self {
        let message = "Request is missing or has invalid parameters";
        Self::error(400, "InvalidRequestException", "InvalidRequest", message, details)
    }

    pub(crate) fn not_found(message: &str) -> Self {
        Self::error(404, "NotFoundException", "NotFound", message, "")
    }

    pub(crate) fn conflict(message: &str) -> Self {
        Self::error(409, "ConflictException", "Conflict", message, "")
    }

    pub(crate) fn unsupported_media_type() -> Self {
        let message = "The content type of the request is not supported; send application/json.";
        Self::error(415, "UnsupportedMediaTypeException", "UnsupportedMediaType", message, "")
    }

    /// The token is missing, unknown, too old, or one of another kind.
    pub(crate) fn unauthorized(details: &str) -> Self {
        let message = "Access to requested resource is denied.";
        Self::error(403, "AccessDeniedException", "Unauthorized", message, details)
    }

    /// The application lacks a role.
    pub(crate) fn forbidden() -> Self {
        let message = "Access to the resource is forbidden";
        Self::error(403, "AccessDeniedException", "Unauthorized", message, "")
    }

    pub(crate) fn throttled() -> Self {
        let message = "You exceeded your quota for the requested resource.";
        let body = json!({"errors": [{"message": message, "code": "QuotaExceeded"}]});
        Self { error_type: Some("TooManyRequestsException"), ..Self::json(429, body) }
    }

    pub(crate) fn internal_failure() -> Self {
        let message = "We encountered an internal error. Please try again.";
        let body = json!({"errors": [{"message": message, "code": "InternalFailure"}]});
        Self { error_type: Some("InternalFailure"), ..Self::json(500, body) }
    }

    pub(crate) fn unavailable() -> Self {
        let message = "Service is temporarily unavailable. Please try again.";
        Self::error(503, "ServiceUnavailableException", "ServiceUnavailable", message, "")
    }

    pub(crate) fn gateway_timeout() -> Self {
        let message = "The request timed out. Please try again.";
        Self::error(504, "GatewayTimeoutException", "GatewayTimeout", message, "")
    }

    pub(crate) fn html_bad_request() -> Self {
        let page = "<html>\r\n<head><title>400 Bad Request</title></head>\r\n<body>\r\n\
            <center><h1>400 Bad Request</h1></center>\r\n</body>\r\n</html>\r\n";
        Self { status: 400, body: ReplyBody::Html(page), error_type: None }
    }
}

/// Puts a field into an object; anything that is not an object stays as it is.
pub(crate) fn put(body: &mut Value, name: &str, value: Value) {
    if let Some(object) = body.as_object_mut() {
        object.insert(name.to_owned(), value);
    }
}
