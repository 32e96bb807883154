//! The project of `portico dev`.

use anyhow::anyhow;
use portico_app::{App, AppError, api_keys, projects, projects::SettingsPatch};
use portico_domain::{event::Actor, project::ProjectType};
use portico_store::Tx;
use secrecy::{ExposeSecret, SecretString};

use super::API_KEY_VARIABLE;

/// Its id.
pub const ID: &str = "dev";

/// Creates the project, unless an earlier start did, and lets `api_key` open it.
///
/// # Errors
/// The key has another form, was revoked, or opens another project.
pub async fn prepare(app: &App, api_key: &SecretString) -> anyhow::Result<()> {
    let key = api_key.clone();
    let prepared = app.write(move |tx, _| {
        let key = key.clone();
        Box::pin(async move {
            create(tx).await?;
            api_keys::ensure(tx, ID, &key).await?;
            api_keys::authenticate(tx, key.expose_secret()).await
        })
    });
    match prepared.await {
        Ok(Some((_, project))) if project.id == ID => Ok(()),
        Ok(_) => Err(anyhow!(
            "{API_KEY_VARIABLE}: was revoked, or its first part is another key's"
        )),
        Err(AppError::Invalid(problems)) => {
            let each = problems.into_iter().map(|problem| problem.message);
            Err(anyhow!(
                "{API_KEY_VARIABLE}: {}",
                each.collect::<Vec<_>>().join(" ")
            ))
        }
        Err(error) => Err(error.into()),
    }
}

async fn create(tx: &mut Tx) -> Result<(), AppError> {
    if projects::get(tx, ID).await.is_ok() {
        // What was changed in it since stays.
        return Ok(());
    }
    projects::create(tx, &Actor::System, ID, ProjectType::Test).await?;
    let settings = SettingsPatch {
        name: Some("Aurora Mobile".to_owned()),
        accent_color: Some(Some("#4338ca".to_owned())),
        support_email: Some(Some("help@aurora.example".to_owned())),
        self_service_repair: Some(true),
        ..SettingsPatch::default()
    };
    projects::update(tx, &Actor::System, ID, settings)
        .await
        .map(drop)
}
