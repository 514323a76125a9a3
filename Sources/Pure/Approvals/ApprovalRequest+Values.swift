import InterlockModel

extension ApprovalRequest {
    /// The values of a request; its own properties say what each is.
    struct Values: Hashable, Sendable {
        let id: ApprovalID
        let call: CallID
        let created: Timestamp
        let expires: Timestamp
        let useWithin: Duration
        var shown: BoundReview
        var state: ApprovalState
        var cause: ApprovalCause?
        var dissent: Dissent?
        var voters: [Voter]
        var votes: [VerifiedVote]
        var consent: ClientConsent?
        var used = 0
        var grantEnds: Timestamp?
        var latest: Timestamp
        var escalation: PlannedEscalation?
        var probe: ProbeDebrief?
        let wantsPasskey: Bool
    }

    /// The values of a request behind one reference. Immutable, so a change makes another one.
    final class Box: Sendable {
        let values: Values
        init(_ values: Values) { self.values = values }
    }
}
