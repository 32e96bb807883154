//! Samples to click on: one for each way Connect can open.
//!
//! They are made by the operations an integrator's calls run, and the declined ones really were
//! handed to the simulated carrier and refused by it.

mod recipe;

use std::time::Duration;

use portico_app::{
    App, AppError, MetadataPatch, plans, portings, portings::NewPorting, sessions,
    sessions::NewSession, subscriptions, subscriptions::NewSubscription, users, users::NewUser,
};
use portico_domain::{
    event::Actor,
    id::{PlanId, PortingId, SubscriptionId, UserId},
    phone::PhoneNumber,
    plan::{
        Allowances, PlanDocument, PlanStatus, Price, SimType, Validity, ValidityType, ValidityUnit,
    },
    porting::{Behavior, Status},
    project::Project,
    session::{CallbackUrl, Intent, Purpose},
};
use portico_store::Tx;
use tokio::time::{Instant, MissedTickBehavior};

use super::project;
use recipe::{RECIPES, Recipe};

/// The recipient network of the samples.
const PROVIDER: &str = "test";
/// Where the samples go back to.
pub const CALLBACK_URL: &str = "https://example.com";
/// How often a refusal is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A subscription with a link to open it.
#[derive(Debug)]
pub struct Sample {
    /// What it is called in programs.
    pub name: &'static str,
    /// What opens, in words.
    pub about: &'static str,
    /// The link.
    pub url: String,
    /// The subscription.
    pub subscription: SubscriptionId,
    /// Its porting.
    pub porting: Option<PortingId>,
    /// Whose it is.
    pub user: UserId,
}

/// What a sample is before it has a link.
#[derive(Debug, Clone)]
struct Prepared {
    subscription: SubscriptionId,
    porting: Option<PortingId>,
    user: UserId,
}

/// Makes a fresh set. The refusals are waited for, `patience` at the most.
///
/// # Errors
/// An operation failed.
pub async fn make(app: &App, patience: Duration) -> Result<Vec<Sample>, AppError> {
    let plan = app.write(|tx, _| Box::pin(make_plan(tx))).await?;
    let mut prepared = Vec::new();
    for recipe in RECIPES {
        prepared.push(prepare(app, plan, recipe).await?);
    }
    await_refusals(app, &prepared, patience).await?;
    let mut samples = Vec::new();
    for (recipe, prepared) in RECIPES.iter().zip(prepared) {
        samples.push(Sample {
            name: recipe.name,
            about: recipe.about,
            url: make_link(app, &prepared).await?,
            subscription: prepared.subscription,
            porting: prepared.porting,
            user: prepared.user,
        });
    }
    Ok(samples)
}

async fn make_plan(tx: &mut Tx) -> Result<PlanId, AppError> {
    let project = projects_get(tx).await?;
    let document = PlanDocument {
        name: "Aurora Everywhere".to_owned(),
        description: Some("20 GB of data, calls and texts without limit.".to_owned()),
        price: Price {
            amount: 1_900,
            currency: "USD".to_owned(),
        },
        validity: Some(Validity {
            kind: ValidityType::Recurring,
            unit: ValidityUnit::Month,
            value: 1,
            minimum_periods: None,
        }),
        allowances: Allowances {
            data_bytes: Some(20_000_000_000),
            ..Allowances::default()
        },
        sim_types: vec![SimType::Esim],
        metadata: Default::default(),
    };
    let status = PlanStatus::Available;
    let plan = plans::create(
        tx,
        (&Actor::System, &project),
        PROVIDER.to_owned(),
        status,
        document,
    )
    .await?;
    Ok(plan.id)
}

async fn prepare(app: &App, plan: PlanId, recipe: &'static Recipe) -> Result<Prepared, AppError> {
    let required = match recipe.number {
        None => None,
        Some(number) => {
            let number = PhoneNumber::parse_e164(number).expect("the test range is always valid");
            let project = projects_get(&mut app.read().await?).await?;
            let required = portings::portability(app, &project, PROVIDER, &number).await?;
            Some((number, required))
        }
    };
    app.write(move |tx, app| {
        let number = required.clone();
        Box::pin(async move {
            let project = projects_get(tx).await?;
            let who = (&Actor::System, &project);
            let user = make_user(tx, &project, recipe).await?;
            let porting = match number {
                None => None,
                Some((phone_number, required)) => {
                    let new = NewPorting {
                        user,
                        phone_number,
                        provider: PROVIDER.to_owned(),
                        behavior: Behavior::PortIn,
                        details: recipe.details(),
                        required,
                    };
                    Some(portings::create(tx, &app, who, new).await?.id)
                }
            };
            let new = NewSubscription {
                plan,
                user,
                porting,
                user_address: None,
                metadata: MetadataPatch::default(),
            };
            let subscription = subscriptions::create(tx, &app, who, new).await?.id;
            Ok(Prepared {
                subscription,
                porting,
                user,
            })
        })
    })
    .await
}

async fn make_user(tx: &mut Tx, project: &Project, recipe: &Recipe) -> Result<UserId, AppError> {
    let (first, last) = recipe.person;
    let mark = tx.ambient().random.base62(8).to_lowercase();
    let new = NewUser {
        email: format!("{first}.{last}.{mark}@example.com"),
        full_name: Some(format!("{first} {last}")),
        birthday: None,
        preferred_locale: None,
        email_verified: true,
        metadata: MetadataPatch::default(),
    };
    Ok(users::create(tx, &Actor::System, project, new).await?.id)
}

/// Waits until no porting is on its way any more.
async fn await_refusals(
    app: &App,
    prepared: &[Prepared],
    patience: Duration,
) -> Result<(), AppError> {
    let deadline = Instant::now() + patience;
    let mut look = tokio::time::interval(LOOK_EVERY);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for id in prepared.iter().filter_map(|prepared| prepared.porting) {
        loop {
            let porting = portings::get(&mut app.read().await?, project::ID, id).await?;
            if !matches!(porting.status(), Status::Pending | Status::Requested) {
                break;
            }
            if Instant::now() > deadline {
                tracing::warn!("the simulated carrier has not answered yet; reload a link later");
                return Ok(());
            }
            look.tick().await;
        }
    }
    Ok(())
}

async fn make_link(app: &App, prepared: &Prepared) -> Result<String, AppError> {
    let (user, subscription) = (prepared.user, prepared.subscription);
    let made = app.write(move |tx, app| {
        Box::pin(async move {
            let project = projects_get(tx).await?;
            let new = NewSession {
                intent: Intent {
                    purpose: Purpose::CompletePorting {
                        hide_intro_page: None,
                        hide_outro_page: None,
                    },
                    subscription,
                },
                user: Some(user),
                callback_url: CallbackUrl::parse(CALLBACK_URL).ok(),
                theme: None,
            };
            sessions::create(tx, &app, (&Actor::System, &project), new).await
        })
    });
    Ok(made.await?.1)
}

async fn projects_get(tx: &mut Tx) -> Result<Project, AppError> {
    portico_app::projects::get(tx, project::ID).await
}
