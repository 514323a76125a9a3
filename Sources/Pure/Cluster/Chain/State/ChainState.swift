package import InterlockJSON
package import InterlockModel

/// The state that the entries so far leave: the one that every node computes from the same entries by the same function.
///
/// INVARIANT: no entry without the statements of people that its kind asks for widens the state; statements that were
/// counted once change nothing again. Kept by `ChainStateTests` and `ChainWideningTests`.
package struct ChainState: Sendable, Equatable {
    package let org: String
    /// The digest of the first entry.
    package let genesis: Digest
    /// True if the store was set up with a synchronous standby.
    package let hasStandby: Bool
    /// The newest entry that was applied.
    package internal(set) var head: ChainHead
    package internal(set) var people: AuthorizedKeys
    package internal(set) var members: [NodeName: Member]
    package internal(set) var halts = ChainHalts()
    package internal(set) var requests = RequestUses()
    package internal(set) var runsEnded: Set<RunID> = []
    package internal(set) var tokensEnded: Set<ExactText> = []
    /// The quarantines and pauses in force, with the times of their entries.
    package internal(set) var quarantines: [ServerName: EntryTime] = [:]
    package internal(set) var pauses: [RunID: EntryTime] = [:]
    package internal(set) var demotions: [AgentName: Demotion] = [:]
    /// Elevations and their ends; one that ended early is in `elevationsEnded`.
    package internal(set) var elevations: [ElevationID: Timestamp] = [:]
    package internal(set) var elevationsEnded: Set<ElevationID> = []
    /// The policy revision in force; nil if there never was one.
    package internal(set) var revision: Digest?
    /// The number of nodes that each permit has admitted, by the digest of its payload.
    package internal(set) var permits: [Digest: Int] = [:]
    /// The statements of people that were counted, by the digest of their payload.
    var counted: Set<Digest> = []
    package internal(set) var snapshots = AppliedSnapshots()
    package internal(set) var clock = ChainClock()
    /// The latest of the times that later entries can lower; nil if there never was one.
    var newestTime: Timestamp?

    package struct Demotion: Hashable, Sendable {
        package let to: TrustStageAssignment
        package internal(set) var at: EntryTime
    }

    /// Starts a chain with its first entry.
    ///
    /// - Parameter genesis: the digest that the operator gave; nil only where the entry has just been made here.
    package init(
        first entry: ChainEntry, genesis: Digest?, verifier: any EntryVerifier
    ) throws(EntryRejection) {
        guard case .genesis(let content) = entry.statement.content,
            genesis.map({ $0 == entry.digest }) ?? true
        else { throw .fault(.otherGenesis) }
        guard content.node.name == entry.node else {
            throw .fault(.notMember(entry.number, entry.node))
        }
        guard entry.envelope.soleSigner(by: content.node.log, verifier) else {
            throw .fault(.badSignature(entry.number))
        }
        org = entry.statement.org
        self.genesis = entry.digest
        hasStandby = content.hasStandby
        head = entry.head
        people = content.people
        members = [entry.node: Member(keys: content.node)]
        revision = content.revision
        clock.note(entry.at, by: entry.node, isAlone: true)
        if let order = content.order {
            try expectVerifiable([order], of: entry, verifier)
            do throws(OrderRefusal) {
                try content.verifyOrder(at: entry.at, verifier)
            } catch { throw .fault(.badStatement(entry.number, "\(error)")) }
        }
    }

    /// True if all entries were applied that the state rests on. While entries that were dropped wait for the snapshot
    /// that proves them, nothing is permitted.
    package var isProved: Bool { snapshots.unproved == nil }

    /// Returns true if this incarnation of the node may serve.
    package func mayServe(_ node: NodeName, _ incarnation: Incarnation) -> Bool {
        members[node]?.mayServe(incarnation) ?? false
    }

    /// The nodes that were admitted and not retired, by name.
    package var admitted: [NodeName] {
        members.values.filter { $0.status == .admitted }.map(\.name).sorted()
    }
}

extension Envelope {
    /// Returns true if the only signature is by this key and verifies.
    func soleSigner(by key: PublicKey, _ verifier: any EntryVerifier) -> Bool {
        soleSigner(verifiedBy: verifier.signatures) == key
    }
}
