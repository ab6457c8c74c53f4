//! The endpoints, as far as faults are set for them.

use std::str::FromStr;

use crate::named::UnknownName;

/// The endpoints that a fault can be set for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Route {
    /// `POST /api/community/functions/ci/publish`
    Publish,
    /// `GET /api/community/functions/my`
    My,
    /// `GET /api/community/functions/{id}`
    ById,
    /// `GET /api/community/functions/{username}/{slug}`
    Public,
    /// `GET /api/community/functions/{username}/{slug}/install`
    Install,
    /// `POST /api/v1/cli/validate`
    Validate,
    /// Any of the four `GET` endpoints, once a publish request arrived after the fault was set.
    ReadBack,
    /// Any endpoint.
    Any,
}

impl Route {
    /// The endpoint of a request: `Any` for what is none. `path` may have a query.
    pub(crate) fn of(method: &str, path: &str) -> Self {
        let path = path.split('?').next().unwrap_or_default();
        if method == "POST" && path == "/api/v1/cli/validate" {
            return Self::Validate;
        }
        let Some(path) = path.strip_prefix("/api/community/functions/") else { return Self::Any };
        match (method, path.split('/').collect::<Vec<_>>().as_slice()) {
            ("POST", ["ci", "publish"]) => Self::Publish,
            (_, ["ci", "publish"]) => Self::Any,
            ("GET", ["my"]) => Self::My,
            ("GET", [_]) => Self::ById,
            ("GET", [_, _]) => Self::Public,
            ("GET", [_, _, "install"]) => Self::Install,
            _ => Self::Any,
        }
    }

    /// Whether this endpoint shows published functions.
    pub(crate) fn is_read(self) -> bool {
        matches!(self, Self::My | Self::ById | Self::Public | Self::Install)
    }
}

impl FromStr for Route {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Ok(match name {
            "publish" => Self::Publish,
            "my" => Self::My,
            "by-id" => Self::ById,
            "public" => Self::Public,
            "install" => Self::Install,
            "validate" => Self::Validate,
            "read-back" => Self::ReadBack,
            "any" => Self::Any,
            _ => return Err(UnknownName(name.to_owned())),
        })
    }
}
