import InterlockGovernor

/// What a start has counted out of the log, and how it goes on.
struct CountedLimits: Sendable {
    let limits: LimitService
    let breakers: CircuitBreakerService
    let trail: LogLimits
    let standing: LoggedLimitState
}
