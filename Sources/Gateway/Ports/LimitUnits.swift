package import InterlockLimits
package import InterlockModel

/// The units that calls take of the limits and budgets of their agents. On one node they are counted in memory; many
/// nodes lease them from each other's store before use (docs/specs/cluster.md, section 6).
///
/// Units are those of the demand: one for a call, the value of the field for a limit on a sum. The count is exact in
/// one direction: whatever happens, no more than `most` units are taken in any window; units can be counted that were
/// not used. A reservation counts in full from `hold` until its call is sent, whatever its window, and on one node until
/// it ends. Safe from any thread.
///
/// A crash returns nothing by itself: a reservation with a durable intent counts as used until the log shows that its
/// call was not executed, and one without an intent is gone with the process.
package protocol LimitUnits: Sendable {
    /// Reserves the units of a call, of all its demands or of none. Suspends only if the answer is with other nodes.
    ///
    /// - Throws: if it could not find out whether the units are free. The caller refuses the call. Units that were
    ///   reserved nevertheless are returned by the implementation.
    func hold(_ call: LimitedCall) async throws(LimitUnitsFailure) -> LimitHold

    /// The answer of `hold` if it is known without waiting; nil if not, and then nothing is reserved. Never waits.
    func holdAtHand(_ call: LimitedCall) -> LimitHold?

    /// Confirms the units of a call that is about to be sent: from here on they count as used. Never waits.
    ///
    /// - Throws: if they may not be used any more. The caller does not send the call, and returns the units.
    func send(_ held: LimitReservation) throws(LimitUnitsFailure)

    /// Returns the units, because the call certainly was not executed. Never waits; has no effect on a reservation that
    /// has ended. Units whose return is lost stay counted, and so may those of a call after `send`.
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
    /// The units that are left are leased to other nodes, or the lease of the call's units has ended.
    case leaseWait(limit: String)
    /// The store that the nodes share did not answer, or this node may take nothing from it.
    case storeUnavailable
    /// There was no answer before the deadline.
    case late
    case failed(reason: String)
}
