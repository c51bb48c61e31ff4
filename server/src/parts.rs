//! Which doors a process opens: all of them, or those that `serve --only` names.
//!
//! Every process has the whole program and the same database, and any part can be run several times. What is left out is
//! not found there; something in front has to send each path to a process that has it.

use std::str::FromStr;

/// The doors of one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// The page, its files and its plain forms.
    pub web: bool,
    /// Everything below `/api/`: the REST API, the assistant, sign-in.
    pub api: bool,
    /// `/mcp`, and the authorization server that lets programs in there.
    pub mcp: bool,
}

impl Parts {
    /// Everything, as it is without `--only`.
    pub const ALL: Self = Self { web: true, api: true, mcp: true };
}

impl FromStr for Parts {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = Self { web: false, api: false, mcp: false };
        for word in text.split(',') {
            match word.trim() {
                "web" => parts.web = true,
                "api" => parts.api = true,
                "mcp" => parts.mcp = true,
                _ => return Err("name web, api or mcp, or several of them with commas between".to_owned()),
            }
        }
        Ok(parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_set_can_be_named() {
        assert_eq!("web,api,mcp".parse(), Ok(Parts::ALL));
        assert_eq!(" mcp ,web,mcp".parse(), Ok(Parts { api: false, ..Parts::ALL }));
        assert_eq!("api".parse(), Ok(Parts { web: false, api: true, mcp: false }));
        for wrong in ["", ",", "all", "web,", "WEB", "web api"] {
            assert!(wrong.parse::<Parts>().is_err(), "{wrong}");
        }
    }
}
