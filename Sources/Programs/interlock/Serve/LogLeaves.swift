import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockStore

/// Reads records of a few types out of a node's own log, on a thread of its own. Only those are looked into.
struct LogLeaves {
    private let reader: LedgerReader
    private let thread: String

    /// - Parameter thread: its name.
    init(_ reader: LedgerReader, thread: String) {
        self.reader = reader
        self.thread = thread
    }

    /// In the log's order; what was pruned is not among them.
    ///
    /// - Parameter opener: of these alone and of what follows them about the same request for approval; nil: of all.
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
            } catch {
                throw StoreFailure(reason: error.reason)
            }
            return leaves
        }
    }
}
