import InterlockGateway
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockStore

/// Reads what the log says of people, at a start and on a thread of its own. Only records of people are looked into.
struct LogPeople {
    private let reader: LedgerReader

    private static let types: [RecordType] = [.approverEnrolled, .approverRevoked, .peopleRole]

    init(_ reader: LedgerReader) { self.reader = reader }

    /// In the log's order; what was pruned is not among them.
    func leaves() async throws(StoreFailure) -> [JSONValue] {
        let reader = reader
        let jobs = JobThread("people-trail", limit: 1)
        defer { jobs.close() }
        return try await jobs.answer(busy: "the log is read already") { () throws(StoreFailure) in
            var leaves: [JSONValue] = []
            do throws(LedgerFailure) {
                try reader.scan { entry in
                    if let type = Self.types.first(where: entry.mayBe), let record = entry.record,
                        record.type == type.rawValue
                    {
                        leaves.append(.object(record.object))
                    }
                    return true
                }
            } catch {
                throw StoreFailure(reason: error.reason)
            }
            return leaves
        }
    }
}
