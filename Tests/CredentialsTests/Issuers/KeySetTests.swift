import InterlockJSON
import InterlockModel
import Testing

@testable import InterlockCredentials

@Suite struct KeySetTests {
    private static let ed25519 = FakeIssuer.entry("k1", FakeIssuer.key(1))

    private func count(_ keys: JSONObject...) -> Int? {
        try? KeySet(parsing: FakeIssuer.document(keys)).count
    }

    @Test func `keys of the three kinds are taken`() {
        #expect(count(IssuerVectors.rsa, IssuerVectors.p256, Self.ed25519) == 3)
    }

    @Test(
        arguments: [
            ("kid", nil), ("kid", 1), ("kid", ""), ("use", "enc"), ("use", 1),
            ("key_ops", ["sign"]), ("key_ops", "verify"), ("d", "AAAA"), ("alg", "RS512"),
            ("alg", "HS256"), ("kty", "oct"), ("kty", nil), ("n", "AAAA"), ("n", nil), ("e", "AA"),
            ("e", "AQ"), ("e", "AAEAAQ"), ("e", "AgAAAQE"), ("e", "BA"),
        ] as [(String, JSONValue?)])
    func `a key that cannot be used is left out`(name: String, value: JSONValue?) {
        #expect(count(IssuerVectors.rsa.with(name, value), Self.ed25519) == 1)
        #expect(count(IssuerVectors.rsa.with(name, value)) == nil)
    }

    @Test func `a point that is not on the curve is no key`() {
        #expect(count(IssuerVectors.p256.with("y", .string(IssuerVectors.x))) == nil)
        #expect(count(IssuerVectors.p256.with("crv", "P-384")) == nil)
        #expect(count(Self.ed25519.with("x", "AAAA")) == nil)
    }

    /// libcrypto's own check of a modulus uses random Miller-Rabin bases.
    @Test func `a weak modulus is taken or not, each time alike`() throws {
        let modulus = [UInt8](repeating: 0xc1, count: 256)
        for _ in 0..<100 {
            #expect(VerificationKey(rsaModulus: modulus, exponent: [1, 0, 1]) != nil)
        }
        #expect(
            VerificationKey(rsaModulus: modulus.dropLast() + [0xc0], exponent: [1, 0, 1]) == nil)
    }

    @Test func `two keys with one name make the document worth nothing`() {
        #expect(count(Self.ed25519, IssuerVectors.rsa.with("kid", "k1")) == nil)
    }

    @Test(arguments: [
        "", "{", "[]", "{}", "{\"keys\":{}}", "{\"keys\":[]}", "{\"keys\":[1]}",
        "{\"keys\":[],\"keys\":[]}", "null",
    ])
    func `what is no key set`(_ text: String) {
        #expect(throws: KeyFailure.self) { try KeySet(parsing: Array(text.utf8)) }
    }

    @Test func `a document above a mebibyte and one with too many keys are refused`() {
        let space = [UInt8](repeating: 0x20, count: KeySet.largestBytes)
        #expect(throws: KeyFailure.self) {
            try KeySet(parsing: space + FakeIssuer.document([Self.ed25519]))
        }
        let many = (0...100).map { FakeIssuer.entry("k\($0)", FakeIssuer.key(1)) }
        #expect(throws: KeyFailure.self) { try KeySet(parsing: FakeIssuer.document(many)) }
    }
}
