import InterlockJSON
import InterlockLedger
import InterlockPorts
import InterlockStore

/// Reads the results of `doctor` on a separate thread. Older ones of the same agent and host are left out, so that as many
/// are kept as there are agents and hosts.
struct LedgerDoctorResultReader: DoctorResultReader {
    let reader: LedgerReader

    func results() async throws(StoreFailure) -> [JSONValue] {
        let reader = reader
        return try await JobThread.reading("doctor-results") { () throws(LedgerFailure) in
            var newest: [[String?]: JSONValue] = [:]
            try reader.scan(of: [.hostChecked]) { _, record in
                newest[[record.text("agent"), record.text("host")]] = .object(record.object)
                return true
            }
            return Array(newest.values)
        }
    }
}
