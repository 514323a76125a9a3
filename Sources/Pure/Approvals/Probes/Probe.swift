package import InterlockJSON
package import InterlockModel

/// A known-bad request in the form of any other (docs/specs/approvals.md, section 12), which tests whether approvers
/// read what they decide.
///
/// It has no call behind it. The state machine of ordinary requests drives its form, so votes are accepted and refused
/// as usual; but an approval only ends the probe, and it can never be used.
///
/// INVARIANT: a probe is used by no call and looks like any request until it is decided; what is decided about it is
/// on record first. Kept by `ProbeTests`, `ProbeDeskTests`, `test_probes.py`.
package struct Probe: Hashable, Sendable {
    package let flaw: ProbeFlaw
    /// The request that people see. INVARIANT: never `approved` or `used`, and without votes.
    package private(set) var form: ApprovalRequest

    package var id: ApprovalID { form.id }
    package var isOver: Bool { form.state.isFinal }

    /// - Parameter form: a pending request without votes.
    package init(_ form: ApprovalRequest, flaw: ProbeFlaw) {
        precondition(
            form.state == .pending && form.votes.isEmpty, "a probe is a request that waits")
        self.form = form
        self.flaw = flaw
    }

    /// The first decision ends the probe, whether it approves or denies.
    package mutating func handle(_ event: ApprovalEvent, at now: Timestamp) -> ApprovalAction {
        switch event {
        // A probe has no call to consent to, to reissue, to lower the quorum of, or to send; its voters stay.
        case .consent, .reissue, .breakGlass, .seat, .use: return .refused(.notGranted)
        case .vote, .object, .tick, .withdraw, .void, .leave, .lapse: break
        }
        var next = form
        let action = next.handle(event, at: now)
        switch action {
        case .counted, .granted:
            guard case .vote(let vote) = event else { return .refused(.notGranted) }
            form.refuse(ProbeDebrief(flaw: flaw, verdict: .approve, by: vote.person), at: now)
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

/// The disclosure about a probe after its decision.
package struct ProbeDebrief: Hashable, Sendable {
    package let flaw: ProbeFlaw
    package let verdict: Vote.Verdict
    package let by: Person

    package var isCaught: Bool { verdict == .deny }

    package static let about =
        "this was a probe: a request that Interlock made, known to be bad; nothing stood behind it and nothing ran"

    /// The disclosure as text for the person who decided it.
    package var sentence: String {
        "\(Self.about). " + (isCaught ? "You were right: " : "What was wrong: ") + flaw.sentence
    }
}

/// The stored form, of a probe that waits. One that is over is in the log alone.
extension Probe {
    package var json: JSONValue { ["v": 1, "type": "probe", "form": form.json, "flaw": flaw.json] }

    /// - Throws: `malformed` too for a form that has votes or does not wait: no probe has.
    package init(
        json: JSONValue, judge: VoteVerifier, hashing: some Hashing
    ) throws(ApprovalRefusal) {
        let flaw: ProbeFlaw
        let form: JSONValue
        do throws(FormError) {
            let fields = try StrictFields(json, required: ["v", "type", "form", "flaw"])
            try fields.expectVersion1()
            try fields.expect("type", "probe")
            flaw = try ProbeFlaw(json: try fields.value("flaw"), at: "flaw")
            form = try fields.value("form")
        } catch { throw .malformed(error) }
        let request = try ApprovalRequest(json: form, judge: judge, hashing: hashing)
        guard request.state == .pending, request.votes.isEmpty else {
            throw .malformed(.badMember("form", "a request that waits"))
        }
        self.init(request, flaw: flaw)
    }
}
