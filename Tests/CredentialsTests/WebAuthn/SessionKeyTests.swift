import InterlockAdministration
import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockCredentials

@Suite(.requirement("R152"))
struct SessionKeyTests {
    private let verifier = P256SessionVerifier()

    private func point() throws -> [UInt8] {
        let x = try #require(Base64.decodeURL(AssertionKeys.p256X))
        return [4] + x + (try #require(Base64.decodeURL(AssertionKeys.p256Y)))
    }

    @Test func `R152 a signature of two numbers is verified by its key, over its message`() throws {
        let key = try #require(PersonSessionKey(try point()))
        let message = Array("interlock/proof/1".utf8)
        let signature = try AssertionKey(pem: Array(AssertionKeys.p256.utf8)).sign(message)
        #expect(signature.count == SessionProof.signatureBytes)
        #expect(verifier.isKey(key))
        #expect(verifier.verifies(signature, of: message, by: key))
        #expect(!verifier.verifies(signature, of: message + [0], by: key))
        #expect(!verifier.verifies(Array(signature.dropLast()), of: message, by: key))
        #expect(!verifier.verifies([UInt8](repeating: 0, count: 64), of: message, by: key))
        for place in [0, 31, 32, 63] {
            var changed = signature
            changed[place] ^= 1
            #expect(!verifier.verifies(changed, of: message, by: key))
        }
    }

    @Test func `R152 a point that is not on the curve is no key`() throws {
        var wrong = try point()
        wrong[64] ^= 1
        for bytes in [wrong, [4] + [UInt8](repeating: 0, count: 64)] {
            let key = try #require(PersonSessionKey(bytes))
            #expect(!verifier.isKey(key))
            #expect(!verifier.verifies([UInt8](repeating: 1, count: 64), of: [], by: key))
        }
    }
}
