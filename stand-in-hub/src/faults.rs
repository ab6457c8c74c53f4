//! The faults that are set, and which one a request gets.

use crate::fault::Fault;
use crate::route::Route;

/// The faults that are set, in the order they were set.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Rule>);

/// One fault: for which requests, and how often.
#[derive(Debug)]
struct Rule {
    route: Route,
    fault: Fault,
    /// How many matching requests pass before the first one that gets the fault.
    skip: usize,
    /// How many requests get the fault; `None` for all.
    left: Option<usize>,
    /// Whether a publish request arrived since the fault was set.
    published: bool,
}

impl Rule {
    fn matches(&self, route: Route) -> bool {
        self.route == Route::Any
            || self.route == route
            || (self.route == Route::ReadBack && self.published && route.is_read())
    }

    /// A lower rank goes first: limited faults in their order, then permanent ones, the more specific route first.
    fn rank(&self) -> u8 {
        match (self.left, self.route) {
            (Some(_), _) => 0,
            (None, Route::Any) => 3,
            (None, Route::ReadBack) => 2,
            (None, _) => 1,
        }
    }
}

impl Faults {
    /// Sets a fault for some requests: `skip` requests to the route pass before it.
    pub(crate) fn add(&mut self, route: Route, fault: Fault, skip: usize, times: usize) {
        self.0.push(Rule { route, fault, skip, left: Some(times), published: false });
    }

    /// Sets a fault for all requests, in place of an earlier one for all requests of this route.
    pub(crate) fn set_always(&mut self, route: Route, fault: Fault) {
        self.0.retain(|rule| rule.left.is_some() || rule.route != route);
        self.0.push(Rule { route, fault, skip: 0, left: None, published: false });
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether the next request to this route is to be reset before its body is read; if so, that fault is used.
    pub(crate) fn take_unread(&mut self, route: Route) -> bool {
        let is_unread = |rule: &&mut Rule| rule.fault == Fault::ResetUnread;
        let next =
            self.0.iter_mut().filter(|rule| rule.skip == 0 && rule.matches(route)).min_by_key(|r| r.rank());
        next.as_ref().is_some_and(is_unread) && self.take(route).is_some()
    }

    /// The fault for a request.
    pub(crate) fn take(&mut self, route: Route) -> Option<Fault> {
        let mut due: Option<(u8, usize)> = None;
        for (index, rule) in self.0.iter_mut().enumerate().filter(|(_, rule)| rule.matches(route)) {
            match rule.skip.checked_sub(1) {
                Some(skip) => rule.skip = skip,
                None => due = Some(due.map_or((rule.rank(), index), |due| due.min((rule.rank(), index)))),
            }
        }
        if route == Route::Publish {
            self.0.iter_mut().for_each(|rule| rule.published = true);
        }
        let (_, index) = due?;
        let rule = self.0.get_mut(index)?;
        let fault = rule.fault.clone();
        rule.left = rule.left.map(|left| left.saturating_sub(1));
        self.0.retain(|rule| rule.left != Some(0));
        Some(fault)
    }
}
