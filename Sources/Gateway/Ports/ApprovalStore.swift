package import InterlockJSON
package import InterlockLedger
package import InterlockModel

/// Storage of approval requests, one row each. Several processes may share one store: a change names the version of the
/// row that it builds on, so of two that build on one version only the first is done, from any process.
package protocol ApprovalStore: Sendable {
    /// Returns every request that is in no final state, in its stored JSON form. A row in the state `using` is open
    /// too: the log says whether it was used. Also returns the requests made since `time` that were denied or expired,
    /// oldest first, limited to the newest `mostRefused`.
    func rows(refusedSince time: Timestamp) async throws(StoreFailure) -> ApprovalRows

    /// Returns the newest requests in a final state, newest first, in their stored JSON form, and the number of these
    /// that cannot be read.
    func endedRows(most: Int) async throws(StoreFailure) -> (bodies: [JSONValue], unreadable: Int)

    /// Returns one request in its stored form, with the version of its row, for a process that shares the store with others;
    /// nil if there is none.
    func row(of id: ApprovalID) async throws(StoreFailure) -> (version: Int, body: JSONValue)?

    /// Returns the version of the row now, or nil if there is none. For a writer that does not know whether its
    /// last change was made.
    func version(of id: ApprovalID) async throws(StoreFailure) -> Int?

    /// Makes one change in one transaction: compares the row with `row` and with the states that the change starts
    /// from, then sets state, revision, version and body. Durable on return of `done`.
    ///
    /// It may be repeated: a change that the row has already, to the byte, is `done` again.
    ///
    /// - Parameters:
    ///   - row: the row that the writer has read, or `ApprovalRow(new:)`.
    ///   - body: the whole request after the change, as `request`; the leaf hashes of its votes' records as `votes`, and
    ///     the index of its newest record as `at`. A use names its call and intent (`ApprovalUse`).
    /// - Throws: if it is not known whether the change was made. The row is then as before or as `done` leaves it,
    ///   never in between, and the writer must treat it as not made.
    func write(
        _ change: ApprovalChange, to row: ApprovalRow, body: JSONValue
    ) async throws(StoreFailure) -> ApprovalWrite

    /// Returns the entry of a use that this process has made, by the leaf of the intent of its call; nil in a store whose
    /// uses are no entries.
    func entry(ofUse intent: Digest) -> ApprovalUseEntry?

    /// Deletes the requests of erased runs, so that no file of the store has a byte of them. Durable on return. A store
    /// that cannot delete them throws if it has any.
    ///
    /// A row in the state `using` stays, because the log has to decide about it first.
    func removeRequests(of erasure: Erasure) async throws(StoreFailure)
}

extension ApprovalStore {
    package func entry(ofUse intent: Digest) -> ApprovalUseEntry? { nil }

    /// A store of one process alone.
    package func row(
        of id: ApprovalID
    ) async throws(StoreFailure) -> (version: Int, body: JSONValue)? { nil }
}

/// The changes of a stored request. No other pair of states can be written.
///
/// Each change but `use` is in the audit log before it is in the store, so a process that dies between the two leaves
/// a log that is ahead, which the next start follows. A `use` is stored first and recorded second: a process that dies
/// in between leaves a grant that cannot be used again, and nothing was sent.
package enum ApprovalChange: Hashable, Sendable {
    /// A new request, in revision 1. An id that exists is `superseded`. After an error the row may exist: the next
    /// start finds it pending, and no caller knows of it.
    case ask
    /// A vote, or a client's consent: `pending` stays, or becomes `approved` with the last one. The version proves that
    /// the writer has verified all earlier votes. Of two votes at once one is `superseded`, and its writer must read
    /// the row before it tries again. After an error the vote does not count.
    ///
    /// The nonce is not consumed here but a step before, in `NonceStore`: the record of a vote is in the log before its
    /// row is written, so a nonce that were checked with the row would leave a second record of a vote sent twice.
    case vote(isLast: Bool)
    /// Another review of a pending request: the next revision, without the votes of the last. After an error it is
    /// not known which review the next start finds, so the request must end.
    case reissue
    /// Fewer or more people may vote; state and revision stay. It follows from policy and time, so that it holds even
    /// after an error: the next start makes it again.
    case revise
    /// An end that sends nothing. It holds even after an error: the log has it, and the next start follows the log.
    case end(ApprovalEnd)
    /// `approved` becomes `using`: the one way to use a grant. Of all that try, one in one process gets `done`, and
    /// only that one may send the call. After an error the grant may be gone, and nothing may be sent. A store in which a
    /// use is an entry of the chain leaves `used` at once.
    case use
    /// `approved` stays, because the same call may be made again with this approval. Of all that build on one version one
    /// gets `done`, and only that one may send the call. If the process dies before the record of the use, nothing was
    /// sent, and this use stays counted.
    case useAgain
    /// The log has decided about a use: `using` becomes `used`, or `void` if the log has no record of the use. Also at
    /// a start, from an open state, if the row is older than the log. It permits nothing. Where a use is final, it changes
    /// nothing: it is `done` if the row is used and the log has the record, else `superseded`.
    case settle(isRecorded: Bool)
}

