//! What a visit to Connect looks at, in one question: on PostgreSQL each question is a way there and
//! back, and every page asks.

use portico_domain::{
    id::{SessionId, UserId},
    porting::Porting,
    project::Project,
    session::ConnectSession,
    subscription::Subscription,
};

use crate::{
    StoreError, Tx, Vault, portings, projects, row::Row, sessions, subscriptions, users,
    value::args,
};

/// What goes with a session, as it was at the moment the session was found.
#[derive(Debug, Clone)]
pub struct Around {
    /// Its project.
    pub project: Project,
    /// The subscription it is about.
    pub subscription: Option<Subscription>,
    /// Its user.
    pub visitor: Option<Visitor>,
    /// The current porting of the subscription.
    pub porting: Option<Porting>,
    /// Whether that was begun: the audit trail has the action that begins it.
    pub was_started: bool,
}

/// A session's user, as far as every page needs it: name and birthday stay sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    /// The user's id.
    pub id: UserId,
    /// As in [`portico_domain::user::User`].
    pub preferred_locale: String,
}

/// The same, as rows that nobody has read yet. Reading opens what is sealed, so it waits until whoever
/// asks has shown a right to it.
pub struct Unread {
    project: Row,
    subscription: Row,
    visitor: Row,
    porting: Row,
    trail: Row,
}

impl Unread {
    /// Reads it.
    ///
    /// # Errors
    /// Something cannot be read.
    pub fn read(self, vault: &Vault) -> Result<Around, StoreError> {
        let subscription = self.subscription.if_found()?;
        let (visitor, porting) = (self.visitor.if_found()?, self.porting.if_found()?);
        Ok(Around {
            project: projects::project(&self.project)?,
            subscription: subscription
                .map(|row| subscriptions::subscription(&row))
                .transpose()?,
            visitor: visitor.map(|row| read_visitor(&row)).transpose()?,
            porting: porting
                .map(|row| portings::porting(vault, &row))
                .transpose()?,
            was_started: self.trail.bool("was_started")?,
        })
    }
}

fn read_visitor(row: &Row) -> Result<Visitor, StoreError> {
    Ok(Visitor {
        id: row.parse("id")?,
        preferred_locale: row.text("preferred_locale")?,
    })
}

/// The session of that id and what it is about, whatever its project; `begun` is the action that
/// begins a porting.
///
/// # Errors
/// The store failed.
pub async fn find(
    tx: &mut Tx,
    id: SessionId,
    begun: &str,
) -> Result<Option<(ConnectSession, Unread)>, StoreError> {
    let sql = "SELECT v.*, 0 AS next, j.id, j.type, j.settings, j.logo_type, j.created_at, \
               0 AS next, s.*, 0 AS next, u.id, u.preferred_locale, 0 AS next, p.*, 0 AS next, \
               EXISTS (SELECT 1 FROM audit AS a WHERE a.subject = p.id AND a.action = $2) \
               AS was_started \
               FROM connect_sessions AS v JOIN projects AS j ON j.id = v.project \
               LEFT JOIN subscriptions AS s ON s.id = v.subscription_id AND s.project = v.project \
               LEFT JOIN users AS u ON u.id = v.user_id AND u.project = v.project \
               LEFT JOIN portings AS p ON p.id = s.porting_id AND p.project = v.project \
               WHERE v.id = $1";
    let row = tx.optional(sessions::TABLE, sql, args![id, begun]).await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let (session, row) = row.split(projects::TABLE)?;
    let (project, row) = row.split(subscriptions::TABLE)?;
    let (subscription, row) = row.split(users::TABLE)?;
    let (visitor, row) = row.split(portings::TABLE)?;
    let (porting, trail) = row.split("audit")?;
    let around = Unread {
        project,
        subscription,
        visitor,
        porting,
        trail,
    };
    Ok(Some((sessions::session(&session)?, around)))
}
