import InterlockCredentials
import InterlockLedger
import InterlockModel
import Testing

@Suite struct NoteTests {
    static let foo = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    static let message =
        "This is an example message.\n\n\u{2014} example.com/foo "
        + "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"

    @Test func `the signed note of the specification verifies, and its key has one spelling`()
        throws
    {
        let key = try #require(VerifierKey(Self.foo, hashing: hashing))
        #expect(key.description == Self.foo)
        let note = try SignedNote(parsing: Array(Self.message.utf8))
        #expect(note.text == "This is an example message.\n")
        try note.verify([key], OpenSSLVerifier())
    }

    @Test func `a known key whose signature fails rejects the note, an unknown one does not help`()
        throws
    {
        let key = try #require(VerifierKey(Self.foo, hashing: hashing))
        let other = try #require(
            VerifierKey(
                name: "example.com/bar", publicKey: key.publicKey, hashing: hashing))
        let edited = Self.message.replacing("example message", with: "Example message")
        let note = try SignedNote(parsing: Array(edited.utf8))
        #expect(throws: NoteError.badSignature("example.com/foo")) {
            try note.verify([key], OpenSSLVerifier())
        }
        #expect(throws: NoteError.noKnownSignature) { try note.verify([other], OpenSSLVerifier()) }
    }

    @Test(arguments: [
        ("", NoteError.noSignatures), ("text\n", .noSignatures), ("text\n\n", .badLine),
        ("text\n\nx\n", .badLine), ("te\u{1}xt\n\n\u{2014} a QUFBQUE=\n", .notText),
        ("text\n\n\u{2014} a QUFBQUE\n", .badLine), ("text\n\n\u{2014} a+b QUFBQUE=\n", .badLine),
        ("text\n\n\u{2014} a QUFBQUE=", .noSignatures), ("\n\n\u{2014} a QUFBQUE=", .noSignatures),
    ])
    func `what is no signed note is refused`(text: String, error: NoteError) {
        #expect(throws: error) { try SignedNote(parsing: Array(text.utf8)) }
    }

    @Test func `up to 64 signature lines are read, of which one must be known`() throws {
        let key = try #require(VerifierKey(Self.foo, hashing: hashing))
        let other = "\u{2014} example.com/other QUFBQUE=\n"
        for count in [16, 63] {
            let note = try SignedNote(
                parsing: Array((Self.message + String(repeating: other, count: count)).utf8))
            #expect(note.signatures.count == count + 1)
            try note.verify([key], OpenSSLVerifier())
        }
        #expect(throws: NoteError.tooManySignatures) {
            try SignedNote(
                parsing: Array((Self.message + String(repeating: other, count: 64)).utf8))
        }
    }

    @Test func `the checkpoint and the proof of the example log verify`() throws {
        let vkey =
            "audit.acme.example/gw1/2026+7ca325f0+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
        let key = try #require(VerifierKey(vkey, hashing: hashing))
        let text =
            "audit.acme.example/gw1/2026\n11\nJ5nqxPsD2QwvOGUxXAo726/I4/XB9MmFXj2qH1eQ7wc=\n\n"
            + "\u{2014} audit.acme.example/gw1/2026 fKMl8I3WjxECzxvID6ecyHDT3vt7JmUW3/LO1RzSDwTvKn"
            + "GZExUfD6F4Ip6BgTthrv+TMSGbNLmMghQozVPTB7hLlAU=\n"
        let head = try Checkpoint(
            signed: Array(text.utf8), key: key, verifier: OpenSSLVerifier())
        #expect(head.size == 11)
        let leaf = "73bee56a356d1d4faff7625bb681f509ef6f695adb067798e429a8f1aadbba0c"
        try tree.checkInclusion(
            index: 10, size: 11, leafHash: try #require(Hex.decode(leaf)),
            proof: [
                try #require(Base64.decode("v8jzvVrm91MeyFv9Mcfms4EX+96K3irSBdACVA1HXB0=")),
                try #require(Base64.decode("LE6y9UlQSYmcA96pbWCFRweicTQjtIaqxzUU19yBmwc=")),
            ], root: head.root.bytes)
        // Ed25519 is deterministic: the seed of the example signs the same bytes.
        let secret = try #require(Ed25519PrivateKey(seed: Array(0..<32)))
        let signer = LogKey(
            name: key.name, publicKey: secret.publicKey, sign: { secret.sign($0) })
        #expect(head.signed(id: key.id, by: signer) == Array(text.utf8))
    }
}
