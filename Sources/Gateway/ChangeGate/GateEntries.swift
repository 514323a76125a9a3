import InterlockAdministration
import InterlockEvals
import InterlockJSON
package import InterlockModel
import InterlockPolicy
import InterlockPorts

/// The entries of the control log about the change gate.
struct GateEntries {
    let inputs: GateInputs
    private let gate: ControlEntry?
    /// The policy under which the gate judged last; nil if no version that notes it has started on this store.
    let last: JudgedPolicy?

    /// The subject of the entries about the gate itself.
    private static let subject = "gate"
    private static let kinds: [ControlKind] = [
        .evalResult, .evalCarry, .evalException, .evalManifest, .evalGate,
    ]

    /// - Throws: also if one entry is not as this program writes it.
    init(
        _ log: any ControlLog, hashing: any Hashing, verifier: any SignatureVerifier
    ) async throws(ControlLogFailure) {
        var inputs = GateInputs()
        var gate: ControlEntry?
        var last: JudgedPolicy?
        for kind in Self.kinds {
            let entries: [ControlEntry]
            do throws(StoreFailure) { entries = try await log.newest(of: [kind]) } catch {
                throw .unreadable(error.reason)
            }
            for entry in entries {
                do throws(FormError) {
                    try inputs.read(entry, hashing: hashing, verifiedBy: verifier)
                    guard entry.kind == .evalGate else { continue }
                    if sameBytes(entry.subject, Self.subject) {
                        gate = entry
                    } else if sameBytes(entry.subject, JudgedPolicy.subject) {
                        last = try JudgedPolicy(entry.body)
                    } else {
                        throw FormError.badMember("subject", "`gate` or `policy`")
                    }
                } catch { throw .unreadableEval(entry.number, error) }
            }
        }
        self.inputs = inputs
        self.gate = gate
        self.last = last
    }

    /// Returns the period of this store. It begins now if no version with the gate has started on it before; that is
    /// durable on return.
    func period(
        at now: ClockReading, in log: any ControlLog
    ) async throws(ControlLogFailure) -> GatePeriod {
        guard let gate else {
            do throws(StoreFailure) {
                _ = try await log.append([Self.draft(since: now.wall, seen: now.wall)])
            } catch { throw .unreadable(error.reason) }
            return GatePeriod(since: now.wall, seen: now.wall, at: now)
        }
        do throws(FormError) {
            let fields = try StrictFields(.object(gate.body), required: ["since", "seen"])
            return GatePeriod(
                since: try fields.time("since", fractionDigits: 6),
                seen: try fields.time("seen", fractionDigits: 6), at: now)
        } catch { throw .unreadableEval(gate.number, error) }
    }

    static func draft(since: Timestamp, seen: Timestamp) -> ControlDraft {
        ControlDraft(
            .evalGate, subject,
            ["since": .string(since.rfc3339()), "seen": .string(seen.rfc3339())])
    }
}

/// The policy under which the gate judges, so that the next start can compare its own with it.
package struct JudgedPolicy: Sendable, Hashable {
    package let digest: Digest
    /// The digest of the files from which it was compiled; nil if they are not kept.
    package let bundle: Digest?

    static let subject = "policy"

    init(_ policy: PolicySnapshot) {
        digest = policy.digest
        bundle = policy.basis.bundle
    }

    init(_ body: JSONObject) throws(FormError) {
        let fields = try StrictFields(
            .object(body), required: ["policy"], optional: ["bundle"])
        digest = try fields.made("policy", "a digest") { Digest(prefixed: $0) }
        bundle =
            fields.has("bundle")
            ? try fields.made("bundle", "a digest") { Digest(prefixed: $0) } : nil
    }

    var draft: ControlDraft {
        var body: JSONObject = ["policy": .string(digest.prefixed)]
        body["bundle"] = bundle.map { .string($0.prefixed) }
        return ControlDraft(.evalGate, Self.subject, body)
    }
}

extension GateInputs {
    fileprivate mutating func read(
        _ entry: ControlEntry, hashing: any Hashing, verifiedBy verifier: any SignatureVerifier
    ) throws(FormError) {
        switch entry.kind {
        case .evalResult: add(try KnownResult(entry, hashing: hashing, verifiedBy: verifier))
        case .evalCarry:
            guard let agent = AgentName(entry.subject) else {
                throw FormError.badMember("subject", "the name of an agent")
            }
            carries[agent] = try CarriedParts(entry.body)
        case .evalException:
            let signed = try SignedEvalException(entry.signedStatement(), verifiedBy: verifier)
            try entry.expect(signed.exception.agent.text)
            exceptions[signed.exception.agent] = signed
        case .evalManifest:
            let signed = try SignedReleaseManifest(entry.signedStatement(), verifiedBy: verifier)
            try entry.expect(signed.manifest.credential)
            manifests[ExactText(signed.manifest.credential)] = signed
        default: break
        }
    }
}

extension ControlEntry {
    /// Returns the envelope of a statement about evals.
    func signedStatement() throws(FormError) -> Envelope {
        let fields = try StrictFields(.object(body), required: ["signed"])
        return try Envelope(json: try fields.value("signed"), payloadLimit: EvalResult.largest)
    }

    fileprivate func expect(_ subject: String) throws(FormError) {
        guard sameBytes(self.subject, subject) else {
            throw FormError.badMember("subject", "what the statement is about")
        }
    }
}

extension CarriedParts {
    init(_ body: JSONObject) throws(FormError) {
        let fields = try StrictFields(.object(body), required: ["from", "to", "until"])
        self.init(
            from: try ComputedParts(try fields.value("from")),
            to: try ComputedParts(try fields.value("to")),
            until: try fields.time("until", fractionDigits: 6))
    }

    func draft(of agent: AgentName) -> ControlDraft {
        ControlDraft(
            .evalCarry, agent.text,
            ["from": from.json, "to": to.json, "until": .string(until.rfc3339())])
    }
}

extension ComputedParts {
    fileprivate init(_ value: JSONValue) throws(FormError) {
        let fields = try StrictFields(value, required: ["policy", "tools"])
        self.init(
            policy: try fields.made("policy", "a digest") { Digest(prefixed: $0) },
            tools: try fields.made("tools", "a digest") { Digest(prefixed: $0) })
    }

    fileprivate var json: JSONValue {
        ["policy": .string(policy.prefixed), "tools": .string(tools.prefixed)]
    }
}
