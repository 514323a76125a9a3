/// The reason why a halt or a release is not obeyed.
package enum OrderRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    case form(FormError)
    case otherKind
    case otherOrganisation(String)
    case badSignature
    /// The assertion of a passkey failed verification.
    case badAssertion(AssertionRefusal)
    /// The counter of a passkey went back; a copy of it may be in use.
    case copiedPasskey(PasskeyID)
    case unknownKey
    case revokedKey
    case expiredKey
    case missingRole(Role)
    /// The signer is not a person whom the statement names.
    case notAuthor
    /// The node's key may not sign this halt. A node may stop the organisation in its own name, and an agent or a run
    /// by its detectors.
    case notForNodes
    case tooFewPeople(have: Int, need: Int)
    /// Two credentials of the same person count as one person.
    case samePerson
    case unknownHalt(OrderID)
    /// A halt of overlapping scope arrived after the epoch that was signed.
    case staleEpoch
    case tooManyOrders
    /// The log or the folder of orders failed to store the order; the state has not changed.
    case notRecorded(String)

    /// A stable code, for records.
    package var code: String {
        switch self {
        case .form: "malformed"
        case .otherKind: "other_kind"
        case .otherOrganisation: "other_organisation"
        case .badSignature: "bad_signature"
        case .badAssertion: "bad_assertion"
        case .copiedPasskey: "copied_passkey"
        case .unknownKey: "unknown_key"
        case .revokedKey: "revoked_key"
        case .expiredKey: "expired_key"
        case .missingRole: "missing_role"
        case .notAuthor: "not_author"
        case .notForNodes: "not_for_nodes"
        case .tooFewPeople: "too_few_people"
        case .samePerson: "same_person"
        case .unknownHalt: "unknown_halt"
        case .staleEpoch: "stale_epoch"
        case .tooManyOrders: "too_many_orders"
        case .notRecorded: "not_recorded"
        }
    }

    package var description: String { text(of: "order", signature: "a signature") }

    /// - Parameters:
    ///   - kind: a noun for the order.
    ///   - signature: a noun for the signature, with its article.
    package func text(of kind: String, signature: String) -> String {
        switch self {
        case .form(let error): "the \(kind) is malformed: \(error)"
        case .otherKind: "the envelope holds another kind of statement"
        case .otherOrganisation(let org): "the \(kind) is of the organisation `\(org)`"
        case .badSignature: "\(signature) does not verify"
        case .badAssertion(let refusal):
            "what the passkey signed is not believed: \(refusal.rawValue)"
        case .copiedPasskey: "the passkey's counter went back: a copy of it may be in use"
        case .unknownKey: "\(signature) is by a key or passkey that is not enrolled"
        case .revokedKey: "\(signature) is by a revoked key or passkey"
        case .expiredKey: "\(signature) is by an expired key or passkey"
        case .missingRole(let role): "the signer does not hold the role `\(role.rawValue)`"
        case .notAuthor: "the signer is not named in the \(kind)"
        case .notForNodes:
            "a node's key may stop everything in its own name, an agent or a run, and nothing else"
        case .tooFewPeople(let have, let need): "signed by \(have) of \(need) people"
        case .samePerson: "the second signature is by the same person"
        case .unknownHalt(let id): "there is no halt `\(id)`"
        case .staleEpoch: "another halt came since this release was signed"
        case .tooManyOrders: "there are too many orders"
        case .notRecorded(let code): "it cannot be recorded: \(code)"
        }
    }
}
