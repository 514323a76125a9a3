import InterlockAdministration
import InterlockJSON
import InterlockPorts

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
