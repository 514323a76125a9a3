import InterlockGovernor
import InterlockJSON
package import InterlockLedger
package import InterlockModel
package import InterlockNotification
package import InterlockPorts

/// Destroys payload keys, and the approval requests of their runs with the notifications that show their arguments: on an
/// operator's order, at the end of their retention, and at each start for every recorded erasure whose keys still exist
/// (docs/specs/ledger.md, sections 6 and 13).
///
/// The record is written first. If the process dies between the record and the destruction, the next start destroys the
/// keys.
///
/// INVARIANT: what is erased is recorded first, and opens nowhere on the node. Kept by `ErasureServiceTests`,
/// `BucketTests`, `test_erasure.py`.
package final class ErasureService: Sendable {
    private let ledger: any Ledger
    private let keys: any PayloadKeys
    private let sources: any ErasureSources
    private let approvals: ApprovalService
    private let notifications: NotificationService?
    private let clock: any Clock
    private let alarm: @Sendable (_ code: String, _ subject: String) -> Void
    private let gate = AsyncGate()

    package init(
        ledger: any Ledger, keys: any PayloadKeys, sources: any ErasureSources,
        approvals: ApprovalService, notifications: NotificationService?, clock: any Clock,
        alarm: @escaping @Sendable (_ code: String, _ subject: String) -> Void
    ) {
        self.ledger = ledger
        self.keys = keys
        self.sources = sources
        self.approvals = approvals
        self.notifications = notifications
        self.clock = clock
        self.alarm = alarm
    }

    /// Erases the target. On return, no file of this node can decrypt it.
    package func erase(
        _ order: ErasureOrder, by person: Pseudonym
    ) async throws(ErasureRefusal) -> ErasureReport {
        await gate.enter()
        defer { gate.leave() }
        let erasure = try await find(order.target)
        guard !erasure.isEmpty else { throw .nothingFound }
        var fields: JSONObject = ["by": .string(person.text)]
        fields["ticket"] = order.ticket.map(JSONValue.string)
        let receipts = try await record(erasure, why: order.reason, fields)
        let wasThere = try await destroy(erasure)
        return ErasureReport(erasure: erasure, receipts: receipts, wasThere: wasThere)
    }

    /// Completes the recorded erasures whose keys still exist. Called at each start.
    package func finish() async throws(ErasureRefusal) {
        await gate.enter()
        defer { gate.leave() }
        let recorded: Erasure
        do throws(StoreFailure) { recorded = try await sources.erasures() } catch {
            throw .unreadable(error.reason)
        }
        if try await destroy(recorded) { alarm("payload.erasure_finished", "start") }
    }

    /// Destroys the buckets and deletes the packs of days whose retention has ended. Called periodically; a failed step
    /// is tried again at the next call.
    ///
    /// - Parameter days: the retention of payloads.
    package func expire(after days: Int64) async throws(ErasureRefusal) {
        await gate.enter()
        defer { gate.leave() }
        let last = PayloadRetention.lastExpired(at: clock.wall, days: days)
        let expired = Erasure(days: Set(try await kept().filter { $0 <= last }))
        if !expired.isEmpty {
            _ = try await record(expired, why: "retention", [:])
            _ = try await destroy(expired)
        }
        do throws(StoreFailure) { try await sources.removePacks(through: last) } catch {
            throw .notDone(error.reason)
        }
    }

    // MARK: Steps

    private func find(_ target: ErasureOrder.Target) async throws(ErasureRefusal) -> Erasure {
        switch target {
        case .run(let run): return ledger.knows(run: run) ? Erasure(runs: [run]) : Erasure()
        case .subject(let subject):
            do throws(StoreFailure) {
                return Erasure(runs: try await sources.runs(of: subject))
            } catch { throw .unreadable(error.reason) }
        case .before(let date):
            guard date <= clock.wall.day else { throw .notPast }
            return Erasure(days: Set(try await kept().filter { $0 < date }))
        }
    }

    private func kept() async throws(ErasureRefusal) -> [CivilDate] {
        do throws(StoreFailure) { return try await keys.days() } catch {
            throw .unreadable(error.reason)
        }
    }

    /// Appends one record per hundred runs and one per bucket; durable on return.
    private func record(
        _ erasure: Erasure, why reason: String, _ common: JSONObject
    ) async throws(ErasureRefusal) -> [Receipt] {
        var fields = common
        fields["why"] = .string(reason)
        var drafts: [RecordDraft] = []
        let runs = erasure.runs.map(\.text).sorted()
        for start in stride(from: 0, to: runs.count, by: Erasure.runsPerRecord) {
            var draft = RecordDraft(.payloadErased, run: nil, fields: fields)
            draft.fields["runs"] = .array(
                runs[start..<min(start + Erasure.runsPerRecord, runs.count)].map(JSONValue.string))
            drafts.append(draft)
        }
        for day in erasure.days.sorted() {
            var draft = RecordDraft(.payloadErased, run: nil, fields: fields)
            draft.fields["bucket"] = .string(day.text)
            drafts.append(draft)
        }
        var receipts: [Receipt] = []
        for draft in drafts {
            do throws(LedgerRefusal) { receipts.append(try await ledger.append(draft)) } catch {
                // Erasures already recorded are completed at the next start or by repeating the order.
                throw .notRecorded(error.code)
            }
        }
        return receipts
    }

    private func destroy(_ erasure: Erasure) async throws(ErasureRefusal) -> Bool {
        guard !erasure.isEmpty else { return false }
        do throws(StoreFailure) {
            let wereThere = try await keys.erase(runs: erasure.runs, days: erasure.days)
            // The store's write-ahead log is emptied with the requests, so they come last.
            try await notifications?.erase(erasure)
            try await approvals.erase(erasure)
            return wereThere
        } catch {
            alarm("payload.not_erased", "keys")
            throw .notDone(error.reason)
        }
    }
}

/// The result of an erasure.
package struct ErasureReport: Sendable {
    package let erasure: Erasure
    /// The receipts of the `payload.erased` records.
    package let receipts: [Receipt]
    /// False if the keys had already been destroyed.
    package let wasThere: Bool

    /// The data that an erasure does not reach, as text for people.
    package static let remains = [
        "the records themselves: who, when, which tool, decision, digests and lengths",
        "the encrypted bytes in log and packs, which no key opens any more",
        "backups of `state/keys` and `state/interlock.db`: destroy those made before now",
        "what was shown, exported or disclosed before: `export.made` in the log tells",
    ]
}
