package import InterlockJSON
package import InterlockModel

/// The state of an elevation.
package enum ElevationState: String, Hashable, Sendable {
    /// Waits for approvals. Becomes `granted` by the last required one, `denied` by hand, by time or by the policy.
    case requested
    /// Is in force in its window. Becomes `ended` by hand, by time or by the policy.
    case granted
    case denied, ended

    package var isFinal: Bool { self == .denied || self == .ended }
}

/// The reason why an elevation ended.
package enum ElevationCause: String, Hashable, Sendable {
    case byHand = "by-hand"
    case time
    case policy
}

/// One elevation of the store, from the first signature to its end.
package struct ElevationRequest: Hashable, Sendable {
    package let proposal: ProposedElevation
    package let created: Timestamp
    package private(set) var state = ElevationState.requested
    /// The approvals, by distinct people. The policy in force decides which of them count.
    package private(set) var approvals: [ElevationApproval] = []
    package private(set) var cause: ElevationCause?
    /// Increases with each change; the store compares it before it writes.
    package private(set) var revision: Int

    package var id: ElevationID { proposal.order.id }
    package var order: ElevationOrder { proposal.order }

    package enum Progress: Hashable, Sendable {
        case counted(have: Int, need: Int)
        case granted
    }

    package init(_ proposal: ProposedElevation, at now: Timestamp) throws(ElevationRefusal) {
        try Self.checkWindow(of: proposal.order, at: now)
        self.proposal = proposal
        created = now
        revision = 1
    }

    /// - Throws: if the approval does not count; the request has then not changed.
    package mutating func approve(
        _ approval: ElevationApproval, under terms: ElevationTerms, at now: Timestamp
    ) throws(ElevationRefusal) -> Progress {
        guard state == .requested else { throw .closed(state) }
        try Self.checkWindow(of: order, at: now)
        if let exclusion = terms.exclusion(of: approval) { throw .notEligible(exclusion) }
        guard !approvals.contains(where: { $0.person == approval.person }) else {
            throw .alreadyApproved
        }
        approvals.append(approval)
        revision += 1
        guard terms.areMet(by: approvals, author: proposal.author) else {
            return .counted(have: terms.count(approvals), need: terms.need)
        }
        state = .granted
        return .granted
    }

    /// Returns false if the elevation had ended before.
    package mutating func end(_ cause: ElevationCause) -> Bool {
        switch state {
        case .requested: state = .denied
        case .granted: state = .ended
        case .denied, .ended: return false
        }
        self.cause = cause
        revision += 1
        return true
    }

    /// Returns true if the elevation is open and its window has ended.
    package func isDue(at now: Timestamp) -> Bool { !state.isFinal && now >= order.until }

    /// Returns false if the elevation is granted but would no longer be granted under these terms.
    package func holds(under terms: ElevationTerms) -> Bool {
        state != .granted || terms.areMet(by: approvals, author: proposal.author)
    }

    private static func checkWindow(
        of order: ElevationOrder, at now: Timestamp
    ) throws(ElevationRefusal) {
        guard now < order.until else { throw .past }
        guard order.until <= now + ElevationLimits.ahead else { throw .tooFarAhead }
    }
}

/// The stored form. Times are microseconds since 1970.
extension ElevationRequest {
    /// Returns the control log's entry of a grant or of its end, or nil if the change is neither.
    package func controlEntry(after before: ElevationState?) -> ControlDraft? {
        let kind: ControlKind
        switch (before, state) {
        case (.requested, .granted): kind = .elevation
        case (.granted, .ended): kind = .elevationEnd
        default: return nil
        }
        return ControlDraft(kind, id.text, json.object ?? [:])
    }

