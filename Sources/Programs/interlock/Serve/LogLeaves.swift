import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockStore

/// Reads records of a few types from a node's own log, on a separate thread. Only those are parsed.
struct LogLeaves {
    private let reader: LedgerReader
    private let thread: String

    /// - Parameter thread: the thread's name.
    init(_ reader: LedgerReader, thread: String) {
        self.reader = reader
        self.thread = thread
    }

    /// Returns the records in the log's order, without those that were pruned.
    ///
    /// - Parameter opener: restricts the result to the approval requests that have a record of this type, from that
    ///   record on; nil returns all records.
    func leaves(
        of types: [RecordType], after opener: RecordType? = nil
    ) async throws(StoreFailure) -> [JSONValue] {
        let reader = reader
        let jobs = JobThread(thread, limit: 1)
        defer { jobs.close() }
        return try await jobs.answer(busy: "the log is read already") { () throws(StoreFailure) in
            var leaves: [JSONValue] = []
            var opened: Set<String> = []
            do throws(LedgerFailure) {
                try reader.scan { entry in
                    guard let type = types.first(where: entry.mayBe), let record = entry.record,
                        record.type == type.rawValue
                    else { return true }
                    if let opener {
                        let request = record.text("appr") ?? ""
                        if type == opener { opened.insert(request) }
                        guard opened.contains(request) else { return true }
                    }
                    leaves.append(.object(record.object))
                    return true
                }
            } catch { throw StoreFailure(reason: error.reason) }
            return leaves
        }
    }
}
