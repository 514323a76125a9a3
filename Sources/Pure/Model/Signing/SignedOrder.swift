package import InterlockJSON

/// What the orders of one kind have in common: their members, and the role that their authors need.
package protocol OrderKind: Hashable, Sendable {
    associatedtype Refusal: SignedOrderRefusal

    static var payloadType: PayloadType { get }
    /// Bytes of a statement.
    static var largest: Int { get }
    /// If false, a signature by passkey counts as one that does not verify.
    static var takesPasskeys: Bool { get }
    static var takesExpiredCredentials: Bool { get }
    /// Required members, but for those that orders of every kind have.
    static func members(of statement: JSONValue) throws(FormError) -> [String]
    static var optionalMembers: [String] { get }
    /// Returns nil if the order is this person's to give.
    func missingRole(of person: TrustedPerson) -> Role?
    /// - Parameter fields: of the right version and `type`, with all required members and no unknown ones.
    init(_ fields: StrictFields) throws(FormError)
}

extension OrderKind {
    package static var largest: Int { 4096 }
    package static var takesPasskeys: Bool { false }
    package static var takesExpiredCredentials: Bool { false }
    package static var optionalMembers: [String] { [] }
    package func missingRole(of person: TrustedPerson) -> Role? { nil }
}

/// An order that people sign. `SignedOrderVerifier` verifies every kind; the effect is for the service of the kind.
package protocol SignedOrder: OrderKind {
    /// The member `type`.
    static var type: String { get }
    /// How many people must sign; nil for an order of one person, which has exactly one signature.
    static func quorum(_ trust: AuthorizedKeys) -> Int?

    var org: String { get }
    /// Each signature must be of one of them.
    var authors: [Pseudonym] { get }
    /// Why the order comes too late or too early; nil for kinds in which nothing has to be fresh.
    func staleness(at now: Timestamp) -> Refusal?
    var json: JSONValue { get }
}

extension SignedOrder {
    package static var type: String { payloadType.rawValue }
    package static func quorum(_ trust: AuthorizedKeys) -> Int? { nil }
    package func staleness(at now: Timestamp) -> Refusal? { nil }

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

    /// The order in an envelope of its kind. Nothing says yet who signed it, or for which organisation.
    package init(_ envelope: Envelope) throws(Refusal) {
        guard envelope.payloadType == Self.payloadType else { throw Refusal(.otherKind) }
        do throws(FormError) { try self.init(parsing: envelope.payload) } catch {
            throw Refusal(.form(error))
        }
    }
}

/// Why an order of a kind is refused, which includes what is wrong with any signed order.
package protocol SignedOrderRefusal: Error {
    init(_ refusal: OrderRefusal)
    /// The passkey whose counter went back, if that is the reason.
    var copy: PasskeyID? { get }
}

extension SignedOrderRefusal {
    package var copy: PasskeyID? { nil }
}

extension OrderRefusal: SignedOrderRefusal {
    package init(_ refusal: OrderRefusal) { self = refusal }

    package var copy: PasskeyID? {
        if case .copiedPasskey(let id) = self { id } else { nil }
    }
}
