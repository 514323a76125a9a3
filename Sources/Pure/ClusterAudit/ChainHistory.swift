package import InterlockCluster
import InterlockJSON
package import InterlockModel

/// The control chain as it was at each of its entries, with which the logs of nodes are compared.
package struct ChainHistory: Sendable {
    /// A use of a request that counts.
    struct Use: Sendable {
        let use: GrantUse
        let node: NodeName
    }

    /// The state after the last entry that was applied.
    private var state: ChainState
    /// The reasons why the chain, or the rest of it, does not count.
    package private(set) var findings: [ClusterFinding] = []
    /// The uses by their entries.
    private(set) var uses: [Int64: Use] = [:]
    /// The policies of revisions whose sign-off is in the chain.
    private(set) var policies: [Digest: Digest] = [:]
    private var digests: [Digest]
    private var kinds: [String]
    private var halts: Timeline<[HaltOrder]>
    private var people: Timeline<AuthorizedKeys>
    private var admitted: Timeline<Set<NodeName>>
    private var revisions: Timeline<Digest?>

    /// Applies the entries up to the first one that does not verify, which becomes a finding.
    ///
    /// - Parameter genesis: the digest of the first entry, from outside the chain.
    /// - Throws: if the first entry is not that one.
    package init(
        _ rows: [StoredEntry], genesis: Digest, verifier: any EntryVerifier
    ) throws(EntryRejection) {
        guard let first = rows.first else { throw .fault(.otherGenesis) }
        let entry = try ChainEntry(first, after: nil, hashing: verifier.hashing)
        state = try ChainState(first: entry, genesis: genesis, verifier: verifier)
        digests = [entry.digest]
        kinds = [entry.kind.text]
        halts = Timeline([])
        people = Timeline(state.people)
        admitted = Timeline(Set(state.admitted))
        revisions = Timeline(state.revision)
        for row in rows.dropFirst() {
            do throws(EntryRejection) { try apply(row, verifier) } catch {
                findings.append(ClusterFinding(.chain, Self.text(error)))
                return
            }
        }
        if !state.isProved {
            findings.append(
                ClusterFinding(.chain, "dropped uses are followed by no snapshot that proves them"))
        }
    }

    private static func text(_ rejection: EntryRejection) -> String {
        switch rejection {
        case .fault(let fault): "\(fault)"
        case .unknownKind(let number, let kind):
            "entry \(number) of kind `\(kind)` and those after it cannot be judged here"
        }
    }

    private mutating func apply(
        _ row: StoredEntry, _ verifier: any EntryVerifier
    ) throws(EntryRejection) {
        guard row.body != nil else {
            try state.pass(dropped: row)
            digests.append(state.head.digest)
            kinds.append(row.kind)
            return
        }
        let entry = try ChainEntry(row, after: state.head, hashing: verifier.hashing)
        let effect = try state.apply(entry, verifier: verifier)
        digests.append(entry.digest)
        kinds.append(entry.kind.text)
        if effect == .changed { note(entry) }
    }

    private mutating func note(_ entry: ChainEntry) {
        let number = entry.number
        switch entry.statement.content {
        case .narrowing(.use(let use)): uses[number] = Use(use: use, node: entry.node)
        case .narrowing(.halt), .widening(.release, _):
            halts.change(to: state.halts.active, at: number)
        case .widening(.person, _): people.change(to: state.people, at: number)
        case .widening(.member, _): admitted.change(to: Set(state.admitted), at: number)
        case .widening(.revision, let statements):
            revisions.change(to: state.revision, at: number)
            // The statement of the sign-off names the policy (docs/specs/policy.md, section 11).
            let signOff = try? StrictFields.value(
                statements.envelopes[0].payload, limit: EntryLimits.body)
            policies[state.revision ?? entry.digest] = signOff?["digest"]?.string.flatMap(
                Digest.init(prefixed:))
        case .genesis, .widening, .narrowing: break
        }
    }
}

extension ChainHistory {
    package var head: ChainHead { state.head }
    /// The nodes that are or were members.
    package var members: [Member] { state.members.values.sorted { $0.name < $1.name } }

    /// Returns true if the chain has exactly this entry.
    func has(_ entry: ChainHead) -> Bool {
        entry.number >= 0 && entry.number <= head.number
            && digests[Int(entry.number)] == entry.digest
    }

    /// Returns the kind of an entry of the chain.
    func kind(of entry: ChainHead) -> String? { has(entry) ? kinds[Int(entry.number)] : nil }

    /// Returns true if the chain has this entry, a use whose body was dropped or that counts for nothing.
    func isUncountedUse(_ entry: ChainHead) -> Bool {
        kind(of: entry) == NarrowingKind.use.rawValue && uses[entry.number] == nil
    }

    /// The halts in force after an entry.
    func halts(at number: Int64) -> [HaltOrder] { halts.value(at: number) }
    func people(at number: Int64) -> AuthorizedKeys { people.value(at: number) }
    func revision(at number: Int64) -> Digest? { revisions.value(at: number) }
    func isMember(_ node: NodeName, at number: Int64) -> Bool {
        admitted.value(at: number).contains(node)
    }
}
