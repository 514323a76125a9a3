import InterlockJSON
package import InterlockModel

/// The answer of a node to a message, in the RFC 8785 form. It names the message, so it answers no other one.
///
/// ```json
/// {"at":"2026-11-30T10:04:05.123456Z","body":{},"from":"gw1","head":{...},"kind":"beat","number":7,"org":"acme",
///  "session":"<base64>","v":1}
/// ```
package struct PeerResponse: Hashable, Sendable {
    package enum Content: Hashable, Sendable {
        case beat
        /// True for each of the halts that is in force here now, in the order of the message.
        case halts([Bool])
        /// Entries in the order of their numbers, each linked to the one before it; none if there is none.
        case entries([StoredEntry])
        case witness(WitnessVerdict)

        /// The kind of the message that this answers.
        var kind: PeerMessage.Kind {
            switch self {
            case .beat: .beat
            case .halts: .halts
            case .entries: .entries
            case .witness: .witness
            }
        }
    }

    package let org: String
    package let from: NodeName
    /// The session and the number of the message.
    package let session: PeerSession
    package let number: Int64
    package let head: ChainHead
    /// The wall clock of the node.
    package let at: Timestamp
    package let content: Content

    package init(
        to message: PeerMessage, head: ChainHead, at: Timestamp, content: Content
    ) {
        org = message.org
        from = message.to
        session = message.session
        number = message.number
        self.head = head
        self.at = at
        self.content = content
    }

    /// Returns true if this is an answer to the message: by its receiver, of its kind, and not of less or more than was
    /// asked for.
    package func answers(_ message: PeerMessage) -> Bool {
        guard sameBytes(org, message.org), from == message.to,
            session == message.session, number == message.number
        else { return false }
        switch (content, message.content) {
        case (.beat, .beat), (.witness, .witness): return true
        case (.halts(let results), .halts(let halts)): return results.count == halts.count
        case (.entries(let rows), .entries(let after)):
            return rows.first.map { $0.number == after + 1 } ?? true
        case (.beat, _), (.halts, _), (.entries, _), (.witness, _): return false
        }
    }

    /// - Throws: if an entry has no digest or link.
    package func canonical() throws(FormError) -> [UInt8] {
        let body: JSONValue
        switch content {
        case .beat: body = .object([:])
        case .halts(let results): body = ["applied": .array(results.map { .bool($0) })]
        case .entries(let rows):
            var list: [JSONValue] = []
            for row in rows {
                guard let json = row.peerJSON else {
                    throw .badMember("body.entries", "entries with their digests")
                }
                list.append(json)
            }
            body = ["entries": .array(list)]
        case .witness(let verdict): body = verdict.json
        }
        let json: JSONValue = [
            "at": .string(at.rfc3339()), "body": body, "from": .string(from.text),
            "head": head.json, "kind": .string(content.kind.rawValue), "number": .integer(number),
            "org": .string(org), "session": .string(session.text), "v": 1,
        ]
        do { return try json.canonical() } catch { throw .json(error) }
    }

    /// Reads an answer of at most `PeerLimits.responseBytes`.
    ///
    /// - Throws: also if entries of one answer do not follow from each other. No chain is broken by that: the peer has not
    ///   answered.
    package init(parsing bytes: [UInt8]) throws(FormError) {
        let fields = try StrictFields(
            try StrictFields.canonicalValue(bytes, limit: PeerLimits.responseBytes),
            required: ["at", "body", "from", "head", "kind", "number", "org", "session", "v"])
        try fields.expectVersion1()
        org = try fields.string("org")
        from = try fields.node("from")
        session = try fields.made("session", "base64 of 16 bytes", PeerSession.init(written:))
        number = try fields.integer("number", in: 1...JSONValue.largestInteger)
        head = try ChainHead(json: try fields.value("head"), at: "head")
        at = try fields.time("at", fractionDigits: 6)
        let body = try fields.value("body")
        switch try fields.made("kind", "a known kind", PeerMessage.Kind.init(rawValue:)) {
        case .beat:
            _ = try StrictFields(body, at: "body", required: [])
            content = .beat
        case .halts:
            let list = try StrictFields(body, at: "body", required: ["applied"])
            let results = try list.array("applied", count: 1...PeerLimits.haltsOfMessage)
            guard results.allSatisfy({ $0.bool != nil }) else {
                throw list.bad("applied", "a list of true or false")
            }
            content = .halts(results.compactMap(\.bool))
        case .entries:
            let list = try StrictFields(body, at: "body", required: ["entries"])
            content = .entries(
                try Self.rows(list.array("entries", count: 0...PeerLimits.entries)))
        case .witness: content = .witness(try WitnessVerdict(json: body, at: "body"))
        }
    }

    private static func rows(_ list: [JSONValue]) throws(FormError) -> [StoredEntry] {
        var rows: [StoredEntry] = []
        for (index, json) in list.enumerated() {
            let path = "body.entries[\(index)]"
            let row = try StoredEntry(peer: json, at: path, bodyLimit: EntryLimits.body)
            if let last = rows.last {
                guard row.number == last.number + 1, row.previous == last.digest else {
                    throw .badMember(path, "the entry after the one before it")
                }
            }
            rows.append(row)
        }
        return rows
    }
}

extension [StoredEntry] {
    /// The rows that fit one answer: at least the first, if there is one.
    package var pageForPeer: [StoredEntry] {
        var bytes = 0
        var page: [StoredEntry] = []
        for row in self.prefix(PeerLimits.entries) {
            bytes += row.body?.count ?? 0
            if !page.isEmpty, bytes > PeerLimits.entryBytes { break }
            page.append(row)
        }
        return page
    }
}
