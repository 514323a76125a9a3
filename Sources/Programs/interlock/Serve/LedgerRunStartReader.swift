import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockStore

/// Reads the first records of runs on a separate thread. Every record of the type is read, since a run may have begun
/// at any time before.
struct LedgerRunStartReader: RunStartReader {
    let reader: LedgerReader

    func starts(of runs: Set<RunID>) async throws(StoreFailure) -> [RunID: JSONValue] {
        let reader = reader
        return try await JobThread.reading("run-starts") { () throws(LedgerFailure) in
            var found: [RunID: JSONValue] = [:]
            try reader.scan(of: [.runStart]) { _, record in
                if let run = record.text("run").flatMap({ RunID($0) }), runs.contains(run) {
                    found[run] = .object(record.object)
                }
                return true
            }
            return found
        }
    }
}
