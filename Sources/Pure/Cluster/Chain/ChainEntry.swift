package import InterlockModel

/// An entry whose bytes were judged by themselves: its body is a control statement of one node in the only spelling,
/// number, link and digest fit the entry before, and the columns of the store say the same as the statement. Signatures
/// are not verified yet; `ChainState.apply` does so.
package struct ChainEntry: Hashable, Sendable {
    package let number: Int64
    package let previous: Digest
    package let digest: Digest
    package let statement: ControlStatement
    /// The statement's envelope, with exactly one signature, by a key.
    package let envelope: Envelope
    /// The subject in the store. `apply` compares it for a kind that widens.
    package let subject: String
    package let body: [UInt8]

    package var head: ChainHead { ChainHead(number: number, digest: digest) }
    package var kind: EntryKind { statement.content.kind }
    package var node: NodeName { statement.node }
    package var at: Timestamp { statement.at }

    /// The link of the first entry.
    package static let origin = Digest(words: (0, 0, 0, 0))

    /// The digest of an entry: SHA-256 of the digest before it and of its body. Number, kind, subject and node follow from
    /// these.
    package static func digest(
        after previous: Digest, body: [UInt8], hashing: any Hashing
    ) -> Digest { hashing.sha256(previous.bytes + body) }

    /// Reads the entry that follows `head`; nil is the head of an empty chain.
    ///
    /// - Throws: `unknownKind` only if all else that can be compared without knowing the kind is as it must be.
    package init(
        _ stored: StoredEntry, after head: ChainHead?, hashing: any Hashing
    ) throws(EntryRejection) {
        let number = try Self.linked(stored, after: head)
        guard let body = stored.body else { throw .fault(.wrongDigest(number)) }
        let previous = head?.digest ?? Self.origin
        guard let digest = stored.digest,
            digest == Self.digest(after: previous, body: body, hashing: hashing)
        else { throw .fault(.wrongDigest(number)) }
        let limit = number == 0 ? EntryLimits.genesisBody : EntryLimits.body
        let envelope: Envelope
        do throws(FormError) {
            envelope = try Envelope(parsing: body, payloadLimit: limit)
        } catch { throw .fault(.malformed(number, error)) }
        guard envelope.payloadType == .control, envelope.signatures.count == 1,
            envelope.signatures[0].key != nil, envelope.bytes == body
        else {
            throw .fault(.malformed(number, .badMember("body", "one node's control statement")))
        }
        if EntryKind(text: stored.kind) == nil {
            guard let kind = ControlStatement.kindText(in: envelope.payload, limit: limit),
                kind.utf8.elementsEqual(stored.kind.utf8)
            else { throw .fault(.otherColumn(number, "kind")) }
            throw .unknownKind(number, kind)
        }
        let statement: ControlStatement
        do throws(FormError) {
            statement = try ControlStatement(parsing: envelope.payload, limit: limit)
        } catch { throw .fault(.malformed(number, error)) }
        if let column = Self.otherColumn(stored, than: statement) {
            throw .fault(.otherColumn(number, column))
        }
        self.number = number
        self.previous = previous
        self.digest = digest
        self.statement = statement
        self.envelope = envelope
        self.subject = stored.subject
        self.body = body
    }

    /// Verifies number and link of a row, which has them also if its body was dropped.
    ///
    /// - Returns: the number.
    static func linked(
        _ stored: StoredEntry, after head: ChainHead?
    ) throws(EntryRejection) -> Int64 {
        let expected = head.map { $0.number + 1 } ?? 0
        guard stored.number == expected else {
            throw .fault(.gap(expected: expected, found: stored.number))
        }
        guard stored.previous == head?.digest ?? origin else { throw .fault(.wrongLink(expected)) }
        return expected
    }

    /// Returns the name of the first column that says something else than the statement.
    private static func otherColumn(
        _ stored: StoredEntry, than statement: ControlStatement
    ) -> String? {
        let isGenesis = statement.content.kind == .genesis
        guard stored.kind.utf8.elementsEqual(statement.content.kind.text.utf8),
            isGenesis == (stored.number == 0)
        else { return "kind" }
        guard stored.node.utf8.elementsEqual(statement.node.text.utf8) else { return "node" }
        if let subject = statement.content.subject {
            guard stored.subject.utf8.elementsEqual(subject.utf8) else { return "subject" }
        }
        return EntryLimits.subject.contains(stored.subject.utf8.count) ? nil : "subject"
    }
}

extension ChainEntry {
    /// The row of the entry, as it was read.
    package var stored: StoredEntry {
        StoredEntry(
            number: number, previous: previous, digest: digest, kind: kind.text, subject: subject,
            body: body, node: node.text)
    }
}

/// A change that a node wants to append: the body that its signer made, and what the store needs to make the row.
package struct EntryDraft: Hashable, Sendable {
    package let kind: EntryKind
    package let subject: String
    package let body: [UInt8]
    package let node: NodeName

    /// - Parameters:
    ///   - subject: the subject of a kind that widens; the others have their own.
    ///   - sign: returns the 64 bytes of the signature of a message by the key of the node's log.
    package init(
        _ statement: ControlStatement, subject: String = "", key: PublicKey,
        sign: (_ message: [UInt8]) -> [UInt8]
    ) throws(FormError) {
        let payload = try statement.canonical()
        let message = preAuthenticationEncoding(PayloadType.control.text, payload)
        let envelope = Envelope(
            payloadType: .control, payload: payload, signatures: [.key(key, sign(message))])
        kind = statement.content.kind
        self.subject = statement.content.subject ?? subject
        body = envelope.bytes
        node = statement.node
    }

    /// Returns the row that the store makes of the draft after `head`.
    package func stored(after head: ChainHead?, hashing: any Hashing) -> StoredEntry {
        let previous = head?.digest ?? ChainEntry.origin
        return StoredEntry(
            number: head.map { $0.number + 1 } ?? 0, previous: previous,
            digest: ChainEntry.digest(after: previous, body: body, hashing: hashing),
            kind: kind.text, subject: subject, body: body, node: node.text)
    }
}
