import InterlockJSON
package import InterlockModel

/// A message of one node to another, in the RFC 8785 form. TLS says who sends it; names, organisation, session and number
/// say that it is meant for this node, now.
///
/// ```json
/// {"body":{},"from":"gw2","head":{"digest":"sha256:...","n":12},"kind":"beat","number":7,"org":"acme",
///  "session":"<base64>","to":"gw1","v":1}
/// ```
package struct PeerMessage: Hashable, Sendable {
    package enum Kind: String, Sendable {
        case beat, halts, entries, witness
    }

    package enum Content: Hashable, Sendable {
        case beat
        /// Halts, each as people or a node signed it; they apply before the chain has them.
        case halts([Envelope])
        /// Asks for the entries after this number.
        case entries(after: Int64)
        case witness(WitnessRequest)

        package var kind: Kind {
            switch self {
            case .beat: .beat
            case .halts: .halts
            case .entries: .entries
            case .witness: .witness
            }
        }
    }

    /// The path at the listener for nodes; the method is POST.
    package static let path = "/v1/peer"

    package let org: String
    package let from: NodeName
    package let to: NodeName
    package let session: PeerSession
    /// The number of the message in the session, from 1, of those to this receiver.
    package let number: Int64
    /// The newest entry that the sender has applied.
    package let head: ChainHead
    package let content: Content

    package init(
        org: String, from: NodeName, to: NodeName, session: PeerSession, number: Int64,
        head: ChainHead, content: Content
    ) {
        self.org = org
        self.from = from
        self.to = to
        self.session = session
        self.number = number
        self.head = head
        self.content = content
    }

    package func canonical() throws(FormError) -> [UInt8] {
        let body: JSONValue
        switch content {
        case .beat: body = .object([:])
        case .halts(let halts): body = ["halts": .array(halts.map(\.json))]
        case .entries(let after): body = ["after": .integer(after)]
        case .witness(let request):
            guard let json = request.json else {
                throw .badMember("body.use", "an entry with its digest")
            }
            body = json
        }
        let json: JSONValue = [
            "body": body, "from": .string(from.text), "head": head.json,
            "kind": .string(content.kind.rawValue), "number": .integer(number), "org": .string(org),
            "session": .string(session.text), "to": .string(to.text), "v": 1,
        ]
        do { return try json.canonical() } catch { throw .json(error) }
    }

    /// Reads a message of at most `PeerLimits.messageBytes`.
    package init(parsing bytes: [UInt8]) throws(FormError) {
        let fields = try StrictFields(
            try StrictFields.canonicalValue(bytes, limit: PeerLimits.messageBytes),
            required: ["body", "from", "head", "kind", "number", "org", "session", "to", "v"])
        try fields.expectVersion1()
        org = try fields.string("org")
        from = try fields.node("from")
        to = try fields.node("to")
        session = try fields.made("session", "base64 of 16 bytes", PeerSession.init(written:))
        number = try fields.integer("number", in: 1...JSONValue.largestInteger)
        head = try ChainHead(json: try fields.value("head"), at: "head")
        let body = try fields.value("body")
        switch try fields.made("kind", "a known kind", Kind.init(rawValue:)) {
        case .beat:
            _ = try StrictFields(body, at: "body", required: [])
            content = .beat
        case .halts:
            let list = try StrictFields(body, at: "body", required: ["halts"])
            content = .halts(
                try Self.halts(list.array("halts", count: 1...PeerLimits.haltsOfMessage)))
        case .entries:
            let question = try StrictFields(body, at: "body", required: ["after"])
            content = .entries(
                after: try question.integer("after", in: 0...JSONValue.largestInteger))
        case .witness: content = .witness(try WitnessRequest(json: body, at: "body"))
        }
        // An envelope in it may be read in more than one spelling.
        guard try canonical() == bytes else { throw .notCanonical }
    }

    private static func halts(_ list: [JSONValue]) throws(FormError) -> [Envelope] {
        var halts: [Envelope] = []
        for (index, json) in list.enumerated() {
            let path = "body.halts[\(index)]"
            let envelope = try Envelope(json: json, at: path)
            guard (try? HaltOrder(envelope)) != nil else {
                throw .badMember(path, "the envelope of a halt")
            }
            halts.append(envelope)
        }
        return halts
    }
}
