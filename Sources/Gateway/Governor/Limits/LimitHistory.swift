package import InterlockLimits
package import InterlockModel
package import InterlockPorts

/// What the log has of calls that count against limits, and of breakers that hold.
package protocol LimitLogReader: Sendable {
    /// Up to the newest record: from the newest snapshot that was made under this policy, or from the beginning of the
    /// longest window.
    ///
    /// - Throws: when log or snapshot cannot be read; then nothing is known.
    func standing(under map: LimitMap) async throws(StoreFailure) -> LoggedLimitState

    /// Goes on with the records that came since.
    func follow(
        _ standing: LoggedLimitState, under map: LimitMap
    ) async throws(StoreFailure) -> LoggedLimitState
}

/// What a node's own log has of limits and breakers.
package struct LoggedLimitState: Sendable {
    package var limits: LimitLog
    package var holds: LoggedHolds
    /// The first record that is not in it.
    package var next: UInt64
    /// The policy under which its windows are counted.
    package let policy: Digest

    package init(_ limits: LimitLog, holds: LoggedHolds, next: UInt64, policy: Digest) {
        self.limits = limits
        self.holds = holds
        self.next = next
        self.policy = policy
    }
}
