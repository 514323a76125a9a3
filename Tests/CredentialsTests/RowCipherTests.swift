import InterlockCluster
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCredentials

/// The seal of rows with libcrypto.
struct RowCipherTests {
    private static let secret = (0..<32).map(UInt8.init)
    private static let address = RowAddress(.vote, "abc", revision: 3)

    private func cipher(_ secret: [UInt8] = secret) throws -> OpenSSLRowCipher {
        try #require(OpenSSLRowCipher(secret))
    }

    /// Computed with HKDF and AES-GCM of `cryptography` 50.0.2 in Python.
    @Test func `a body is what another implementation seals`() throws {
        let expected = try #require(
            Hex.decode(
                "017db2a573846057f2000102030405060708090a0b1f0d25b000"
                    + "e6eaf1bbcc978f9c1bd034f53694e1f2"))
        let keys = try #require(StoreKeys(sealing: try cipher()))
        let body = keys.seal(
            Array("hello".utf8), at: Self.address, nonce: (0..<12).map(UInt8.init))
        #expect(body == expected)
        #expect(try keys.open(expected, at: Self.address) == Array("hello".utf8))
        #expect(Hex.encode(try cipher().id.bytes) == "7db2a573846057f2")
    }

    @Test func `a store key has 32 bytes that were not wiped`() {
        #expect(OpenSSLRowCipher([UInt8](repeating: 0, count: 32)) == nil)
        #expect(OpenSSLRowCipher([UInt8](repeating: 1, count: 31)) == nil)
        #expect(OpenSSLRowCipher([UInt8](repeating: 1, count: 33)) == nil)
    }

    @Test func `each part of what is sealed is needed to open it`() throws {
        let cipher = try cipher()
        let nonce = [UInt8](repeating: 4, count: 12)
        let sealed = cipher.seal([1, 2, 3], info: [5], nonce: nonce, data: [6])
        #expect(sealed.count == 3 + 16)
        #expect(cipher.open(sealed, info: [5], nonce: nonce, data: [6]) == [1, 2, 3])
        #expect(cipher.open(sealed, info: [], nonce: nonce, data: [6]) == nil)
        #expect(
            cipher.open(sealed, info: [5], nonce: [UInt8](repeating: 5, count: 12), data: [6])
                == nil)
        #expect(cipher.open(sealed, info: [5], nonce: nonce, data: []) == nil)
        #expect(cipher.open(sealed, info: [5], nonce: [], data: [6]) == nil)
        #expect(cipher.open([], info: [5], nonce: nonce, data: [6]) == nil)
        let other = try self.cipher([UInt8](repeating: 9, count: 32))
        #expect(other.open(sealed, info: [5], nonce: nonce, data: [6]) == nil)
        #expect(other.id != cipher.id)
        let empty = cipher.seal([], info: [5], nonce: nonce, data: [])
        #expect(cipher.open(empty, info: [5], nonce: nonce, data: []) == [])
    }
}
