/// A passkey's assertion in place of a command-line key's signature (docs/auditing.md, section 11).
struct PasskeyAssertion {
    let key: [UInt8]
    let credential: [UInt8]
    private let authenticatorData: [UInt8]
    private let clientDataJSON: [UInt8]
    private let signature: [UInt8]

    init?(_ assertion: JSONObject, key: [UInt8]) {
        guard
            assertion.hasExactly("authenticatorData", "clientDataJSON", "credential", "signature")
        else { return nil }
        self.init(parsing: assertion, key: key)
    }

    /// Parses an assertion that contains the passkey's public key.
    init?(signed assertion: JSONObject) {
        guard
            assertion.hasExactly(
                "authenticatorData", "clientDataJSON", "credential", "key", "signature"),
            let key = assertion.base64("key")
        else { return nil }
        self.init(parsing: assertion, key: key)
    }

    private init?(parsing assertion: JSONObject, key: [UInt8]) {
        guard let authenticatorData = assertion.base64URL("authenticatorData"),
            let clientDataJSON = assertion.base64URL("clientDataJSON"),
            let credential = assertion.base64URL("credential"),
            let signature = assertion.base64URL("signature"), authenticatorData.count >= 37
        else { return nil }
        self.key = key
        self.credential = credential
        self.authenticatorData = authenticatorData
        self.clientDataJSON = clientDataJSON
        self.signature = signature
    }

    /// SHA-256 of the relying party's domain.
    var relyingParty: Digest? { Digest(authenticatorData[..<32]) }

    func check(signs message: [UInt8]) throws(Fault) {
        guard let client = try? JSONObject(clientDataJSON, .document),
            client.text("type")?.bytes.isText("webauthn.get") == true,
            client.base64URL("challenge") == Crypto.sha256(message).bytes
        else { throw Fault("the passkey signed something else than the vote") }
        guard client.range("topOrigin") == nil,
            client.range("crossOrigin") == nil || client.truth("crossOrigin") == false,
            let origin = client.text("origin"), isFor(origin.bytes)
        else { throw Fault("the passkey was used on another page than its own") }
        let flags = authenticatorData[32]
        guard flags & 0x45 == 0x05 else {
            throw Fault("the passkey did not see and verify its person")
        }
        let signed = authenticatorData + Crypto.sha256(clientDataJSON).bytes
        guard CredentialKey(key)?.verifies(signature, of: signed) == true else {
            throw Fault("the signature of the vote is wrong")
        }
    }

    /// Returns whether the passkey is for the page's host, or for a domain above it.
    private func isFor(_ origin: [UInt8]) -> Bool {
        let parts = origin.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count == 3, parts[1].isEmpty else { return false }
        let place = parts[2].split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard var rest = place.first, place.count == 1 || place.count == 2,
            place.count == 1 || Decimal.parse(place[1]) != nil,
            parts[0].isText("https:") || parts[0].isText("http:") && rest.isText("localhost")
        else { return false }
        while !rest.isEmpty {
            if Crypto.sha256(rest) == relyingParty { return true }
            rest = rest.drop { $0 != UInt8(ascii: ".") }.dropFirst()
        }
        return false
    }
}
