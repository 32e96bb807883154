//! Random stories, told to Portico and to a model that knows nothing of its code.
//!
//! A story mixes what integrators do by the API, what subscribers do in Connect, what the carrier
//! says and when it does not answer, days that pass, and crashes of the worker at any point where it
//! waits. After each step what the API shows is what the model says. At the end everything comes to
//! its end, and the carrier got each attempt at most once.
//!
//! The seed is printed; `PORTICO_MODEL_SEED` tells the same stories again.
#![expect(
    clippy::unwrap_used,
    reason = "whatever goes wrong here is a failed test"
)]

mod gateway;
mod model;
mod story;
mod world;

use model::Model;
use portico_testkit::Dice;
use proptest::{
    prelude::*,
    test_runner::{Config, FileFailurePersistence, RngSeed, TestCaseError, TestRunner},
};
use story::{Step, stories};
use world::World;

const STORIES: u32 = 64;

#[test]
fn portico_does_what_the_model_says() {
    let seed = Dice::of_environment("PORTICO_MODEL_SEED").roll();
    let mut runner = TestRunner::new(Config {
        cases: STORIES,
        rng_seed: RngSeed::Fixed(seed),
        source_file: Some(file!()),
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        max_shrink_iters: 300,
        ..Config::default()
    });
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = runtime.block_on(World::new());
    runner
        .run(&stories(), |story| runtime.block_on(tell(&world, &story)))
        .unwrap_or_else(|failed| panic!("{failed}"));
    println!("portings: {:?}", runtime.block_on(world.statuses()));
}

/// Tells one story, to people and numbers of its own.
async fn tell(world: &World, story: &[Step]) -> Result<(), TestCaseError> {
    let mut model = Model::default();
    let mut scene = world.scene().await;
    // At the end the carrier answers again, and everything finds its end.
    let end = [
        Step::Carrier(story::Carrier::Answers),
        Step::Work,
        Step::MonthPasses,
    ];
    for step in story.iter().chain(&end) {
        let was_possible = model.take(step);
        let was_done = scene.take(step).await;
        prop_assert_eq!(was_possible, was_done, "{:?}", step);
        prop_assert_eq!(model.shown(), scene.shown().await, "after {:?}", step);
    }
    prop_assert_eq!(model.books(), scene.books().await);
    Ok(())
}
