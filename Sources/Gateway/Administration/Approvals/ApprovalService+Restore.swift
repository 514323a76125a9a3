import InterlockApprovals
import InterlockJSON
package import InterlockLedger
package import InterlockModel
package import InterlockPorts
import Synchronization

/// Reads the records about approval requests from the log. The log is written first, so after a crash it may be ahead
/// of the store.
///
/// INVARIANT: whatever write of an approval is the last one, the next start sends nothing twice and nothing that was
/// denied; an end on record holds. Kept by `ApprovalCrashTests`, `ApprovalFaultTests`, `test_approval_crash.py`.
package protocol ApprovalLogReader: Sendable {
    /// Returns the records about these requests from index `start` on, in the order of the log. If the log was pruned
    /// beyond `start`, it returns those that are left.
    ///
    /// - Throws: if the log cannot be read.
    func records(
        of requests: Set<ApprovalID>, from start: UInt64
    ) async throws(StoreFailure) -> [ApprovalTrace]
}

package struct ApprovalTrace: Sendable, Hashable {
    /// The index of the record.
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
    struct Row {
        var request: ApprovalRequest
        let votes: [Digest]
        let version: Int
        /// The index of the newest record that the row includes.
        var mark: UInt64
    }

    /// Restores the requests that were open when the last process ended, with the changes that only the log has. A
    /// stored request that does not verify as it was written is left out: it can never be granted, and an alert names
    /// it. Without authorized keys nothing is restored, because no vote could count.
    package func restore() async throws(StoreFailure) {
        let stored = try await ports.store.rows(
            refusedSince: ports.clock.wall - ApprovalRequest.lives.upperBound)
        try await restoreProbes()
        for id in stored.unreadable { ports.alarm("approval.unreadable", id) }
        let refused = stored.refused.compactMap {
            RefusedQuestion(json: $0["request"] ?? .null, hashing: ports.hashing)
        }
        state.withLock { state in for question in refused { state.table.remember(question) } }
        let rows = openRows(stored.open)
        guard !rows.isEmpty else { return }
        var traces: [ApprovalID: [ApprovalTrace]] = [:]
        if let logReader = ports.logReader {
            let found = try await logReader.records(
                of: Set(rows.map(\.request.id)), from: rows.map(\.mark).min() ?? 0)
            for trace in found { traces[trace.request, default: []].append(trace) }
        }
        for var row in rows {
            // The row includes the record at its mark and lacks only those after it.
            let unseen = (traces[row.request.id] ?? []).filter { $0.index > row.mark }
            row.mark = unseen.last?.index ?? row.mark
            await take(row, unseen.map(\.type))
        }
        await followPeople()
    }

    func openRows(_ open: [(version: Int, body: JSONValue)]) -> [Row] {
        guard let judge = ports.judge else { return [] }
        var rows: [Row] = []
        for (version, stored) in open {
            let body = stored["request"] ?? .null
            do throws(ApprovalRefusal) {
                let request = try ApprovalRequest(json: body, judge: judge, hashing: ports.hashing)
                let votes = (stored["votes"]?.array ?? []).compactMap {
                    $0.string.flatMap(Digest.init(base64:))
                }
                let mark = stored["at"]?.integer.flatMap(UInt64.init(exactly:)) ?? 0
                rows.append(Row(request: request, votes: votes, version: version, mark: mark))
            } catch { ports.alarm("approval.unreadable", body["review"]?["request"]?.string ?? "") }
        }
        return rows
    }

    /// - Parameter trace: the types of the records that the row does not include.
    private func take(_ row: Row, _ trace: [RecordType]) async {
        let request = row.request
        state.withLock { state in
            state.votes[request.id] = row.votes
            state.marks[request.id] = row.mark
            state.versions[request.id] = row.version
        }
        if request.state == .used {
            // It is not known whether it was used, so it is never granted again.
            guard ports.logReader != nil else { return }
            await settle(request, isRecorded: trace.contains(.approvalUsed))
            return
        }
        // Uses of a grant for several calls are in the store before they are in the log.
        let final = trace.filter { $0 != .approvalUsed || request.review.uses == 1 }.compactMap(
            LoggedEnd.init
        ).last
        guard let final else {
            show(request)
            // The log has a revision that the store has lost, so what people would be shown is not known.
            if trace.contains(.approvalReissued) { _ = await change(request.id, .void(.restart)) }
            return
        }
        var ended = request
        ended.follow(final.state)
        // If this cannot be stored, the next start finds the same.
        _ = try? await store(
            final.change, of: request, body: stored(ended, votes: row.votes))
        show(ended)
    }

    /// Ends a request whose grant the store has marked as used. If the log has no record of the use, nothing was sent
    /// and nothing will be: the request becomes void.
    private func settle(_ request: ApprovalRequest, isRecorded: Bool) async {
        var settled = request
        if !isRecorded {
            settled.lose()
            let record = draft(.approvalVoid, settled, ["code": .string("approval.restart")], [])
            do throws(LedgerRefusal) { _ = try await ports.ledger.append(record) } catch {
                ports.alarm("approval.unsettled", request.id.text)
                return
            }
        }
        _ = try? await store(
            .settle(isRecorded: isRecorded), of: request, body: stored(settled, votes: []))
        show(settled)
    }
}

/// An end that only the log has.
private struct LoggedEnd {
    let state: ApprovalState
    /// The change that gives it to the row.
    let change: ApprovalChange

    /// Returns nil if a record of this type describes no end.
    init?(_ type: RecordType) {
        switch type {
        case .approvalDenied: (state, change) = (.denied, .end(.denied))
        case .approvalExpired: (state, change) = (.expired, .end(.expired))
        case .approvalWithdrawn: (state, change) = (.withdrawn, .end(.withdrawn))
        case .approvalVoid: (state, change) = (.void, .end(.void))
        case .approvalUsed: (state, change) = (.used, .settle(isRecorded: true))
        default: return nil
        }
    }
}

extension ApprovalService {
    /// Loads the requests that ended before this process started, so that people can find them. It grants nothing, and
    /// no call waits for it. A request that does not verify as it was written is left out, which raises an alert.
    package func recallEnded() async throws(StoreFailure) {
        guard let judge = ports.judge else { return }
        let most = state.withLock { $0.table.limits.shownEnded }
        let stored = try await ports.store.endedRows(most: most)
        let requests = stored.bodies.compactMap { body in
            try? ApprovalRequest(
                json: body["request"] ?? .null, judge: judge, hashing: ports.hashing)
        }
        let left = stored.unreadable + stored.bodies.count - requests.count
        if left > 0 { ports.alarm("approval.past", "\(left) that do not read as written") }
        state.withLock { $0.table.recall(requests) }
        topics.tell()
    }
}
