//! Embeds: who may embed, and the token that an embed gets for a link.
//!
//! Guarantee: a link is redeemed once, by an embed or by a browser, never by both. A user token opens
//! its user's subscriptions and portings, for an hour at most, and nothing as soon as the user is
//! blocked, deleted or redacted, or the session's subscription has ended. The text of a token is
//! `portico_ut_` id body `_` secret: found by primary key, compared by hash in constant time.

use jiff::SignedDuration;
use portico_domain::{
    id::{SessionId, UserTokenId},
    project::{Project, ProjectType},
    session::{ConnectSession, OpenedIn},
    subscription::SubscriptionStatus,
    user::UserStatus,
};
use portico_store::{
    Tx, subscriptions,
    user_tokens::{self, Opened, UserToken},
    users,
};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    App, AppError, Config, hashing,
    sessions::{self, Link},
};

const PREFIX: &str = "portico_ut_";
/// 43 base62 digits are 256 bits.
const SECRET_LEN: usize = 43;
/// How long a token works: a visit to a form, with time to look for a PIN.
pub const TOKEN_LIFETIME: SignedDuration = SignedDuration::from_hours(1);

/// What came of a link's token.
#[derive(Debug)]
pub enum Exchange {
    /// The user token that replaces it.
    Token(SecretString),
    /// The page that asked may not embed the project; the link is not used up.
    OriginNotAllowed,
    /// It was redeemed, its time is over, or its user or subscription is gone.
    Over,
    /// It belongs to no link.
    Unknown,
}

/// Whether a page at `origin` may embed Connect and call the API for the project's subscribers.
pub fn may_embed(config: &Config, project: &Project, origin: &str) -> bool {
    let anywhere = config.embeds_anywhere_on_test && project.kind == ProjectType::Test;
    project.settings.embed_origins.iter().any(|it| it == origin)
        || anywhere && is_web_origin(origin)
}

/// Whether `text` is an origin of the web as browsers write it: `https://host[:port]`. The host is a
/// name or an address, without the signs that mean more than themselves in a security policy.
pub fn is_web_origin(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "https" | "http")
            && url.origin().ascii_serialization() == text
            && url.host().is_some_and(|host| is_plain(&host))
    })
}

fn is_plain(host: &url::Host<&str>) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    match host {
        url::Host::Domain(name) => name.bytes().all(is_letter),
        url::Host::Ipv4(_) | url::Host::Ipv6(_) => true,
    }
}

/// Trades the token of a link for a user token; `origin` is that of the page that asks, if one does.
/// The project is told whenever the token is right.
///
/// # Errors
/// Too many wrong tokens came from `client`, or the store failed.
pub async fn exchange(
    tx: &mut Tx,
    app: &App,
    secret: &str,
    by: (Option<&str>, &str),
) -> Result<(Option<Project>, Exchange), AppError> {
    let (origin, client) = by;
    // The token begins with the session's id. What does not is counted as a wrong one, too.
    let body = secret.get(..portico_domain::id::BODY_LEN);
    let id = body.and_then(SessionId::from_body);
    let id = id.map(|id| id.to_string()).unwrap_or_default();
    let link = sessions::check_link(tx, app, (&id, Some(secret)), client).await?;
    let (session, is_fresh) = match link {
        Link::Fresh(session) => (session, true),
        Link::Used(session) | Link::Expired(session) => (session, false),
        Link::WithoutUser(_) | Link::Unknown => {
            sessions::count_wrong_link(tx, app, client).await?;
            return Ok((None, Exchange::Unknown));
        }
    };
    let project = crate::projects::get(tx, &session.project).await?;
    // Whether the page may ask is told of links only that are good: of all others nothing is.
    let outcome = if !is_fresh || !is_live(tx, &session).await? {
        Exchange::Over
    } else if origin.is_some_and(|origin| !may_embed(&app.config, &project, origin)) {
        Exchange::OriginNotAllowed
    } else {
        Exchange::Token(redeem(tx, &session).await?)
    };
    Ok((Some(project), outcome))
}

/// What `text` opens.
///
/// # Errors
/// The store failed; `None` for a token that is unknown, wrong or void.
pub async fn authenticate(tx: &mut Tx, text: &str) -> Result<Option<Opened>, AppError> {
    let Some(id) = id_of(text) else {
        return Ok(None);
    };
    let found = user_tokens::opens(tx, id).await?;
    let hash = hashing::token_hash(text);
    Ok(found.filter(|opened| hashing::same_hash(&opened.secret_hash, &hash)))
}

/// Whether `text` has the form of a user token; an API key has another.
pub fn is_user_token(text: &str) -> bool {
    id_of(text).is_some()
}

fn id_of(text: &str) -> Option<UserTokenId> {
    let (body, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
    UserTokenId::from_body(body).filter(|_| secret.len() == SECRET_LEN)
}

/// Whether the token would open anything: what `user_tokens::opens` asks again each time.
async fn is_live(tx: &mut Tx, session: &ConnectSession) -> Result<bool, AppError> {
    let Some(user) = session.user else {
        return Ok(false);
    };
    let found = users::find(tx, &session.project, user).await?;
    let is_active = found.is_some_and(|user| user.status == UserStatus::Active);
    let found = subscriptions::find(tx, &session.project, session.subscription()).await?;
    let owns = found.is_some_and(|it| it.user == user && it.status != SubscriptionStatus::Ended);
    Ok(is_active && owns)
}

async fn redeem(tx: &mut Tx, session: &ConnectSession) -> Result<SecretString, AppError> {
    let opened = sessions::open(tx, session, OpenedIn::Token).await?;
    let user = opened.user.ok_or(AppError::NotFound("user"))?;
    let id: UserTokenId = tx.ambient().id();
    let secret = tx.ambient().random.base62(SECRET_LEN);
    let text = SecretString::from(format!("{PREFIX}{}_{secret}", id.body()));
    let token = UserToken {
        id,
        project: opened.project,
        user,
        session: opened.id,
        secret_hash: hashing::token_hash(text.expose_secret()),
        created_at: tx.now(),
        expires_at: tx.now() + TOKEN_LIFETIME,
    };
    user_tokens::insert(tx, &token).await?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_one_and_no_pattern() {
        for origin in [
            "https://acme.example",
            "https://xn--bcher-kva.example:8443",
            "http://127.0.0.1:3000",
            "https://[2001:db8::1]",
        ] {
            assert!(is_web_origin(origin), "{origin}");
        }
        for other in [
            "https://*",
            "https://*.acme.example",
            "https://a;sandbox",
            "https://a,b",
            "https://a'b",
            "https://acme.example/",
            "https://ACME.example",
            "ftp://acme.example",
            "null",
        ] {
            assert!(!is_web_origin(other), "{other}");
        }
    }
}
