import InterlockJSON
package import InterlockModel

/// The browser's statement of the challenge it was given and the origin that gave it (WebAuthn Level 3, section
/// 5.8.1). The authenticator signs its hash, so it is verified as bytes and never serialized again.
package struct ClientData: Sendable, Equatable {
    package enum Ceremony: String, Sendable {
        case get = "webauthn.get"
        case create = "webauthn.create"
    }

    package let type: String
    package let challenge: [UInt8]
    package let origin: String
    package let isCrossOrigin: Bool

    package static let largestBytes = 2048
    private static let limits = JSONLimits(depth: 8, bytes: largestBytes, values: 64)

    /// Unknown members are ignored: browsers add some to discourage matching against templates.
    package init(parsing bytes: [UInt8]) throws(FormError) {
        let value: JSONValue
        do throws(JSONError) { value = try JSONValue(parsing: bytes, limits: Self.limits) } catch {
            throw .json(error)
        }
        guard let object = value.object else { throw .notObject(".") }
        type = try Self.text("type", object)
        origin = try Self.text("origin", object)
        guard let challenge = Base64.decodeURL(try Self.text("challenge", object)) else {
            throw .badMember("challenge", "base64url")
        }
        self.challenge = challenge
        switch object["crossOrigin"] {
        case nil: isCrossOrigin = object["topOrigin"] != nil
        case .bool(let truth)?: isCrossOrigin = truth || object["topOrigin"] != nil
        default: throw .badMember("crossOrigin", "true or false")
        }
    }

    private static func text(_ name: String, _ object: JSONObject) throws(FormError) -> String {
        guard let value = object[name] else { throw .missingMember(name) }
        guard let text = value.string, (1...512).contains(text.utf8.count) else {
            throw .badMember(name, "text of 1 to 512 bytes")
        }
        return text
    }

    /// Checks that both ceremonies share, in the order of the specification.
    func check(
        _ ceremony: Ceremony, challenge: [UInt8], of party: RelyingParty
    ) throws(AssertionRefusal) {
        guard sameBytes(type, ceremony.rawValue) else { throw .wrongType }
        guard self.challenge == challenge else { throw .wrongChallenge }
        guard party.origins.contains(where: { sameBytes($0, origin) }) else { throw .wrongOrigin }
        guard !isCrossOrigin else { throw .crossOrigin }
    }
}
