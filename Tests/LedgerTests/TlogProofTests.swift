import InterlockCredentials
import InterlockLedger
import InterlockModel
import Testing

@Suite struct TlogProofTests {
    /// Leaf 10 of the example log (docs/specs/ledger.md, section 5.1).
    static let example = """
        c2sp.org/tlog-proof@v1
        index 10
        v8jzvVrm91MeyFv9Mcfms4EX+96K3irSBdACVA1HXB0=
        LE6y9UlQSYmcA96pbWCFRweicTQjtIaqxzUU19yBmwc=

        audit.acme.example/gw1/2026
        11
        J5nqxPsD2QwvOGUxXAo726/I4/XB9MmFXj2qH1eQ7wc=

        \u{2014} audit.acme.example/gw1/2026 \
        fKMl8I3WjxECzxvID6ecyHDT3vt7JmUW3/LO1RzSDwTvKnGZExUfD6F4Ip6BgTthrv+TMSGbNLmMghQozVPTB7hLlAU=

        """
    static let vkey =
        "audit.acme.example/gw1/2026+7ca325f0+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"

    @Test func `the proof of the example log verifies and is written again to the byte`() throws {
        let key = try #require(VerifierKey(Self.vkey, hashing: hashing))
        let bytes = Array(Self.example.utf8)
        let proof = try TlogProof(parsing: bytes)
        let leaf = try #require(
            Hex.decode("73bee56a356d1d4faff7625bb681f509ef6f695adb067798e429a8f1aadbba0c")
                .flatMap { Digest(bytes: $0) })
        let head = try proof.check(
            leafHash: leaf, key: key, verifier: OpenSSLVerifier(), tree)
        #expect(head.size == 11)
        #expect(proof.encoded() == bytes)
        #expect(Array("\(TlogProof.header)\n".utf8) + proof.encoded(header: false) == bytes)
        #expect(throws: TlogProofError.badProof(.rootMismatch)) {
            try proof.check(
                leafHash: tree.emptyRoot, key: key, verifier: OpenSSLVerifier(), tree)
        }
    }

    @Test func `an extra line is kept as it is`() throws {
        let text = Self.example.replacing("index", with: "extra aGVsbG8=\nindex")
        let proof = try TlogProof(parsing: Array(text.utf8))
        #expect(proof.extra == Array("hello".utf8))
        #expect(proof.encoded() == Array(text.utf8))
    }

    @Test(arguments: [
        ("@v1", "@v2", TlogProofError.badHeader), ("index 10", "index 010", .badIndex),
        ("index 10", "index -1", .badIndex), ("index 10", "Index 10", .badIndex),
        ("index 10", "extra AA\nindex 10", .badExtra),
        ("index 10", "extra AAAA\nextra AAAA\nindex 10", .badIndex),
        ("index 10", "index 18446744073709551616", .badIndex), ("v8jz", "v8j", .badHash),
        ("=\nLE6y", "=\r\nLE6y", .badHash), ("\u{2014} ", "- ", .badCheckpoint(.badLine)),
    ])
    func `another spelling is refused`(part: String, other: String, error: TlogProofError) {
        let text = Self.example.replacing(part, with: other)
        #expect(throws: error) { try TlogProof(parsing: Array(text.utf8)) }
    }

    @Test func `a proof that ends early is refused at every byte`() {
        let bytes = Array(Self.example.utf8)
        for count in 0..<bytes.count {
            #expect(throws: TlogProofError.self) {
                try TlogProof(parsing: Array(bytes.prefix(count)))
            }
        }
    }

    @Test func `no more hashes are read than a tree can need`() {
        let hash = "v8jzvVrm91MeyFv9Mcfms4EX+96K3irSBdACVA1HXB0=\n"
        let text = Self.example.replacing(
            "index 10\n", with: "index 10\n" + String(repeating: hash, count: 62))
        #expect(throws: TlogProofError.badHash) { try TlogProof(parsing: Array(text.utf8)) }
    }
}
