package import InterlockLimits
package import InterlockModel
package import InterlockPorts

/// Reads from the log the calls that count against limits, the breakers that hold, and the runs that are tainted.
package protocol LimitLogReader: Sendable {
    /// Reads up to the newest record: from the newest snapshot made under this policy, or from the beginning of the
    /// longest window.
    ///
    /// - Throws: if the log or the snapshot cannot be read; then nothing is known.
    func status(under map: LimitMap) async throws(StoreFailure) -> LoggedLimitState

    /// Continues with the records added since.
    func follow(_ status: LoggedLimitState, under map: LimitMap) async throws(StoreFailure)
        -> LoggedLimitState
}

/// The limits, breakers and levels of runs according to a node's own log.
package struct LoggedLimitState: Sendable {
    package var limits: LimitLog
    package var holds: LoggedHolds
    package var taint: LoggedTaint
    /// The index of the first record that is not included.
    package var next: UInt64
    /// The policy under which its windows are counted.
    package let policy: Digest
}
