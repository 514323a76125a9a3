package import InterlockCluster
package import InterlockModel

/// The rows of the schema `il` that a simulation needs (docs/specs/cluster.md, section 3). It is a value, so that a
/// failover can return to an earlier one.
package struct StoreRows: Sendable {
    package struct Member: Sendable {
        package var incarnation: Int64 = 0
        package var beat: Int64 = 0
        package var applied: ChainHead?
        package var generation: StoreGeneration
        package var isGone = true
    }

    package enum RequestState: Sendable { case pending, approved, used, ended }

    package struct Request: Sendable {
        package let agent: Int
        package let run: Int
        package let kind: CallKind
        package var version: Int64 = 0
        package var state = RequestState.pending
        /// The uses of the grant, of which there may be one.
        package var used: Int64 = 0
        /// True if a person signed the vote in the row; nodes verify it before they act on it.
        package var isVoted = false

        package init(agent: Int, run: Int, kind: CallKind) {
            self.agent = agent
            self.run = run
            self.kind = kind
        }
    }

    /// The chain, from entry 0.
    package var entries: [StoredEntry] = []
    package var members: [Member]
    package var requests: [Int: Request] = [:]
    package var nonces: Set<Int> = []
    package var tasks: [TaskRow] = []
    package var runs = RunTable()
    package var escrow: EscrowStore
    /// The generation in which entries are appended, units taken and leases renewed; nil while one was closed again.
    package var openGeneration: StoreGeneration?

    package init(nodes: Int, generation: StoreGeneration, margins: EscrowMargins) {
        members = [Member](repeating: Member(generation: generation), count: nodes)
        escrow = EscrowStore(generation, margins: margins)
        openGeneration = generation
    }

    /// Returns the digest of an entry; nil if there is none of that number.
    package func digest(of number: Int64) -> Digest? {
        entries.last(where: { $0.number == number })?.digest
    }

    package var head: ChainHead? {
        guard let last = entries.last, let digest = last.digest else { return nil }
        return ChainHead(number: last.number, digest: digest)
    }
}
