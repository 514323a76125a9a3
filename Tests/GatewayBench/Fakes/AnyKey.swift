import InterlockCredentials
import InterlockPorts
import InterlockTesting

@testable import InterlockAdministration
@testable import InterlockGovernor

/// Session keys with which anyone can sign. The key with the highest number is invalid.
struct AnyKey: PersonSessionKeyVerifier {
    static func key(_ number: UInt8) -> PersonSessionKey {
        PersonSessionKey([4] + [UInt8](repeating: number, count: 64)).unwrapped
    }

    func isKey(_ key: PersonSessionKey) -> Bool { key != Self.key(.max) }

    func verifies(_ signature: [UInt8], of message: [UInt8], by key: PersonSessionKey) -> Bool {
        signature == Self.sign(message, key)
    }

    static func sign(_ message: [UInt8], _ key: PersonSessionKey) -> [UInt8] {
        let half = hmacSHA256(key: key.point, message)
        return half + half
    }
}
