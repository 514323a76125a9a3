package import InterlockCluster
import InterlockClusterOrders
package import InterlockClusterStore
package import InterlockCommandLine
import InterlockCredentials
import InterlockLogReading
package import InterlockModel

/// The control chain of the store, read whole and verified from the first entry on.
package struct VerifiedChain {
    let state: ChainState
    /// The content of the first entry.
    let genesis: Genesis
    package let rows: [StoredEntry]

    /// The rules of entries. A command has no policies, so it cannot judge elevations.
    static var verifier: PeopleEntryVerifier { .ofThePast { _ in nil } }

    /// The people of the chain, as they sign orders about members now.
    var signers: MemberSigners { MemberSigners(people: state.orders(Self.verifier)) }

    /// - Parameter digest: that of the first entry, as a person gave it.
    /// - Throws: exit 66 if the store has no entry, 65 if the chain is another one or does not verify.
    package static func read(
        _ store: ClusterStore, genesis digest: Digest, at database: ClusterDatabase
    ) async throws(Failure) -> VerifiedChain {
        var rows: [StoredEntry] = []
        do throws(ClusterCallFailure) {
            while true {
                let more = try await store.entries(after: rows.last?.number ?? -1)
                guard !more.isEmpty else { break }
                rows += more
            }
        } catch { throw database.failure(error) }
        guard let row = rows.first else {
            throw Failure(
                .notFound, database.message("the chain has no first entry"),
                help: "interlock cluster init founds a cluster")
        }
        do throws(EntryRejection) {
            let first = try ChainEntry(row, after: nil, hashing: OpenSSLHashing())
            guard case .genesis(let genesis) = first.statement.content else {
                throw .fault(.otherGenesis)
            }
            var follower = ChainFollower(
                try ChainState(first: first, genesis: digest, verifier: verifier))
            _ = follower.receive(Array(rows.dropFirst()), verifier: verifier)
            switch follower.status {
            case .following: break
            case .stuck(let number, let kind): throw .unknownKind(number, kind)
            case .broken(let fault): throw .fault(fault)
            }
            return VerifiedChain(state: follower.state, genesis: genesis, rows: rows)
        } catch { throw failure(error, database) }
    }

    /// Returns the state after an entry that is not appended yet.
    ///
    /// - Throws: exit 1 if the entry would change nothing.
    func admitting(_ draft: EntryDraft, at database: ClusterDatabase) throws(Failure) -> ChainState
    {
        var next = state
        let effect: EntryEffect
        do throws(EntryRejection) {
            let row = draft.stored(after: state.head, hashing: OpenSSLHashing())
            effect = try next.apply(
                try ChainEntry(row, after: state.head, hashing: OpenSSLHashing()),
                verifier: Self.verifier)
        } catch { throw Self.failure(error, database) }
        switch effect {
        case .changed: return next
        case .unchanged:
            throw Failure(.no, "nothing is to be done: these signatures were counted before")
        case .void(let reason): throw Failure(.no, "no node would take this: \(reason)")
        }
    }

    private static func failure(_ error: EntryRejection, _ database: ClusterDatabase) -> Failure {
        switch error {
        case .fault(.otherGenesis):
            Failure(
                .data, database.message("\(EntryFault.otherGenesis)"),
                help: "compare the digest with what `interlock cluster init` printed")
        case .fault(let fault):
            Failure(
                .data, database.message("\(fault)"),
                help: "the database was changed by hand, or is not honest: nothing was done")
        case .unknownKind(let number, let kind):
            Failure(
                .no, database.message("entry \(number) of kind `\(kind)` cannot be judged here"),
                help: "run a newer version, or the command of a running node")
        }
    }
}
