import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@Suite struct EnvelopeTests {
    @Test func `the pre-authentication encoding is the one of the DSSE specification`() {
        let message = preAuthenticationEncoding(
            "http://example.com/HelloWorld", Array("hello world".utf8))
        #expect(
            String(decoding: message, as: UTF8.self)
                == "DSSEv1 29 http://example.com/HelloWorld 11 hello world")
    }

    @Test func `an envelope comes back from its own JSON`() throws {
        let envelope = try Org().halt(1, .org)
        #expect(try Envelope(parsing: envelope.bytes) == envelope)
    }

    @Test(arguments: [
        "", "{}", "[]", "null", "{\"payloadType\":\"application/vnd.interlock.halt+json\"}",
        envelope(type: "application/json"), envelope(payload: "not base64"),
        envelope(payload: "e30"), envelope(payload: "e31="), envelope(signatures: "[]"),
        envelope(signatures: "[\(signature()),\(signature())]"),
        envelope(signatures: "[\(signature(key: "AAAA"))]"),
        envelope(signatures: "[\(signature(bytes: "AAAA"))]"),
        envelope(signatures: "[{\"keyid\":1,\"sig\":2}]"),
        envelope(more: ",\"extra\":1"), envelope(more: ",\"payload\":\"e30=\""),
    ])
    func `what is no envelope is refused`(_ text: String) {
        #expect(throws: FormError.self) { try Envelope(parsing: Array(text.utf8)) }
    }

    @Test func `the text that the refused ones were made from is accepted`() throws {
        #expect(try Envelope(parsing: Array(envelope().utf8)).payload == Array("{}".utf8))
    }

    @Test func `an envelope is signed only when every signature verifies`() throws {
        let org = Org()
        let good = org.sign(.halt, [1, 2, 3], [org.li.key, org.sam.key])
        #expect(good.isSigned(by: ForgeableSignatures()))
        let other = Envelope(
            payloadType: .release, payload: good.payload, signatures: good.signatures)
        #expect(!other.isSigned(by: ForgeableSignatures()))
        let first = good.signatures[0]
        let mixed = Envelope(
            payloadType: .halt, payload: good.payload,
            signatures: [first, .key(org.kim.key, first.bytes)])
        #expect(!mixed.isSigned(by: ForgeableSignatures()))
        let none = Envelope(payloadType: .halt, payload: good.payload, signatures: [])
        #expect(!none.isSigned(by: ForgeableSignatures()))
    }
}

private let aKey = Base64.encode([UInt8](repeating: 1, count: 32))
private let aSignature = Base64.encode([UInt8](repeating: 2, count: 64))

private func signature(key: String = aKey, bytes: String = aSignature) -> String {
    "{\"keyid\":\"\(key)\",\"sig\":\"\(bytes)\"}"
}

private func envelope(
    type: String = "application/vnd.interlock.halt+json", payload: String = "e30=",
    signatures: String? = nil, more: String = ""
) -> String {
    "{\"payloadType\":\"\(type)\",\"payload\":\"\(payload)\",\"signatures\":"
        + "\(signatures ?? "[\(signature())]")\(more)}"
}
