import InterlockGateway
import InterlockJSON
import InterlockKeys
import InterlockLedger
import InterlockModel
import InterlockStore

/// What agents did lately, by the index of a node's own log: it says where to look, and what is told was read there.
struct IndexedTrail: AgentTrail {
    /// `state/index.db`
    private let path: String
    private let reader: LedgerReader
    private let jobs: JobThread

    /// People who may wait for an answer.
    private static let mostWaiting = 64
    /// Of one agent, that are looked at in the index.
    private static let mostRows = 5_000
    private static let types: [RecordType] = [
        .callIntent, .callOutcome, .callUnknown, .callDenied,
    ]

    init(path: String, reader: LedgerReader) {
        self.path = path
        self.reader = reader
        jobs = JobThread("agent-trail", limit: Self.mostWaiting)
    }

    func close() { jobs.close() }

    func lately(
        _ agent: AgentName, refusals: Bool, most: Int
    ) async throws(StoreFailure) -> [TrailEntry] {
        let types = (refusals ? [.callDenied] : Self.types).map(\.rawValue)
        return try await jobs.answer(busy: "too many people ask") { () throws(StoreFailure) in
            try entries(of: agent, types, most)
        }
    }

    private func entries(
        of agent: AgentName, _ types: [String], _ most: Int
    ) throws(StoreFailure) -> [TrailEntry] {
        let hits: [IndexHit]
        do throws(IndexFailure) {
            // Opened each time: its keeper may have built another one meanwhile.
            let index = try LogIndex(reading: path, hashing: OpenSSLHashing())
            hits = try index.newest(
                of: agent.text, types: types, among: Self.mostRows, most: most)
        } catch {
            throw StoreFailure(reason: error.reason)
        }
        var entries: [TrailEntry] = []
        do throws(LedgerFailure) {
            for hit in hits {
                guard let entry = try reader.entry(at: hit.index), entry.leaf.hash == hit.hash,
                    let record = entry.record, record.text("agent") == agent.text,
                    types.contains(record.type)
                else { continue }
                entries.append(TrailEntry(hit.index, record))
            }
        } catch  where error.code == .missing {
            // What lies before was pruned, and an index may be older.
            return entries
        } catch {
            throw StoreFailure(reason: error.reason)
        }
        return entries
    }
}

extension TrailEntry {
    fileprivate init(_ index: UInt64, _ record: StoredRecord) {
        let outcome =
            record.type == RecordType.callDenied.rawValue
            ? record.text("code") : record.text("dec") ?? record.text("st") ?? record.text("why")
        self.init(
            index: index, at: record.time ?? Timestamp(microseconds: 0), type: record.type,
            tool: record.text("tool"), outcome: outcome, rule: record.text("rule"),
            place: record.text("at"), run: record.text("run"), call: record.text("call"),
            count: record["cnt"]?.integer ?? 1)
    }
}
