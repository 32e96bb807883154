//! The life of a porting: every status with every command, random lives against a simple model,
//! what each decline asks for, and what is needed in the first place.

mod model;
mod numbers;
mod repair;
mod requirements;
mod steps;
mod subscription;
mod support;
mod table;
