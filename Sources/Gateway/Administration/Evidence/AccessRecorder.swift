import InterlockJSON
import InterlockLedger
import InterlockPorts

/// Records views on the people plane. If it throws, the caller must show nothing.
struct AccessRecorder: Sendable {
    private let exports: ExportRecorder

    init(_ exports: ExportRecorder) { self.exports = exports }

    func record(
        _ kind: ExportKind, count: Int, _ query: JSONObject, by reader: EvidenceReader
    ) async throws(EvidenceRefusal) {
        guard let query = try? JSONValue.object(query).canonical() else {
            throw .notRecorded("audit.bad_record")
        }
        do throws(LedgerRefusal) {
            _ = try await exports.record(kind, count: count, query: query, by: reader.name)
        } catch { throw .notRecorded(error.code) }
    }
}
