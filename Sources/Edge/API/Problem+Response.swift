import InterlockAdministration
import InterlockEvidence
import InterlockJSON
import InterlockMarkup
import InterlockPorts
import InterlockSchemas

extension ProblemKind {
    /// The `type` of the problem: a relative reference to a resource with the title and the status.
    var type: String { "\(PeopleAPI.prefix)/problems/\(rawValue)" }
}

extension Problem: ResponseRecord {
    static let form = ResponseSchema<Problem>(
        "Problem",
        .init("type", .text(.plain(1...128)), "Names the kind of problem.") { $0.kind.type },
        .init("title", .text(.plain(1...128)), "The same for every problem of the kind.") {
            $0.kind.title
        },
        .init("status", .whole(400...599), "The status of the answer.") { $0.kind.status },
        .init("detail", .text(.plain(1...4096)), "What it was this time.") { $0.detail },
        .init("code", .choice(of: ProblemKind.self), "The kind, for programs.") {
            $0.kind.rawValue
        })

    var response: HTTPResponse {
        HTTPResponse(
            status: kind.status,
            headers: [("content-type", Self.mediaType), ("cache-control", "no-store")] + headers
                + SecurityHeaders.all,
            body: Self.form.json(self).serialized())
    }

    static let mediaType = "application/problem+json"
}

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

extension OperationServices {
    /// Reads the log for the sender. Access is recorded before this returns.
    func read<Log, Value>(
        _ log: KeyPath<ConsoleSources, Log?>, _ call: some APIRequestContext,
        _ action: (Log, EvidenceReader) async throws(EvidenceRefusal) -> Value
    ) async throws(Problem) -> Value {
        let log = try part(sources[keyPath: log], of: "log")
        let reader = try reader(call)
        do throws(EvidenceRefusal) { return try await action(log, reader) } catch {
            throw Problem(error)
        }
    }
}

extension Duration {
    /// The duration in whole seconds, rounded up, at least 1, for the `Retry-After` header.
    package var retryAfter: String {
        let (seconds, rest) = components
        return String(max(1, rest > 0 ? seconds + 1 : seconds))
    }
}