/// The end of a request that was not used.
package enum ApprovalEnd: String, Hashable, Sendable, CaseIterable {
    case denied, expired, withdrawn, void
}

/// The result of a change that was tried.
package enum ApprovalWrite: Hashable, Sendable {
    /// The change is durable, and the row has the next version.
    case done
    /// Another writer was first, or the row is in a state from which the change is not possible. Nothing was changed.
    case superseded
}

/// The row that a change builds on.
package struct ApprovalRow: Hashable, Sendable {
    package let id: ApprovalID
    /// The revision of the review.
    package let revision: Int
    /// The number of changes that were made to the row.
    package let version: Int

    package init(id: ApprovalID, revision: Int, version: Int) {
        self.id = id
        self.revision = revision
        self.version = version
    }

    /// The row of a request that is not stored yet.
    package init(new id: ApprovalID) { self.init(id: id, revision: 0, version: 0) }
}

/// The state of a row. It is that of the request, and `using` between the use of a grant and the record of that use.
package enum ApprovalRowState: String, Sendable, CaseIterable {
    case pending, approved, using, denied, expired, withdrawn, void, used

    package var isFinal: Bool {
        switch self {
        case .pending, .approved, .using: false
        case .denied, .expired, .withdrawn, .void, .used: true
        }
    }
}

extension ApprovalChange {
    /// The states from which the change is possible; empty for a new request.
    package var origins: [ApprovalRowState] {
        switch self {
        case .ask: []
        case .vote, .reissue, .end(.denied), .end(.withdrawn): [.pending]
        case .revise, .end(.expired), .end(.void): [.pending, .approved]
        case .use, .useAgain: [.approved]
        case .settle: [.using, .pending, .approved]
        }
    }

    /// The state after the change, or nil if it stays.
    package var result: ApprovalRowState? {
        switch self {
        case .ask, .vote(isLast: false), .reissue: .pending
        case .vote(isLast: true): .approved
        case .revise, .useAgain: nil
        case .end(.denied): .denied
        case .end(.expired): .expired
        case .end(.withdrawn): .withdrawn
        case .end(.void): .void
        case .use: .using
        case .settle(let isRecorded): isRecorded ? .used : .void
        }
    }

    /// The number by which the change raises the revision of the review.
    package var revisions: Int {
        switch self {
        case .ask, .reissue: 1
        case .vote, .revise, .end, .use, .useAgain, .settle: 0
        }
    }
}

/// Nonces that are consumed once and for ever, by whichever process is first. A nonce that ended long ago counts as
/// consumed, so that a store need not keep it.
package protocol NonceStore: Sendable {
    /// Consumes a nonce. Durable on return. Returns false if it was consumed before.
    ///
    /// - Parameter expires: the time from which its issuer refuses the nonce anyway.
    /// - Throws: if it is not known whether it was consumed; the caller must refuse what the nonce came with.
    func consume(nonce: String, expires: Timestamp) async throws(StoreFailure) -> Bool
}

package struct ApprovalRows: Sendable {
    /// The open requests, with the versions of their rows.
    package let open: [(version: Int, body: JSONValue)]
    package let refused: [JSONValue]
    /// The ids of rows that do not read as they were written; these requests can never be granted.
    package let unreadable: [String]

    package static let mostRefused = 10_000

    package init(
        open: [(version: Int, body: JSONValue)], refused: [JSONValue], unreadable: [String] = []
    ) {
        self.open = open
        self.refused = refused
        self.unreadable = unreadable
    }
}

package struct StoreFailure: Error, Sendable {
    package let reason: String
    /// True if the cause can end without a person: another program holds the store, or its disk does not answer.
    package let mayPass: Bool
    package init(reason: String, mayPass: Bool = false) {
        self.reason = reason
        self.mayPass = mayPass
    }
}

/// Storage of probes until they are decided. Each method returns when the change is durable. Probes are stored apart
/// from requests, so that no start can mistake one for a request.
package protocol ProbeStore: Sendable {
    /// Returns the probes in their stored form, unordered; a row that does not read as it was written is omitted.
    func probes() async throws(StoreFailure) -> [JSONValue]
    /// Stores a probe; replaces the one with the same id.
    func keep(probe id: ApprovalID, body: JSONValue) async throws(StoreFailure)
    func drop(probe id: ApprovalID) async throws(StoreFailure)
}
