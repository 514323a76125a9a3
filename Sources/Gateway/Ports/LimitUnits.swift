package import InterlockLimits
package import InterlockModel

/// The units that calls take of the limits and budgets of their agents. On one node they are counted in memory; many
/// nodes lease them from each other's store before use (docs/specs/cluster.md, section 6).
///
/// Units are those of the demand: one for a call, the value of the field for a limit on a sum. The count is exact in
/// one direction: whatever happens, no more than `most` units are taken in any window; units can be counted that were
/// not used. A reservation counts in full from `hold` until it ends, whatever its window. Safe from any thread.
///
/// A crash returns nothing by itself: a reservation with a durable intent counts as used until the log shows that its
/// call was not executed, and one without an intent is gone with the process.
package protocol LimitUnits: Sendable {
    /// Reserves the units of a call, of all its demands or of none. An implementation on one node does not suspend.
    ///
    /// - Parameter question: the key of a call that waits for people. If its pending request has a reservation with the
    ///   same demands, that reservation is the result.
    /// - Throws: if it could not find out whether the units are free. The caller refuses the call. Units that were
    ///   reserved nevertheless are returned by the implementation.
    func hold(
        _ demands: [LimitDemand], of agent: AgentName, for question: LimitQuestion?
    ) async throws(LimitUnitsFailure) -> LimitHold

    /// Returns the units, because the call certainly was not executed. Never waits; has no effect on a reservation that
    /// has ended. Units whose return is lost stay counted.
    func giveBack(_ held: LimitReservation)

    /// Counts the units as used at `since`, because the call was executed or may have been. Never waits.
    func use(_ held: LimitReservation, since: BootTime)

    /// Transfers the reservation of an ended call to its approval request, which stays open. Never waits.
    func park(_ held: LimitReservation, for request: ApprovalID, _ question: LimitQuestion)
}

package enum LimitHold: Sendable {
    case held(LimitReservation)
    /// The first limit that the call exceeds; nothing is reserved.
    case exceeded(LimitExceeded)
}

/// The reason why it is not known whether a call has the units that it needs.
package enum LimitUnitsFailure: Error, Sendable, Hashable {
    /// There was no answer before the deadline.
    case late
    case failed(reason: String)
}
