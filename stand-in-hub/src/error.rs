//! Errors of the HTTP API.

use axum::http::StatusCode;

/// The codes of the Hub's documentation, and those that any HTTP service needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ErrorCode {
    InvalidCategory,
    MissingEntrypoint,
    EmptyCode,
    DuplicateSlug,
    Unauthorized,
    VersionConflict,
    InvalidRequest,
    NotFound,
    MethodNotAllowed,
    PayloadTooLarge,
    UnsupportedMediaType,
    Internal,
}

impl ErrorCode {
    pub(crate) fn name(self) -> &'static str {
        self.row().0
    }

    pub(crate) fn status(self) -> StatusCode {
        self.row().1
    }

    fn row(self) -> (&'static str, StatusCode) {
        match self {
            Self::InvalidCategory => ("INVALID_CATEGORY", StatusCode::BAD_REQUEST),
            Self::MissingEntrypoint => ("MISSING_ENTRYPOINT", StatusCode::BAD_REQUEST),
            Self::EmptyCode => ("EMPTY_CODE", StatusCode::BAD_REQUEST),
            Self::DuplicateSlug => ("DUPLICATE_SLUG", StatusCode::CONFLICT),
            Self::Unauthorized => ("UNAUTHORIZED", StatusCode::UNAUTHORIZED),
            Self::VersionConflict => ("VERSION_CONFLICT", StatusCode::CONFLICT),
            Self::InvalidRequest => ("INVALID_REQUEST", StatusCode::BAD_REQUEST),
            Self::NotFound => ("NOT_FOUND", StatusCode::NOT_FOUND),
            Self::MethodNotAllowed => ("METHOD_NOT_ALLOWED", StatusCode::METHOD_NOT_ALLOWED),
            Self::PayloadTooLarge => ("PAYLOAD_TOO_LARGE", StatusCode::PAYLOAD_TOO_LARGE),
            Self::UnsupportedMediaType => ("UNSUPPORTED_MEDIA_TYPE", StatusCode::UNSUPPORTED_MEDIA_TYPE),
            Self::Internal => ("INTERNAL", StatusCode::INTERNAL_SERVER_ERROR),
        }
    }
}

/// Why a request failed: a code, a message, and how to fix it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApiError {
    pub(crate) code: ErrorCode,
    pub(crate) message: String,
    pub(crate) details: String,
}

impl ApiError {
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>, details: impl Into<String>) -> Self {
        Self { code, message: message.into(), details: details.into() }
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(ErrorCode::Unauthorized, "API key invalid or expired", "make a new account key")
    }

    pub(crate) fn not_found() -> Self {
        Self::new(ErrorCode::NotFound, "no such function or page", "")
    }
}
