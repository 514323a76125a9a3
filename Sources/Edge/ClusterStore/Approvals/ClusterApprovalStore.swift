package import InterlockCluster
package import InterlockJSON
package import InterlockModel
package import InterlockPorts
import Synchronization

/// Approval requests and nonces of one node of a cluster, as signed and sealed rows of the store that all nodes share.
///
/// A request counts as this node has verified it: the row, its votes, and the uses and ends in the chain. A row that
/// does not verify is void: nothing is done with it, the alert `cluster.row_void` names it, and the port returns it as
/// unreadable. The signatures of people in it are for the caller.
///
/// A use is final here: there is no state `using`, and `settle` has nothing to change.
///
/// INVARIANT: a change builds on a row that this node has verified or written, in the version that the change names.
/// Kept by `ApprovalStoreTests`, `ClusterApprovalStoreTests`.
package final class ClusterApprovalStore: ApprovalStore, NonceStore {
    struct State {
        var versions = RowVersions()
        var known: [ApprovalID: KnownRequest] = [:]
        var attempts: [ApprovalID: ChangeAttempt] = [:]
        var nonces: [ExactText: ConsumedNonce] = [:]
        /// The uses that were made, by the leaf of the intent, until their calls have asked for them.
        var uses: [Digest: ApprovalUseEntry] = [:]

        /// The largest number of requests and nonces that are remembered. One that is forgotten is read again, and
        /// a change of it that is repeated is another one.
        private static let most = 16_384

        mutating func forgetOld(at now: Timestamp) {
            if known.count > Self.most { known = [:] }
            if attempts.count > Self.most { attempts = [:] }
            if uses.count > Self.most { uses = [:] }
            if nonces.count > Self.most { nonces = nonces.filter { $0.value.spent.ends > now } }
            if nonces.count > Self.most { nonces = [:] }
        }
    }

    let store: ClusterStore
    let chain: any NodeChain
    let author: RowAuthor
    let hashing: any Hashing
    /// The log of this node.
    let origin: ExactText
    let state = Mutex(State())
    private let verifier: RowVerifier
    private let alarm: @Sendable (_ code: String, _ subject: String) -> Void

    /// - Parameters:
    ///   - origin: the name of the log of this node, which has the records of its votes.
    ///   - alarm: raises an alert. Must not block.
    package init(
        store: ClusterStore, chain: any NodeChain, author: RowAuthor, verifier: RowVerifier,
        hashing: any Hashing, origin: ExactText,
        alarm: @escaping @Sendable (_ code: String, _ subject: String) -> Void
    ) {
        self.store = store
        self.chain = chain
        self.author = author
        self.verifier = verifier
        self.hashing = hashing
        self.origin = origin
        self.alarm = alarm
    }

    // MARK: Reading

    package func rows(refusedSince time: Timestamp) async throws(StoreFailure) -> ApprovalRows {
        let open = try await requests(in: [.pending, .approved], most: .max)
        let refused = try await requests(
            in: [.denied, .expired], since: time, most: ApprovalRows.mostRefused)
        return ApprovalRows(
            open: open.bodies.reversed(), refused: refused.bodies.reversed().map(\.body),
            unreadable: open.unreadable + refused.unreadable)
    }

    package func endedRows(
        most: Int
    ) async throws(StoreFailure) -> (bodies: [JSONValue], unreadable: Int) {
        let final = RequestStatus.allCases.filter { $0.isEnd || $0 == .used }
        let found = try await requests(in: final, most: most)
        return (found.bodies.map(\.body), found.unreadable.count)
    }

    package func version(of id: ApprovalID) async throws(StoreFailure) -> Int? {
        switch try await request(id) {
        case nil: nil
        case .success(let request)?: Int(request.verified.columns.version)
        case .failure(let row)?: throw StoreFailure(reason: row.reason)
        }
    }

    /// Returns one request as `rows` does, with the version of its row; nil if the store has none of this id. For a node
    /// whose heartbeat names a request that another node has changed.
    package func row(
        of id: ApprovalID
    ) async throws(StoreFailure) -> (version: Int, body: JSONValue)? {
        switch try await request(id) {
        case nil: return nil
        case .success(let request)?:
            guard let row = row(of: request) else {
                throw StoreFailure(reason: "the request `\(id)` cannot be read")
            }
            return row
        case .failure(let row)?: throw StoreFailure(reason: row.reason)
        }
    }

    package func entry(ofUse intent: Digest) -> ApprovalUseEntry? {
        state.withLock { $0.uses.removeValue(forKey: intent) }
    }

    // MARK: Nonces

    package func consume(nonce: String, expires: Timestamp) async throws(StoreFailure) -> Bool {
        let spent = SpentNonce(ExactText(nonce), ends: expires)
        let attempt = ExactText(Base64.encodeURL(author.entropy.bytes(16)))
        do throws(ClusterCallFailure) {
            try await store.consume(spent, attempt: attempt, in: try incarnation())
        } catch {
            guard error.refusal == .closed else { throw StoreFailure(error) }
            return false
        }
        let now = author.now
        state.withLock { state in
            state.nonces[spent.nonce] = ConsumedNonce(spent: spent, attempt: attempt)
            state.forgetOld(at: now)
        }
        return true
    }

    /// The incarnation in which this node may call the store.
    func incarnation() throws(ClusterCallFailure) -> Incarnation {
        guard let incarnation = chain.incarnation else {
            throw .unknown("this node has no incarnation: it starts, or was expelled")
        }
        return incarnation
    }

    func raise(_ row: UnusableRow) { alarm(VoidRow.code, row.reason) }

    func verify(
        _ stored: StoredRequest, in chain: ChainFollower
    ) throws(RowRejection) -> CountedRequest {
        let request = try stored.verified(by: verifier, in: chain)
        do throws(VoidRow) {
            try state.withLock { state throws(VoidRow) in try state.versions.note(request) }
        } catch { throw .void(error) }
        state.withLock { $0.known[request.row.request] = KnownRequest(request) }
        return request
    }
}
