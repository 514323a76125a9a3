import InterlockGovernor

/// What a start has counted out of the log, and how it goes on.
struct CountedLimits: Sendable {
    let limits: LimitDesk
    let breakers: BreakerDesk
    let trail: LogLimits
    let standing: LoggedStanding
}
