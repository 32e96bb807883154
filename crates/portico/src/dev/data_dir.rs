//! The directory of `portico dev`: a database and the key that opens what is sealed in it.

use std::{
    fs::{DirBuilder, OpenOptions, Permissions},
    io::{ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use anyhow::{Context, anyhow};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use portico_ambient::Random;
use portico_store::Vault;
use secrecy::{ExposeSecret, SecretString};

const KEY_FILE: &str = "encryption.key";
const DATABASE_FILE: &str = "portico.db";

/// The directory.
pub struct DataDir(PathBuf);

impl DataDir {
    /// Opens it, creating it if it is not there; only its owner can look inside.
    ///
    /// # Errors
    /// It cannot be created.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let data = Self(path.to_owned());
        let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
        made.map_err(|error| data.at_fault(error))?;
        Ok(data)
    }

    /// The database's URL.
    ///
    /// # Errors
    /// The path cannot be written in a URL.
    pub fn database_url(&self) -> anyhow::Result<String> {
        let path = self.0.join(DATABASE_FILE);
        let text = path.to_str().filter(|text| !text.contains(['?', '#', '%']));
        let text = text.ok_or_else(|| self.at_fault(anyhow!("must not contain ?, # or %")))?;
        Ok(format!("sqlite://{text}"))
    }

    /// A vault with the directory's encryption key, which the first start makes.
    ///
    /// # Errors
    /// The file cannot be read or written, or holds something else.
    pub fn vault(&self, random: &Random) -> anyhow::Result<Vault> {
        let path = self.0.join(KEY_FILE);
        let vault = || -> anyhow::Result<Vault> {
            let key = self.read_or_make(&path, random)?;
            Ok(Vault::new(key.expose_secret(), random.clone())?)
        };
        vault().with_context(|| format!("--data-dir: {}", path.display()))
    }

    /// An error that names the directory.
    pub fn at_fault(&self, error: impl Into<anyhow::Error>) -> anyhow::Error {
        error
            .into()
            .context(format!("--data-dir: {}", self.0.display()))
    }

    fn read_or_make(&self, path: &Path, random: &Random) -> std::io::Result<SecretString> {
        let key = SecretString::from(STANDARD.encode(random.bytes::<32>()));
        // Created whole under another name and linked: a crash leaves a key or none, and of two
        // starts at once both get the same.
        let draft = self.0.join(format!("{KEY_FILE}.{}", std::process::id()));
        match std::fs::read_to_string(path) {
            Ok(text) => return Ok(SecretString::from(text)),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let mut options = OpenOptions::new();
        let mut file = options
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&draft)?;
        file.set_permissions(Permissions::from_mode(0o600))?;
        writeln!(file, "{}", key.expose_secret())?;
        file.sync_all()?;
        let linked = std::fs::hard_link(&draft, path);
        std::fs::remove_file(&draft)?;
        match linked {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
            _ => std::fs::read_to_string(path).map(SecretString::from),
        }
    }
}
