package import InterlockJSON
package import InterlockModel

/// A session of a person, as the node signs it that verified the passkey or has seen the session used.
package struct SessionRow: ClusterRow {
    /// The hash of the token in the cookie.
    package let token: Digest
    package let person: Pseudonym
    package let ends: Timestamp
    /// The stored form of the session.
    package let content: JSONValue

    package struct Columns: RowColumns {
        /// The hash of the token, in hexadecimal digits.
        package var token: String
        package var person: String
        package var ends: Timestamp
        package var isEnded: Bool
        package var node: String

        package init(token: String, person: String, ends: Timestamp, isEnded: Bool, node: String) {
            self.token = token
            self.person = person
            self.ends = ends
            self.isEnded = isEnded
            self.node = node
        }

        package var address: RowAddress { RowAddress(.session, token) }
    }

    package var version: Int64 { 1 }
    package var address: RowAddress { RowAddress(.session, token.hex) }
    package var columns: JSONObject {
        ["ends": .string(ends.rfc3339()), "person": .string(person.text)]
    }

    /// - Throws: `badMember` if the content is the session of another person.
    package init(
        _ token: Digest, person: Pseudonym, ends: Timestamp, content: JSONValue
    ) throws(FormError) {
        guard content["person"] == .string(person.text) else {
            throw .badMember("content.person", "the person of the row")
        }
        self.token = token
        self.person = person
        self.ends = ends
        self.content = content
    }

    package init(
        _ address: RowAddress, version: Int64, columns: JSONValue, content: JSONValue
    ) throws(FormError) {
        guard address.table == .session, address.revision == 1, version == 1,
            let token = Digest(hex: address.key.text)
        else { throw .badMember("key", "that of a session") }
        let fields = try StrictFields(columns, at: "columns", required: ["ends", "person"])
        try self.init(
            token, person: try fields.pseudonym("person"),
            ends: try fields.time("ends", fractionDigits: 6), content: content)
    }

    package func otherColumn(in columns: Columns, node: NodeName) -> String? {
        if !sameBytes(columns.person, person.text) { return "person" }
        if columns.ends != ends { return "ends" }
        if !sameBytes(columns.node, node.text) { return "node" }
        return nil
    }

    /// The token that an entry `token.end` names to end the session: the store could set the column back.
    package var tokenEnd: ExactText { ExactText("session/\(token.hex)") }
}

extension VerifiedRow<SessionRow> {
    /// Returns true until the session ends by time, by its column or by an entry.
    package func isLive(at now: Timestamp, in state: ChainState) -> Bool {
        !columns.isEnded && now < row.ends && !state.tokensEnded.contains(row.tokenEnd)
    }
}
