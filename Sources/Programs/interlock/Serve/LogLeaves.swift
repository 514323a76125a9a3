import InterlockAdministration
import InterlockCommandLine
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockStore

/// Reads records of a few types from a node's own log, on a separate thread. Only those are parsed.
struct LogLeaves {
    let reader: LedgerReader
    /// The thread's name.
    let thread: String

    /// Returns the records in the log's order, without those that were pruned.
    ///
    /// - Parameter opener: restricts the result to the approval requests that have a record of this type, from that
    ///   record on; nil returns all records.
    func leaves(
        of types: [RecordType], after opener: RecordType? = nil
    ) async throws(StoreFailure) -> [JSONValue] {
        try await numbered(of: types, after: opener).map(\.leaf)
    }

    /// Does the same, and returns each record with its index.
    func numbered(
        of types: [RecordType], after opener: RecordType? = nil
    ) async throws(StoreFailure) -> [(index: UInt64, leaf: JSONValue)] {
        let reader = reader
        return try await JobThread.reading(thread) { () throws(LedgerFailure) in
            var leaves: [(index: UInt64, leaf: JSONValue)] = []
            var opened: Set<String> = []
            try reader.scan(of: types) { index, record in
                if let opener {
                    let request = record.text("appr") ?? ""
                    if record.type == opener.rawValue { opened.insert(request) }
                    guard opened.contains(request) else { return true }
                }
                leaves.append((index, .object(record.object)))
                return true
            }
            return leaves
        }
    }
}

extension JobThread {
    /// Reads a log on a thread that ends with the work.
    static func reading<Value: Sendable>(
        _ name: String, _ work: @escaping @Sendable () throws(LedgerFailure) -> Value
    ) async throws(StoreFailure) -> Value {
        let jobs = JobThread(name, limit: 1)
        defer { jobs.close() }
        return try await jobs.read(busy: "the log is read already", work)
    }

    /// - Parameter busy: the reason of the failure if too much waits for this thread.
    func read<Value: Sendable>(
        busy: String, _ work: @escaping @Sendable () throws(LedgerFailure) -> Value
    ) async throws(StoreFailure) -> Value {
        try await answer(busy: busy) { () throws(StoreFailure) in
            do throws(LedgerFailure) { return try work() } catch {
                throw StoreFailure(reason: error.reason)
            }
        }
    }
}
