/// A signed statement in the JSON form of DSSE. A passkey's vote has an assertion in place of the signatures, and a
/// passkey's order has it as its signature. A vote of a batch names its request besides.
struct VoteEnvelope {
    enum Signer {
        case key([UInt8])
        case passkey(PasskeyAssertion)
    }
    let signer: Signer
    private let type: [UInt8]
    private let payload: [UInt8]
    /// The signature of a key; empty for a passkey.
    private let signature: [UInt8]
    /// The request whose vote of a batch is meant; nil for a statement that was signed alone.
    private let request: Octets?

    init?(_ bytes: [UInt8]) {
        guard let fields = try? JSONObject(bytes, .document),
            let type = fields.text("payloadType"), let payload = fields.base64("payload")
        else { return nil }
        self.type = type.bytes
        self.payload = payload
        request = fields.text("request")
        let isAlone = fields.hasExactly("payloadType", "payload", "signatures")
        if isAlone || fields.hasExactly("payloadType", "payload", "signatures", "request"),
            let signatures = fields.objects("signatures"), signatures.count == 1,
            signatures[0].hasExactly("keyid", "sig"), let key = signatures[0].base64("keyid"),
            let signature = signatures[0].base64("sig")
        {
            signer = .key(key)
            self.signature = signature
        } else if fields.hasExactly("payloadType", "payload", "assertion", "key"),
            let key = fields.base64("key"),
            let assertion = fields.object("assertion").flatMap({ PasskeyAssertion($0, key: key) })
        {
            signer = .passkey(assertion)
            signature = []
        } else if isAlone, let signatures = fields.objects("signatures"), signatures.count == 1,
            let assertion = PasskeyAssertion(signed: signatures[0])
        {
            signer = .passkey(assertion)
            signature = []
        } else {
            return nil
        }
    }

    /// Verifies the signature over the pre-authentication encoding, so that the bytes cannot pass as another kind of
    /// statement.
    func checkSignature() throws(Fault) {
        let message =
            Array("DSSEv1 \(type.count) ".utf8) + type + Array(" \(payload.count) ".utf8) + payload
        switch signer {
        case .passkey(let assertion): try assertion.check(signs: message)
        case .key(let key):
            guard Crypto.verifies(signature, of: message, by: key) else {
                throw Fault("the signature is wrong")
            }
        }
    }

    /// Returns the statement if the envelope declares this kind and the statement has it too.
    func statement(_ kind: String) -> JSONObject? {
        guard let request else { return signed(kind) }
        guard kind == "vote", let votes = signed("batch")?.objects("votes") else { return nil }
        let own = votes.filter { $0.text("request") == request }
        guard own.count == 1, own[0].text("type") == Octets(kind) else { return nil }
        return own[0]
    }

    private func signed(_ kind: String) -> JSONObject? {
        guard type == Array("application/vnd.interlock.\(kind)+json".utf8),
            let statement = try? JSONObject(payload, .record),
            statement.text("type") == Octets(kind)
        else { return nil }
        return statement
    }
}
