/// A signed statement of an evidence pack: DSSE in JSON, with signatures by keys or passkeys.
struct PackEnvelope {
    let type: Octets
    let payload: [UInt8]
    /// The keys and passkeys that signed it.
    let signers: [PackSigner]

    static let maximumSignatures = 16

    /// - Throws: if the bytes are no envelope, or a signature is wrong.
    init(_ bytes: [UInt8]) throws(Fault) {
        guard let fields = try? JSONObject(bytes, .document),
            fields.hasExactly("payload", "payloadType", "signatures"),
            let type = fields.text("payloadType"), let payload = fields.base64("payload"),
            let signatures = fields.objects("signatures"),
            (1...PackEnvelope.maximumSignatures).contains(signatures.count)
        else { throw Fault("it is no signed statement") }
        self.type = type
        self.payload = payload
        let message = PackEnvelope.message(type.bytes, payload)
        var signers: [PackSigner] = []
        for signature in signatures {
            if let assertion = PasskeyAssertion(signed: signature) {
                do throws(Fault) { try assertion.check(signs: message) } catch {
                    throw Fault("a signature is wrong")
                }
                signers.append(PackSigner(assertion))
            } else {
                guard signature.hasExactly("keyid", "sig"), let key = signature.base64("keyid"),
                    let value = signature.base64("sig")
                else { throw Fault("a signature is malformed") }
                guard Crypto.verifies(value, of: message, by: key) else {
                    throw Fault("the signature of the key `\(Base64.encode(key))` is wrong")
                }
                signers.append(PackSigner(key: key))
            }
        }
        guard Set(signers.map(\.credential)).count == signers.count else {
            throw Fault("a key signed twice")
        }
        self.signers = signers
    }

    /// The pre-authentication encoding of DSSE, version 1.
    static func message(_ type: [UInt8], _ payload: [UInt8]) -> [UInt8] {
        Array("DSSEv1 \(type.count) ".utf8) + type + Array(" \(payload.count) ".utf8) + payload
    }

    /// The payload type of a kind of statement.
    static func payloadType(_ kind: String) -> Octets {
        Octets("application/vnd.interlock.\(kind)+json")
    }
}
