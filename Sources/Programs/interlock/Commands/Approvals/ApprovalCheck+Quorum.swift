import InterlockApprovals
import InterlockCommandLine
import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockLogReading
import InterlockModel

/// Checks the number of people that each revision of a request requires, and the reason for each lower number.
extension ApprovalCheck {
    /// The review that is shown from one record on.
    struct Presentation {
        let commitment: Digest
        let need: Int64
        /// The number of calls that may use the approval.
        let uses: Int64
        /// Is nil if the review cannot be opened.
        let review: ReviewDocument?
    }

    /// A use of break-glass; the next revision of the request must follow from it.
    struct Lowering {
        let revision: Int64
        let was: Int64
    }

    /// - Throws: if the revision requires fewer people than the one before, without break-glass or another decision.
    mutating func follow(
        _ next: Presentation, _ before: Presentation?, _ lowering: Lowering?, _ proved: ProvedRecord
    ) throws {
        let isLowered =
            lowering?.revision == proved.record["rev"]?.integer && lowering?.was == before?.need
            && lowering != nil && next.need == 1
        if let from = next.review?.decision.loweredFrom {
            guard isLowered, lowering?.was == Int64(from) else {
                throw Fault("fewer people than the policy asks for, without break-glass")
            }
            return
        }
        guard let before, next.need < before.need else { return }
        guard let new = next.review, let old = before.review else {
            if !isLowered {
                open.append("record \(proved.index): why fewer people are asked than before")
            }
            return
        }
        let isDecidedAnew =
            new.policy != old.policy
            || new.call.digest(OpenSSLHashing()) != old.call.digest(OpenSSLHashing())
        guard isDecidedAnew else {
            throw Fault("fewer people than before, without break-glass or another decision")
        }
    }

    /// Checks a record of break-glass and, if its payload can be opened, the signed order in it.
    mutating func lower(_ proved: ProvedRecord) throws -> Lowering {
        let record = proved.record
        guard let by = record.text("by"), let revision = record["rev"]?.integer,
            let was = record["was"]?.integer, was > 1, was == shown?.need
        else { throw Fault("break-glass that does not say who lowers what") }
        broken += 1
        let lowering = Lowering(revision: revision, was: was)
        guard let bytes = try payload("order", of: proved) else { return lowering }
        guard let (envelope, signer) = VoteSigner.order(bytes),
            let order = try? BreakGlassOrder(envelope)
        else { throw Fault("the order of break-glass is not signed, or not an order") }
        guard order.request == id, order.author.text == by,
            case .lower(let shown, _) = order.action, Int64(shown) == revision - 1
        else { throw Fault("the signed order is about something else") }
        switch found.people.answer(signer.key, signer.credential, of: by, before: proved.index) {
        case .enrolled(let party):
            guard signer.isFor(party, holder: order.author) else {
                throw Fault("the signature of the order is wrong, or the passkey another domain's")
            }
            orders += 1
        case .unknown:
            open.append("record \(proved.index): an earlier log has the enrolment")
        case .revoked: throw Fault("the key of the order was revoked before")
        case .other: throw Fault("the key of the order was not enrolled for its person")
        }
        return lowering
    }
}
