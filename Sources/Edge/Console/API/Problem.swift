import InterlockAdministration
import InterlockApprovals
import InterlockJSON
import InterlockModel
import InterlockPorts

/// Why a request of the API was not done, this time.
struct Problem: Error {
    let kind: ProblemKind
    /// One sentence.
    let detail: String
    var headers: [(name: String, value: String)] = []

    init(_ kind: ProblemKind, _ detail: String, _ headers: (name: String, value: String)...) {
        self.kind = kind
        // It may quote what was sent.
        self.detail = String(
            String.UnicodeScalarView(detail.unicodeScalars.prefix(Self.longestDetail)))
        self.headers = headers
    }

    /// In code points.
    private static let longestDetail = 1024

    static let form = ResponseSchema<Problem>(
        "Problem",
        [
            .init("type", .text(.plain(1...128)), "Names the kind of problem.") {
                .string($0.kind.type)
            },
            .init("title", .text(.plain(1...128)), "The same for every problem of the kind.") {
                .string($0.kind.title)
            },
            .init("status", .whole(400...599), "The status of the answer.") {
                .integer(Int64($0.kind.status))
            },
            .init("detail", .text(.plain(1...4096)), "What it was this time.") {
                .string($0.detail)
            },
            .init(
                "code", .choice(ProblemKind.allCases.map(\.rawValue)),
                "The kind, for programs."
            ) { .string($0.kind.rawValue) },
        ])

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
    init(_ error: FormError) { self.init(.malformed, "\(error)") }

    init(_ refusal: ApprovalRefusal) {
        let kind: ProblemKind =
            switch refusal {
            case .noSuchRequest: .noSuchRequest
            case .notEligible: .notEligible
            case .alreadyVoted: .alreadyVoted
            case .closed: .requestClosed
            case .revisionChanged: .revisionChanged
            case .digestMismatch: .digestMismatch
            case .badSignature: .badSignature
            case .badAssertion: .badAssertion
            case .malformed: .malformed
            case .nonceSpent: .nonceSpent
            case .notGranted: .notGranted
            case .tooFast: .tooFast
            case .notRead: .notRead
            case .tooOften: .tooMany
            case .notRecorded: .notRecorded
            }
        self.init(kind, "\(refusal)")
    }

    init(_ refusal: VotingRefusal) {
        switch refusal {
        case .tooFast: self.init(.tooFast, "\(refusal)")
        case .notFullyViewed: self.init(.notFullyViewed, "\(refusal)")
        case .notConfirmed: self.init(.notConfirmed, "\(refusal)")
        case .refused(let refusal): self.init(refusal)
        }
    }
}
