package import InterlockJSON

/// The members that the orders of one kind have, and the role that their authors need.
package protocol OrderKind: Hashable, Sendable {
    associatedtype Refusal: SignedOrderRefusal

    static var payloadType: PayloadType { get }
    /// The maximum size of a statement, in bytes.
    static var largest: Int { get }
    /// If false, a signature by passkey counts as one that does not verify.
    static var takesPasskeys: Bool { get }
    static var takesExpiredCredentials: Bool { get }
    /// Returns the required members, except those that orders of every kind have.
    static func members(of statement: JSONValue) throws(FormError) -> [String]
    static var optionalMembers: [String] { get }
    /// Returns the role that this person lacks to give the order, or nil if the person may give it.
    func missingRole(of person: TrustedPerson) -> Role?
    /// - Parameter fields: the members of a statement of the right version and `type`; all required members are
    ///   present, and no unknown ones.
    init(_ fields: StrictFields) throws(FormError)
}

extension OrderKind {
    package static var largest: Int { 4096 }
    package static var takesPasskeys: Bool { false }
    package static var takesExpiredCredentials: Bool { false }
    package static var optionalMembers: [String] { [] }
}

/// An order that people sign. `SignedOrderVerifier` verifies every kind; the service of the kind puts it into effect.
package protocol SignedOrder: OrderKind {
    /// The value of the member `type`.
    static var type: String { get }
    /// Returns the number of people who must sign, or nil if orders of this kind have exactly one signature.
    static func quorum(_ trust: AuthorizedKeys) -> Int?

    var org: String { get }
    /// The people who may sign. Each signature must be by one of them.
    var authors: [Pseudonym] { get }
    /// Returns the refusal if the order is too old or from the future. Returns nil if it is fresh or need not be.
    func staleness(at now: Timestamp) -> Refusal?
    var json: JSONValue { get }
}

extension SignedOrder {
    package static var type: String { payloadType.rawValue }
    package static func quorum(_ trust: AuthorizedKeys) -> Int? { nil }

    /// The bytes that are signed.
    package func canonical() throws(FormError) -> [UInt8] { try canonicalBytes(json) }

    package init(parsing bytes: [UInt8]) throws(FormError) {
        let value = try StrictFields.canonicalValue(bytes, limit: Self.largest)
        let fields = try StrictFields(
            value, required: ["v", "type", "id", "org", "reason"] + Self.members(of: value),
            optional: Self.optionalMembers)
        try fields.expectVersion1()
        try fields.expect("type", Self.type)
        try self.init(fields)
    }

    /// Parses the order in an envelope of its kind. Its signatures and organisation are not verified.
    package init(_ envelope: Envelope) throws(Refusal) {
        guard envelope.payloadType == Self.payloadType else { throw Refusal(.otherKind) }
        do throws(FormError) { try self.init(parsing: envelope.payload) } catch {
            throw Refusal(.form(error))
        }
    }
}

/// The reason why an order of one kind is refused. Each kind includes the refusals of any signed order.
package protocol SignedOrderRefusal: Error {
    init(_ refusal: OrderRefusal)
    /// The passkey whose counter went back, if that is the reason.
    var copy: PasskeyID? { get }
}

extension SignedOrderRefusal {
    package var copy: PasskeyID? { nil }

    /// The words for a dated order that counts only once, and not for long.
    package static var staleWords: String {
        "the order was taken already, was signed too long ago, or its clock is ahead"
    }
}

extension OrderRefusal: SignedOrderRefusal {
    package init(_ refusal: OrderRefusal) { self = refusal }

    package var copy: PasskeyID? {
        if case .copiedPasskey(let id) = self { id } else { nil }
    }
}
