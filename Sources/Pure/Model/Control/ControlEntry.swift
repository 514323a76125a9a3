package import InterlockJSON

/// A change that is not in the control log yet.
package struct ControlDraft: Hashable, Sendable {
    package let kind: ControlKind
    /// The thing that the change is about; of all entries about it, the newest holds.
    package let subject: String
    /// The canonical bytes of a JSON object.
    package let body: [UInt8]

    package init(_ kind: ControlKind, _ subject: String, _ body: JSONObject) {
        self.init(kind, subject, rawBody: JSONValue.object(body).serialized())
    }

    /// - Parameter rawBody: verified when the entry is made.
    package init(_ kind: ControlKind, _ subject: String, rawBody: [UInt8]) {
        self.kind = kind
        self.subject = subject
        body = rawBody
    }
}

/// An entry as it was read: nothing of it is verified.
package struct StoredControlEntry: Hashable, Sendable {
    package let number: Int64
    /// Is nil if the stored value is no digest.
    package let previous: Digest?
    package let digest: Digest?
    package let kind: String
    package let subject: String
    package let body: [UInt8]
    package let node: String
    package let at: Timestamp

    package init(
        number: Int64, previous: Digest?, digest: Digest?, kind: String, subject: String,
        body: [UInt8], node: String, at: Timestamp
    ) {
        self.number = number
        self.previous = previous
        self.digest = digest
        self.kind = kind
        self.subject = subject
        self.body = body
        self.node = node
        self.at = at
    }
}

/// An entry of the control log whose kind is known, whose body is a JSON object, and whose digest covers it.
package struct ControlEntry: Hashable, Sendable {
    /// The position in the log, from 1.
    package let number: Int64
    /// The digest of the entry before; all zeros for the first.
    package let previous: Digest
    package let digest: Digest
    package let kind: ControlKind
    package let subject: String
    package let body: JSONObject
    /// The node that appended the entry, and the time by its clock.
    package let node: String
    package let at: Timestamp
    package let bodyBytes: [UInt8]

    /// Makes the entry that follows `head`.
    ///
    /// - Throws: `malformedBody` if the draft could not be read again.
    package init(
        _ draft: ControlDraft, after head: ControlHead, node: String, at: Timestamp,
        hashing: some Hashing
    ) throws(ControlFault) {
        let number = head.number + 1
        try self.init(
            StoredControlEntry(
                number: number, previous: head.digest,
                digest: Self.digest(
                    number, head.digest, draft.kind.rawValue, draft.subject, draft.body, node, at,
                    hashing),
                kind: draft.kind.rawValue, subject: draft.subject, body: draft.body, node: node,
                at: at), hashing: hashing)
    }

    /// Verifies an entry by itself. Its place in the log is for `ControlChain` to verify.
    package init(_ stored: StoredControlEntry, hashing: some Hashing) throws(ControlFault) {
        number = stored.number
        guard let kind = ControlKind(rawValue: stored.kind) else {
            throw .unknownKind(stored.number, stored.kind)
        }
        guard let previous = stored.previous else { throw .wrongLink(stored.number) }
        guard
            let digest = stored.digest,
            digest
                == Self.digest(
                    number, previous, stored.kind, stored.subject, stored.body, stored.node,
                    stored.at, hashing)
        else { throw .wrongDigest(stored.number) }
        guard let body = (try? JSONValue(parsing: stored.body, limits: .stored))?.object else {
            throw .malformedBody(stored.number)
        }
        self.previous = previous
        self.digest = digest
        self.kind = kind
        self.body = body
        subject = stored.subject
        bodyBytes = stored.body
        node = stored.node
        at = stored.at
    }

    /// SHA-256 of the previous digest, number, time, kind, subject, node and body. Numbers have eight bytes, most
    /// significant first, and each text follows its length, so that no two entries have one encoding.
    private static func digest(
        _ number: Int64, _ previous: Digest, _ kind: String, _ subject: String, _ body: [UInt8],
        _ node: String, _ at: Timestamp, _ hashing: some Hashing
    ) -> Digest {
        var bytes = previous.bytes + Array("interlock/control/1\0".utf8)
        func add(_ number: Int64) {
            let bits = UInt64(bitPattern: number)
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift)))
            }
        }
        add(number)
        add(at.microseconds)
        for text in [Array(kind.utf8), Array(subject.utf8), Array(node.utf8), body] {
            add(Int64(text.count))
            bytes += text
        }
        return hashing.sha256(bytes.span)
    }
}
