import InterlockGateway

extension Problem {
    init(_ refusal: EvidenceRefusal) {
        switch refusal {
        case .noSuchRecord: self.init(.noSuchRecord, "\(refusal)")
        case .noSuchRun: self.init(.noSuchRun, "\(refusal)")
        case .busy: self.init(.notRead, "\(refusal)", ("retry-after", "2"))
        case .tooLarge: self.init(.tooLarge, "\(refusal)")
        case .unreadable: self.init(.notRead, "\(refusal)")
        case .notRecorded: self.init(.notRecorded, "\(refusal)")
        }
    }

    init(_ fault: QueryFault) { self.init(.malformed, fault.sentence) }
}

/// Makes of the log's refusal the API's.
func asked<Value>(
    _ deed: () async throws(EvidenceRefusal) -> Value
) async throws(Problem) -> Value {
    do throws(EvidenceRefusal) { return try await deed() } catch { throw Problem(error) }
}
