import InterlockCredentials
import InterlockModel
import InterlockTesting
import Testing

@Suite struct CryptoTests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func `SHA-256 gives the answers of FIPS 180-4`(_ text: String, _ digest: String) {
        #expect(OpenSSLHashing().sha256(Array(text.utf8)).hex == digest)
    }

    @Test func `SHA-256 of two parts is that of both as one`() {
        let whole = (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        for split in [0, 1, 63, 64, 65, 128, 299, 300] {
            let parts = OpenSSLHashing().sha256(
                whole.span.extracting(..<split), whole.span.extracting(split...))
            #expect(parts == OpenSSLHashing().sha256(whole))
        }
    }

    @Test func `SHA-256 is the same on many threads at once`() async {
        let input = [UInt8](repeating: 0x61, count: 600)
        let expected = OpenSSLHashing().sha256(input)
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    (0..<200).allSatisfy { _ in OpenSSLHashing().sha256(input) == expected }
                }
            }
            for await same in group { #expect(same) }
        }
    }

    @Test func `HMAC-SHA256 gives the answers of RFC 4231`() {
        #expect(
            Hex.encode(hmacSHA256(key: [UInt8](repeating: 0x0b, count: 20), Array("Hi There".utf8)))
                == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
        #expect(
            Hex.encode(
                hmacSHA256(key: Array("Jefe".utf8), Array("what do ya want for nothing?".utf8)))
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }

    /// RFC 8032, section 7.1.
    @Test(arguments: [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ])
    func `Ed25519 gives the answers of RFC 8032`(
        _ secret: String, _ publicKey: String, _ message: String, _ signature: String
    ) throws {
        let key = try #require(Ed25519PrivateKey(seed: Hex.decode(secret).unwrapped))
        let bytes = try #require(Hex.decode(message))
        #expect(Hex.encode(key.publicKey.bytes) == publicKey)
        #expect(Hex.encode(key.sign(bytes)) == signature)
        let verifier = OpenSSLVerifier()
        var signed = key.sign(bytes)
        #expect(verifier.verifies(signed, of: bytes, by: key.publicKey.bytes))
        #expect(!verifier.verifies(signed, of: bytes + [0], by: key.publicKey.bytes))
        #expect(!verifier.verifies(Array(signed.dropLast()), of: bytes, by: key.publicKey.bytes))
        #expect(!verifier.verifies(signed, of: bytes, by: Array(key.publicKey.bytes.dropLast())))
        signed[0] ^= 1
        #expect(!verifier.verifies(signed, of: bytes, by: key.publicKey.bytes))
    }

    @Test func `a seed of another length makes no key`() {
        #expect(Ed25519PrivateKey(seed: []) == nil)
        #expect(Ed25519PrivateKey(seed: [UInt8](repeating: 1, count: 31)) == nil)
        #expect(Ed25519PrivateKey(seed: [UInt8](repeating: 1, count: 64)) == nil)
    }

    @Test func `secrets are equal byte by byte`() {
        #expect(constantTimeEqual([1, 2, 3], [1, 2, 3]))
        #expect(!constantTimeEqual([1, 2, 3], [1, 2, 4]))
        #expect(!constantTimeEqual([1, 2, 3], [1, 2]))
        #expect(constantTimeEqual([], []))
    }

    @Test func `a pseudonym is the head of the message code over issuer and address`() {
        let person = Person("Li@Acme.example").unwrapped
        let pseudonym = HMACPseudonyms(secret: seed(1)).pseudonym(of: person)
        let code = hmacSHA256(key: seed(1), Array("local\0li@acme.example".utf8))
        #expect(pseudonym.text == Base64.encode(Array(code.prefix(16))))
        #expect(Pseudonym(written: pseudonym.text) != nil)
        #expect(HMACPseudonyms(secret: seed(2)).pseudonym(of: person) != pseudonym)
    }

    @Test func `random bytes come in any number and do not repeat`() {
        let entropy = SystemEntropy()
        #expect(entropy.bytes(0).isEmpty)
        #expect(entropy.bytes(1000).count == 1000)
        #expect(entropy.bytes(32) != entropy.bytes(32))
    }

    @Test func `the clocks move forward and the boot has an id`() throws {
        let before = SystemClock().now
        let after = SystemClock().now
        #expect(after.boot >= before.boot)
        #expect(before.wall.seconds > 1_700_000_000)
        let boot = try BootID.current()
        #expect(boot.full.count == 36)
        #expect(boot.short.count == 8)
    }

    /// The example of docs/specs/kill-switch.md, section 3.
    @Test func `the signed halt of the specification verifies`() throws {
        let text = """
            {"at":"2026-11-20T10:04:05.123456Z","author":"qAtvNSliVAlAcLHGLhmnpA==",\
            "id":"01kag0r2b4d6f8h0k2m4p6r8t0","org":"acme",\
            "reason":"repeated refunds to one account","scope":"agent","target":"refunds",\
            "type":"halt","v":1}
            """
        let message = preAuthenticationEncoding(PayloadType.halt.text, Array(text.utf8))
        #expect(
            OpenSSLHashing().sha256(message).hex
                == "082ffa144ea8004d4939b69e30dad0c5eebfa1c076ec1249e53bbe4ec93505df")
        let secret = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
        let key = try #require(Ed25519PrivateKey(seed: Hex.decode(secret).unwrapped))
        #expect(
            Base64.encode(key.sign(message))
                == "B+PEdT+mw2r+dGtcfPgq2Sj3iw5X8B8kq2iWOp/4Fc0A0KhGF7xP+XAPB35eVHjdcxwosjShy8SQYjbH8dYmDQ=="
        )
    }
}
