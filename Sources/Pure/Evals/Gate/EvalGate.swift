package import InterlockModel

/// The results that the change gate knows, by agent and fingerprint (docs/specs/evals.md, section 6). It is immutable:
/// a new result, a new policy or other keys make a new gate.
///
/// A lookup does no I/O and allocates nothing.
package struct EvalGate: Sendable {
    /// The result that counts for one fingerprint of an agent: the latest one of which a signature counts, or the
    /// latest one if none does.
    package struct Entry: Sendable, Hashable {
        package let result: EvalResult
        /// True if a listed key signed the result.
        package let isSigned: Bool
        /// True if one of those keys cannot be used by the agent's owners alone.
        package let isIndependent: Bool
        /// The lowest tier at which the flags of the suite make it thin; nil if it is thin at none.
        package let thinFrom: Tier?

        /// - Parameters:
        ///   - signers: the keys of `SignedEvalResult.signers`.
        ///   - owners: the people who answer for the agent.
        package init(result: EvalResult, signers: [EvalKey], owners: Set<Person>) {
            self.result = result
            isSigned = !signers.isEmpty
            isIndependent = signers.contains { $0.isIndependent(of: owners) }
            thinFrom = EvalGate.thinFrom(result.flags)
        }

        /// Returns the time from which the result does not count at the tier.
        package func expiry(at tier: Tier) -> Timestamp {
            result.ended + min(Duration.seconds(result.maxAge), tier.resultAge)
        }

        /// The fact of this entry. A result from the future is stale, since its age is unknown.
        package func fact(
            proof: FingerprintProof?, tier: Tier, at now: Timestamp
        ) -> EvalFact {
            guard isSigned, isIndependent || tier == .low else { return .unsigned }
            guard result.verdict == .pass, !result.isPartial else { return .failed }
            if let thinFrom, tier >= thinFrom { return .thin }
            guard now < expiry(at: tier), result.ended <= now + EvalGate.clockTolerance else {
                return .stale
            }
            guard let proof, proof >= .least(at: tier) else { return .unproven }
            return .passed
        }
    }

    /// The results that count for one fingerprint: at tier low, the latest of which any listed key signed; above, the
    /// latest with a key that the agent's owners cannot use alone.
    private struct Known {
        var latest: Entry
        var independent: Entry?

        func entry(at tier: Tier) -> Entry { tier == .low ? latest : independent ?? latest }

        mutating func add(_ entry: Entry) {
            if entry.replaces(latest) { latest = entry }
            guard entry.isIndependent else { return }
            guard let independent else {
                self.independent = entry
                return
            }
            if entry.replaces(independent) { self.independent = entry }
        }
    }

    private let known: [AgentName: [Digest: Known]]
    /// The latest entry of each agent, and the latest with a key that its owners cannot use alone.
    private let newest: [AgentName: Entry]
    private let newestIndependent: [AgentName: Entry]

    /// The tolerated difference between the clocks of the runner and of the gateway.
    package static let clockTolerance: Duration = .seconds(300)

    /// The gate that knows no result, and thus refuses every agent.
    package static let empty = EvalGate([])

    /// - Parameters:
    ///   - entries: in the order of their submission, which decides only between two fingerprints whose runs ended at
    ///     once: the last one is the agent's latest. Of one fingerprint a signed result takes the place of one that is not, a whole one
    ///     that of a partial one, and a later one that of an earlier one; of two that ended at once, the one that did not
    ///     pass counts.
    ///   - suites: the digests of the suites in force. A result of another suite of that agent is left out, so that it
    ///     is `missing`; an agent that is not listed may have used any.
    package init(_ entries: [Entry], suites: [AgentName: Digest] = [:]) {
        var known: [AgentName: [Digest: Known]] = [:]
        var last: [AgentName: Entry] = [:]
        var lastIndependent: [AgentName: Entry] = [:]
        for entry in entries {
            let result = entry.result
            if let suite = suites[result.agent], suite != result.suite { continue }
            var one =
                known[result.agent]?[result.fingerprint] ?? Known(latest: entry, independent: nil)
            one.add(entry)
            known[result.agent, default: [:]][result.fingerprint] = one
            entry.follow(in: &last)
            if entry.isIndependent { entry.follow(in: &lastIndependent) }
        }
        self.known = known
        newest = last.compactMapValues { known[$0.result.agent]?[$0.result.fingerprint]?.latest }
        newestIndependent = lastIndependent.compactMapValues {
            known[$0.result.agent]?[$0.result.fingerprint]?.independent
        }
    }

    /// Returns the entry that counts for a fingerprint at the tier.
    package func entry(of agent: AgentName, fingerprint: Digest, tier: Tier) -> Entry? {
        known[agent]?[fingerprint]?.entry(at: tier)
    }

    /// The latest entry of the agent that counts at the tier, of any fingerprint; an entry that counts nowhere else takes
    /// its place only if there is no other.
    package func latest(of agent: AgentName, tier: Tier) -> Entry? {
        tier == .low ? newest[agent] : newestIndependent[agent] ?? newest[agent]
    }

    /// - Parameters:
    ///   - fingerprint: nil if the gateway knows none of the agent: `unproven` if the agent has results, else
    ///     `missing`.
    ///   - proof: nil if nothing proves the fingerprint.
    package func fact(
        of agent: AgentName, fingerprint: Digest?, proof: FingerprintProof?, tier: Tier,
        at now: Timestamp
    ) -> EvalFact {
        guard let results = known[agent] else { return .missing }
        guard let fingerprint else { return .unproven }
        guard let one = results[fingerprint] else { return .missing }
        return one.entry(at: tier).fact(proof: proof, tier: tier, at: now)
    }

    /// Returns the lowest tier at which one of the flags does more than warn; nil if none does at any tier. A code of
    /// another version that this one does not have only warns.
    package static func thinFrom(_ codes: [String]) -> Tier? {
        let flags = codes.compactMap { ThinFlag(rawValue: $0) }
        return Tier.allCases.filter { tier in flags.contains { !$0.isWarning(at: tier) } }.min()
    }
}

extension EvalGate.Entry {
    /// Takes the place of the agent's latest entry, unless that ended later.
    fileprivate func follow(in latest: inout [AgentName: EvalGate.Entry]) {
        if let later = latest[result.agent], later.result.ended > result.ended { return }
        latest[result.agent] = self
    }

    fileprivate func replaces(_ other: EvalGate.Entry) -> Bool {
        guard isSigned == other.isSigned else { return isSigned }
        guard result.isPartial == other.result.isPartial else { return !result.isPartial }
        guard result.ended == other.result.ended else { return result.ended > other.result.ended }
        return result.verdict != .pass
    }
}