    package var json: JSONValue {
        var object: JSONObject = [
            "v": 1, "type": "elevation", "state": .string(state.rawValue),
            "created": .integer(created.microseconds), "revision": .integer(Int64(revision)),
            "proposal": proposal.envelope.json,
            "approvals": .array(
                approvals.map {
                    ["at": .integer($0.at.microseconds), "envelope": $0.envelope.json]
                }),
        ]
        object["cause"] = cause.map { .string($0.rawValue) }
        return .object(object)
    }

    /// Reads a stored elevation. Each signature is verified again, and an approval by a key revoked since is omitted.
    ///
    /// - Throws: if the JSON is malformed, or if the proposal or another approval does not verify.
    package init(json: JSONValue, verifier: SignedOrderVerifier) throws(ElevationRefusal) {
        let (envelope, stored): (Envelope, [(envelope: Envelope, at: Timestamp)])
        do throws(FormError) {
            let fields = try StrictFields(
                json,
                required: ["v", "type", "state", "created", "revision", "proposal", "approvals"],
                optional: ["cause"])
            try fields.expectVersion1()
            try fields.expect("type", "elevation")
            state = try fields.made("state", "a state") { ElevationState(rawValue: $0) }
            cause =
                fields.has("cause")
                ? try fields.made("cause", "a cause") { ElevationCause(rawValue: $0) } : nil
            created = try fields.moment("created")
            revision = Int(try fields.integer("revision", in: 1...1_000_000))
            envelope = try Envelope(json: try fields.value("proposal"), at: "proposal")
            stored = try fields.array("approvals", count: 0...100).map { value throws(FormError) in
                let entry = try StrictFields(value, at: "approvals", required: ["at", "envelope"])
                return (
                    try Envelope(json: try entry.value("envelope"), at: "approvals.envelope"),
                    try entry.moment("at")
                )
            }
        } catch {
            throw .order(.form(error))
        }
        proposal = try verifier.verify(envelope, .again(created))
        for (envelope, at) in stored {
            do throws(ElevationRefusal) {
                let approval = try verifier.approval(
                    envelope, of: proposal, at: at, isStored: true)
                if !approvals.contains(where: { $0.person == approval.person }) {
                    approvals.append(approval)
                }
            } catch .order(.revokedKey), .order(.unknownKey) {
                continue
            }
        }
    }
}

extension StrictFields {
    fileprivate func moment(_ key: String) throws(FormError) -> Timestamp {
        Timestamp(microseconds: try integer(key, in: 0...JSONValue.largestInteger))
    }
}

/// An elevation whose author's signature was verified.
package typealias ProposedElevation = VerifiedOrder<ElevationOrder>

extension ProposedElevation {
    package var author: Person { person.person }

    /// The elevation as decisions see it once it is granted.
    package var fact: StoreElevation { order.fact(proposer: author) }
}

/// An approval whose signature was verified. Only `SignedOrderVerifier` makes one; the request and the policy decide
/// whether it counts.
package struct ElevationApproval: Hashable, Sendable {
    package let envelope: Envelope
    package let signature: VerifiedSignature
    package let at: Timestamp

    fileprivate init(_ signature: VerifiedSignature, _ envelope: Envelope, at: Timestamp) {
        self.envelope = envelope
        self.signature = signature
        self.at = at
    }

    package var person: Person { signature.person.person }
    package var pseudonym: Pseudonym { signature.signer }
}

extension SignedOrderVerifier {
    /// Verifies an approval of exactly the proposed elevation.
    ///
    /// - Parameters:
    ///   - at: the time of arrival. A stored approval is verified as of this time, but does not count if its credential
    ///     has been revoked since.
    ///   - isStored: if true, the counter of its passkey is not compared again.
    package func approval(
        _ envelope: Envelope, of proposal: ProposedElevation, at: Timestamp,
        isStored: Bool = false
    ) throws(ElevationRefusal) -> ElevationApproval {
        let signature = try verify(
            envelope, as: .elevationApproval, over: proposal, isStored ? .again(at) : .now(at))
        return ElevationApproval(signature, envelope, at: at)
    }
}
