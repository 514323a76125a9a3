package import InterlockAdministration
import InterlockModel
package import InterlockPorts

/// A key with which anyone can sign, for tests of the signed content.
package struct WorldKey: PersonSessionKeyVerifier {
    package static let point = PersonSessionKey([4] + [UInt8](repeating: 1, count: 64))

    package init() {}

    package func isKey(_ key: PersonSessionKey) -> Bool { key == Self.point }

    package func verifies(
        _ signature: [UInt8], of message: [UInt8], by key: PersonSessionKey
    ) -> Bool { isKey(key) && signature == Self.sign(message) }

    /// The proof header of a request.
    ///
    /// - Parameter number: must differ between requests.
    package static func proof(
        of request: ProvenRequest, number: Int, nonce: String = ConsoleWorld.nonce
    ) -> String {
        let identifier = Base64.encodeURL(
            (0..<SessionProof.identifierBytes).map { UInt8(truncatingIfNeeded: number >> $0) })
        let signature = sign(request.message(nonce: nonce, identifier: identifier))
        return "v1.\(nonce).\(identifier).\(Base64.encodeURL(signature))"
    }

    /// FNV-1a, its bytes repeated to the length of a signature.
    private static func sign(_ message: [UInt8]) -> [UInt8] {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in message { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return (0..<SessionProof.signatureBytes).map {
            UInt8(truncatingIfNeeded: hash >> (8 * ($0 % 8)))
        }
    }
}
