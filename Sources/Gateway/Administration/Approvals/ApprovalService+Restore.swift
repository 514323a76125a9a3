import InterlockApprovals
import InterlockJSON
package import InterlockLedger
package import InterlockModel
package import InterlockPorts
import Synchronization

/// What the log says of requests for approval: it is written first, so after a crash it may know more
/// than the store.
package protocol ApprovalLogReader: Sendable {
    /// The records about these requests from index `start` on, in the log's order. Where the log was
    /// pruned beyond `start`, those that are left.
    ///
    /// - Throws: when the log cannot be read; then nothing is known of any of them.
    func records(
        of requests: Set<ApprovalID>, from start: UInt64
    ) async throws(StoreFailure) -> [ApprovalTrace]
}

package struct ApprovalTrace: Sendable, Hashable {
    /// Of the record.
    package let index: UInt64
    package let request: ApprovalID
    package let type: RecordType

    package init(index: UInt64, request: ApprovalID, type: RecordType) {
        self.index = index
        self.request = request
        self.type = type
    }
}

extension ApprovalService {
    private struct Row {
        var request: ApprovalRequest
        let votes: [Digest]
        /// The record that it was written after.
        let mark: UInt64
    }

    /// Takes back what was open when the last process ended, and follows the log where that knows more.
    /// A stored request that does not read as it was written is left out: it can never be granted, and
    /// the alarm names it. Without a trust file nobody could vote, so nothing is taken back.
    package func restore() async throws(StoreFailure) {
        let stored = try await ports.store.rows(
            refusedSince: ports.clock.wall - ApprovalRequest.lives.upperBound)
        try await restoreProbes()
        for id in stored.unreadable { ports.alarm("approval.unreadable", id) }
        let refused = stored.refused.compactMap {
            RefusedQuestion(json: $0["request"] ?? .null, hashing: ports.hashing)
        }
        state.withLock { state in
            for question in refused { state.table.remember(question) }
        }
        let rows = openRows(stored.open)
        guard !rows.isEmpty else { return }
        var traces: [ApprovalID: [ApprovalTrace]] = [:]
        if let trail = ports.trail {
            let found = try await trail.records(
                of: Set(rows.map(\.request.id)), from: rows.map(\.mark).min() ?? 0)
            for trace in found { traces[trace.request, default: []].append(trace) }
        }
        for row in rows {
            // The record that a row was written after is what the row holds, not what it lacks.
            let unseen = (traces[row.request.id] ?? []).filter { $0.index > row.mark }
            await take(row, unseen.map(\.type))
        }
        await followPeople()
    }

    private func openRows(_ bodies: [JSONValue]) -> [Row] {
        guard let judge = ports.judge else { return [] }
        var rows: [Row] = []
        for stored in bodies {
            let body = stored["request"] ?? .null
            do throws(ApprovalRefusal) {
                let request = try ApprovalRequest(
                    json: body, judge: judge, hashing: ports.hashing)
                let votes = (stored["votes"]?.array ?? []).compactMap {
                    $0.string.flatMap(Digest.init(base64:))
                }
                let mark = stored["at"]?.integer.flatMap(UInt64.init(exactly:)) ?? 0
                rows.append(Row(request: request, votes: votes, mark: mark))
            } catch {
                ports.alarm("approval.unreadable", body["review"]?["request"]?.string ?? "")
            }
        }
        return rows
    }

    /// - Parameter trace: the records that the row knows nothing of.
    private func take(_ row: Row, _ trace: [RecordType]) async {
        let request = row.request
        state.withLock { state in
            state.votes[request.id] = row.votes
            state.marks[request.id] = row.mark
        }
        if request.state == .used {
            // Whether it was used is not known, and never will be granted again.
            guard ports.trail != nil else { return }
            await settle(request, isRecorded: trace.contains(.approvalUsed))
            return
        }
        let final = trace.compactMap(ApprovalState.init(endedBy:)).last
        guard let final else {
            show(request)
            // The log has a form that the store has lost: nobody can say what people would be shown.
            if trace.contains(.approvalReissued) { _ = await change(request.id, .void(.restart)) }
            return
        }
        var ended = request
        ended.follow(final)
        // If this cannot be kept, the next start finds the same.
        _ = try? await ports.store.replace(
            id: request.id, revision: request.revision, state: request.state.rawValue,
            with: final.rawValue, newRevision: request.revision,
            body: stored(ended, votes: row.votes))
        show(ended)
    }

    /// The store has given the grant away. If the log does not say so nothing was sent, and never will
    /// be: the request is void.
    private func settle(_ request: ApprovalRequest, isRecorded: Bool) async {
        var settled = request
        if !isRecorded {
            settled.lose()
            let record = draft(
                .approvalVoid, settled, ["code": .string("approval.restart")], [])
            do throws(LedgerRefusal) { _ = try await ports.ledger.append(record) } catch {
                ports.alarm("approval.unsettled", request.id.text)
                return
            }
        }
        _ = try? await ports.store.replace(
            id: request.id, revision: request.revision, state: Self.using,
            with: settled.state.rawValue, newRevision: request.revision,
            body: stored(settled, votes: []))
        show(settled)
    }

    /// The state of a row between the store's change and the record of the use.
    static let using = "using"
}

extension ApprovalState {
    /// The end that a record of this type tells of.
    fileprivate init?(endedBy type: RecordType) {
        switch type {
        case .approvalDenied: self = .denied
        case .approvalExpired: self = .expired
        case .approvalWithdrawn: self = .withdrawn
        case .approvalVoid: self = .void
        case .approvalUsed: self = .used
        default: return nil
        }
    }
}
