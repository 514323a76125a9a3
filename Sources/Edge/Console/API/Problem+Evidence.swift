import InterlockAdministration

extension Problem {
    init(_ refusal: EvidenceRefusal) {
        switch refusal {
        case .noSuchRecord: self.init(.noSuchRecord, "\(refusal)")
        case .noSuchRun: self.init(.noSuchRun, "\(refusal)")
        case .busy: self.init(.notRead, "\(refusal)", ("retry-after", "2"))
        case .tooMany(let wait):
            self.init(.tooMany, "\(refusal)", ("retry-after", wait.retryAfter))
        case .tooLarge: self.init(.tooLarge, "\(refusal)")
        case .unreadable: self.init(.notRead, "\(refusal)")
        case .notRecorded: self.init(.notRecorded, "\(refusal)")
        }
    }

    init(_ fault: QueryFault) { self.init(.malformed, fault.sentence) }
}

/// Converts a refusal of the log's queries into a problem of the API.
func asked<Value>(
    _ deed: () async throws(EvidenceRefusal) -> Value
) async throws(Problem) -> Value {
    do throws(EvidenceRefusal) { return try await deed() } catch { throw Problem(error) }
}

extension Duration {
    /// The duration in whole seconds, rounded up, at least 1, for the `Retry-After` header.
    var retryAfter: String {
        let (seconds, rest) = components
        return String(max(1, rest > 0 ? seconds + 1 : seconds))
    }
}
