package import InterlockJSON
package import InterlockModel

/// A signed order that one person decides a call in place of several, or another person's signed review of such a use
/// (docs/specs/approvals.md, section 6). Its RFC 8785 bytes are signed under the payload type
/// `application/vnd.interlock.break-glass+json`.
///
/// ```json
/// {"v":1,"type":"break-glass","deed":"lower","id":"01kag0...","org":"acme","request":"01kag0...","revision":1,
///  "reason":"the other approver cannot be reached","ticket":"INC-4711","author":"qAtv...",
///  "at":"2026-11-20T10:04:05.123456Z"}
/// ```
package typealias BreakGlassOrder = DatedOrder<BreakGlassContent>

package typealias AcceptedBreakGlass = VerifiedOrder<BreakGlassOrder>

/// INVARIANT: one person decides for several only by a signed break-glass order; it is recorded before a vote relies
/// on it, notified at once, and reviewed by a person who took no part in it. Kept by `BreakGlassTests`,
/// `BreakGlassOrderTests`.
package struct BreakGlassContent: OrderContent {
    package typealias Refusal = BreakGlassRefusal
    package enum Action: Hashable, Sendable {
        /// Lowers the quorum of this revision of the request to one.
        case lower(revision: Int, ticket: String)
        /// Confirms that another person has reviewed the use.
        case review
    }

    package let request: ApprovalID
    package let action: Action

    package static let payloadType = PayloadType.breakGlass
    package static let takesPasskeys = true
    package static var stale: BreakGlassRefusal? { .staleOrder }
    /// The length of a ticket, in bytes.
    package static let tickets = 1...128

    package init(request: ApprovalID, action: Action) {
        self.request = request
        self.action = action
    }

    /// Requires the role `break_glass`; for a review, `security` also suffices. `BreakGlassHistory` checks that the
    /// reviewer is another person.
    package func missingRole(of person: TrustedPerson) -> Role? {
        let isReviewer = action == .review && person.roles.contains(.security)
        return person.roles.contains(.breakGlass) || isReviewer ? nil : .breakGlass
    }

    /// - Throws: `badMember` if the ticket is empty, too long, or contains a control character.
    package func check() throws(FormError) {
        guard case .lower(_, let ticket) = action else { return }
        guard Self.tickets.contains(ticket.utf8.count),
            ticket.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else { throw .badMember("ticket", "1 to \(Self.tickets.upperBound) bytes on one line") }
    }

    package var members: JSONObject {
        switch action {
        case .lower(let revision, let ticket):
            [
                "request": .string(request.text), "deed": "lower",
                "revision": .integer(Int64(revision)), "ticket": .string(ticket),
            ]
        case .review: ["request": .string(request.text), "deed": "review"]
        }
    }

    package static func members(of statement: JSONValue) -> [String] {
        ["deed", "request"] + (statement["deed"]?.string == "lower" ? ["revision", "ticket"] : [])
    }

    package init(_ fields: StrictFields) throws(FormError) {
        request = try fields.made("request", "an approval's id") { ApprovalID($0) }
        if fields.has("revision") {
            action = .lower(
                revision: Int(try fields.integer("revision", in: 1...1_000_000)),
                ticket: try fields.string("ticket", length: Self.tickets))
        } else {
            try fields.expect("deed", "review")
            action = .review
        }
    }
}

extension BreakGlassOrder {
    package var request: ApprovalID { content.request }
}

/// The reason why a quorum was not lowered, or a review not taken.
package enum BreakGlassRefusal: SignedOrderRefusal, Hashable, Sendable, CustomStringConvertible {
    case order(OrderRefusal)
    /// The order was signed too long ago or in the future, or a review was signed before the use that it covers.
    case staleOrder
    case request(ApprovalRefusal)
    /// The request already requires only one person.
    case nothingToLower
    /// A use by this person has waited too long for its review.
    case suspended(ApprovalID)
    /// Break-glass was not used at this request.
    case noUse
    case reviewed
    case ownReview
    /// The earlier uses have not been read from the log yet.
    case notRead
    /// The passkey signs no order of this kind before this time.
    case tooNew(Timestamp)

    package init(_ refusal: OrderRefusal) { self = .order(refusal) }

    package var copy: PasskeyID? {
        if case .order(let refusal) = self { refusal.copy } else { nil }
    }

    package var description: String {
        switch self {
        case .order(let refusal): "\(refusal)"
        case .staleOrder: "the order was signed too long ago, or its clock is ahead"
        case .request(let refusal): "\(refusal)"
        case .nothingToLower: "one person is all that is asked for; it never becomes none"
        case .suspended(let request):
            "the role is suspended: the use at `\(request.shown)` waits for its review"
        case .noUse: "break-glass was not used for this request"
        case .reviewed: "it was reviewed already"
        case .ownReview: "the reviewer must not have used break-glass or voted on this request"
        case .notRead: "earlier uses are still being read from the log; try again"
        case .tooNew(let end):
            "this passkey is new: it signs for break-glass from \(end.rfc3339(fractionDigits: 0)) on"
        }
    }
}
