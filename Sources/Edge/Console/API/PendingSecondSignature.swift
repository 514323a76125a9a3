import InterlockApprovals
import InterlockJSON
import InterlockModel

/// An order that one person has signed and a second person must confirm; the confirmation contains the order's id and
/// the digest of `shown`.
struct PendingSecondSignature: Sendable, ResponseRecord {
    let one: PeopleDirectory.Unconfirmed
    /// The first signer, or nil if that person is no longer enrolled or the signature is a founding one.
    let by: Person?

    static let form = ResponseSchema<PendingSecondSignature>(
        "Waiting",
        .init("waits", .text(.plain(1...32)), "`enrolment` or `roles`.") {
            $0.one.shown["type"] ?? .null
        },
        .init("id", .text(.id), "Which a confirmation names as `of`.") { $0.one.id.text },
        .init("shown", .object, "Whose canonical bytes a confirmation has the digest of.") {
            $0.one.shown
        },
        .init("expires", .text(.time), "When it ends without an answer.") { $0.one.expires },
        .maybe("by", .text(.plain(1...254)), "Who signed first.") { $0.by?.address })
}
