import InterlockApprovals
import InterlockJSON
import InterlockModel

/// What one person has signed and a second one has to: a confirmation has its id and the digest of `shown`.
struct PendingSecondSignature: Sendable {
    private let one: PeopleDirectory.Unconfirmed
    private let by: Person?

    /// - Parameter by: who signed first; nil for somebody who is not enrolled any more, and for founding people.
    init(_ one: PeopleDirectory.Unconfirmed, by: Person?) {
        self.one = one
        self.by = by
    }

    static let form = ResponseSchema<PendingSecondSignature>(
        "Waiting",
        [
            .init("waits", .text(.plain(1...32)), "`enrolment` or `roles`.") {
                $0.one.shown["type"] ?? .null
            },
            .init("id", .text(.id), "Which a confirmation names as `of`.") {
                .string($0.one.id.text)
            },
            .init("shown", .object, "Whose canonical bytes a confirmation has the digest of.") {
                $0.one.shown
            },
            .init("expires", .text(.time), "When it ends without an answer.") {
                .time($0.one.expires)
            },
            .maybe("by", .text(.plain(1...254)), "Who signed first.") {
                $0.by.map { .string($0.address) }
            },
        ])
}
