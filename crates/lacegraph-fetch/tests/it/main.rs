//! The client against scripted answers, and against the mock API over HTTP.

mod bodies;
mod check;
mod events;
mod mock;
mod paging;
mod retries;
mod script;
mod shapes;
mod tokens;
mod view;
mod walk;
