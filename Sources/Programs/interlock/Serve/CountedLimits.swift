import InterlockGovernor

/// The limit usage and breaker holds that a start counted from the log, with the services that continue from them.
struct CountedLimits: Sendable {
    let limits: LimitService
    let breakers: CircuitBreakerService
    let trail: LogLimits
    let standing: LoggedLimitState
}
