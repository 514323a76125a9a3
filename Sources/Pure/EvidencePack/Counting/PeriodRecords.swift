import InterlockJSON
package import InterlockLedger
package import InterlockModel

/// The records of a log that a pack names or copies besides the samples, gathered in the same pass.
package struct PeriodRecords: Sendable {
    /// A record that is read again for its payload or its bytes.
    package struct Found: Sendable, Hashable {
        package let index: UInt64
        package let leaf: Digest
        package let time: Timestamp
    }

    /// The kinds of signed statements that packs carry, by the folder of each.
    package enum Statement: String, Sendable, Hashable, CaseIterable {
        case evals, trust, reviews

        package init?(type: String) {
            switch type {
            case "eval.result": self = .evals
            case "trust.promoted", "trust.delegated": self = .trust
            case "review.signed": self = .reviews
            default: return nil
            }
        }
    }

    private let population: EvidencePopulation
    /// The verifier key for which the listing is looked for.
    private let key: String
    /// The policies in force in the period, in the order in which they came, each once.
    package private(set) var policies: [Digest] = []
    /// The policies that were loaded with a signature of people.
    private var signedPolicies: Set<Digest> = []
    package private(set) var keyListing: Found?
    /// The newest self-test of the log, also after the period.
    package private(set) var selfTest: Found?
    package private(set) var statements: [(kind: Statement, record: Found)] = []
    package private(set) var exceptions: [Found] = []
    /// The last review of each scope before the period, by the name of its agent; that of the organisation by an empty name.
    private var newestEarlier: [ExactText: Found] = [:]
    /// The records that enrol a credential of a person, by its key; of a passkey by SHA-256 of its key.
    package private(set) var enrolments: [Digest: Found] = [:]
    /// The drills of the period by their ids.
    package private(set) var drills: [String] = []
    /// The records that were not parsed: they are damaged.
    package private(set) var damaged = 0

    /// The most statements and exceptions of each; a pack with more says so in a gap.
    package static let most = 5_000

    package init(_ population: EvidencePopulation, evidenceKey: String) {
        self.population = population
        key = evidenceKey
    }

    package mutating func add(damaged index: UInt64) {
        if index < population.end { damaged += 1 }
    }

    package mutating func add(
        _ record: StoredRecord, _ leaf: Digest, at index: UInt64, isCounted: Bool
    ) {
        guard index < population.end, let time = record.time else { return }
        let found = Found(index: index, leaf: leaf, time: time)
        switch record.type {
        case "policy.loaded": add(policy: record, time)
        case "key.listed":
            if record.text("use").map({ sameBytes($0, "evidence") }) ?? false,
                record.text("vkey").map({ sameBytes($0, key) }) ?? false
            {
                keyListing = found
            }
        case "selftest.result": selfTest = found
        case "approver.enrolled":
            if let credential = record.digest("key"), enrolments[credential] == nil {
                enrolments[credential] = found
            }
        case "kill.drill":
            if isOfPeriod(index, time), let id = record.text("req"), drills.count < Self.most,
                !drills.contains(where: { sameBytes($0, id) })
            {
                drills.append(id)
            }
        case "approval.breakglass", "elevation.granted", "eval.excepted", "run.degraded",
            "hook.bypassed":
            if isOfPeriod(index, time), exceptions.count < Self.most { exceptions.append(found) }
        default:
            guard let kind = Statement(type: record.type) else { return }
            if isOfPeriod(index, time) {
                guard isCounted || population.agents.isEmpty, statements.count < Self.most else {
                    return
                }
                statements.append((kind, found))
            } else if kind == .reviews, time < population.to {
                add(earlier: record, found)
            }
        }
    }

    /// The last review of each agent and of the organisation before the period, in the order of the log. Each has what was
    /// open before it.
    package var earlierReviews: [Found] {
        newestEarlier.values.sorted { $0.index < $1.index }
    }

    private mutating func add(earlier record: StoredRecord, _ found: Found) {
        let agent = record.text("agent")
        // One that could not be kept does not count.
        guard record.text("code") == nil,
            population.agents.isEmpty || agent.map({ population.agents.contains($0) }) ?? true
        else { return }
        newestEarlier[agent ?? ""] = found
    }

    /// The records of one kind that were found.
    package func found(_ kind: Statement) -> [Found] {
        statements.filter { $0.kind == kind }.map(\.record)
    }

    /// The policies in force in the period that no person had signed.
    package var unsignedPolicies: [Digest] { policies.filter { !signedPolicies.contains($0) } }

    /// True if something was left out because there was more than a pack holds.
    package var isCut: Bool {
        [statements.count, exceptions.count, drills.count].contains { $0 >= Self.most }
    }

    private func isOfPeriod(_ index: UInt64, _ time: Timestamp) -> Bool {
        index >= population.start && time >= population.from && time < population.to
    }

    /// The policy of a drill decides about canaries alone, so it was not in force.
    private mutating func add(policy record: StoredRecord, _ time: Timestamp) {
        guard let digest = record.digest("pol"),
            !(record.text("why").map { sameBytes($0, "drill") } ?? false)
        else { return }
        if let signers = record["by"]?.array, !signers.isEmpty { signedPolicies.insert(digest) }
        if time < population.from {
            policies = [digest]
        } else if time < population.to, !policies.contains(digest) {
            policies.append(digest)
        }
    }
}
