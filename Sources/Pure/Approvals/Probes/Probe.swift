package import InterlockModel

/// A request that is known to be bad, in the form of any other (specs of approvals, section 12): whether whoever
/// decides it reads what is shown.
///
/// No call stands behind it, and nothing can come of it. Its form is moved by the state machine of every request,
/// so that each vote is refused or taken as it always is; but of an approval nothing is kept than that it was
/// given, and there is no state in which a probe could be used.
package struct Probe: Hashable, Sendable {
    package let flaw: ProbeFlaw
    /// What people see. INVARIANT: never `approved` and never `used`; without votes.
    package private(set) var form: ApprovalRequest

    package var id: ApprovalID { form.id }
    package var isOver: Bool { form.state.isFinal }

    /// - Parameter form: that waits, with no vote.
    package init(_ form: ApprovalRequest, flaw: ProbeFlaw) {
        precondition(
            form.state == .pending && form.votes.isEmpty, "a probe is a request that waits")
        self.form = form
        self.flaw = flaw
    }

    /// The first decision, whichever it is, ends it.
    package mutating func handle(_ event: ApprovalEvent, at now: Timestamp) -> ApprovalAction {
        switch event {
        // There is no call that a client could speak for, a policy could ask more for, or that could be sent.
        case .consent, .reissue, .breakGlass, .use: return .refused(.notGranted)
        case .vote, .object, .tick, .withdraw, .void, .leave, .lapse: break
        }
        var next = form
        let action = next.handle(event, at: now)
        switch action {
        case .counted, .granted:
            guard case .vote(let vote) = event else { return .refused(.notGranted) }
            form.refuse(
                ProbeDebrief(flaw: flaw, verdict: .approve, by: vote.person), at: now)
            return .probed(isCaught: false, by: vote.approver)
        case .denied(let person):
            form = next
            guard let dissent = next.dissent else { return action }
            form.tell(ProbeDebrief(flaw: flaw, verdict: .deny, by: dissent.person))
            return .probed(isCaught: true, by: person)
        case .none, .expired, .withdrawn, .void, .shrunk, .escalated:
            form = next
            return action
        case .reissued, .used, .probed: return .refused(.notGranted)
        case .refused: return action
        }
    }
}

/// What a person is told of a probe after it was decided.
package struct ProbeDebrief: Hashable, Sendable {
    package let flaw: ProbeFlaw
    package let verdict: Vote.Verdict
    package let by: Person

    package var isCaught: Bool { verdict == .deny }

    package static let about =
        "this was a probe: a request that Interlock made, known to be bad; nothing stood behind it and nothing ran"

    /// One sentence for whoever decided it.
    package var sentence: String {
        "\(Self.about). "
            + (isCaught ? "You were right: " : "What was wrong: ") + flaw.sentence
    }
}
