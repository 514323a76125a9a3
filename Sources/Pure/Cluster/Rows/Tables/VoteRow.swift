package import InterlockJSON
package import InterlockModel

/// The approval of a request by one person, and the log that has it. The person's own signature is in the content, and
/// is not verified here.
package struct VoteRow: ClusterRow {
    package let request: ApprovalID
    /// The revision of the review.
    package let revision: Int64
    package let person: Pseudonym
    /// The log that has the vote, and the index in it.
    package let origin: ExactText
    package let leaf: Int64
    /// The stored form of the vote's proof.
    package let content: JSONValue

    package struct Columns: RowColumns {
        package var request: String
        package var revision: Int64
        package var person: String
        package var origin: String
        package var leaf: Int64
        package var node: String

        package init(
            request: String, revision: Int64, person: String, origin: String, leaf: Int64,
            node: String
        ) {
            self.request = request
            self.revision = revision
            self.person = person
            self.origin = origin
            self.leaf = leaf
            self.node = node
        }

        package var address: RowAddress {
            RowAddress(.vote, "\(request)/\(person)", revision: revision)
        }
    }

    package var version: Int64 { 1 }
    package var address: RowAddress {
        RowAddress(.vote, "\(request.text)/\(person.text)", revision: revision)
    }
    package var columns: JSONObject {
        ["leaf": .integer(leaf), "origin": .string(origin.text)]
    }

    package init(
        _ request: ApprovalID, revision: Int64, person: Pseudonym, origin: ExactText, leaf: Int64,
        content: JSONValue
    ) {
        self.request = request
        self.revision = revision
        self.person = person
        self.origin = origin
        self.leaf = leaf
        self.content = content
    }

    package init(
        _ address: RowAddress, version: Int64, columns: JSONValue, content: JSONValue
    ) throws(FormError) {
        // The id has a fixed length, and a pseudonym can have a `/`.
        let key = address.key.text.utf8
        guard address.table == .vote, version == 1,
            let request = ApprovalID(String(Substring(key.prefix(ApprovalID.length)))),
            key.dropFirst(ApprovalID.length).first == UInt8(ascii: "/"),
            let person = Pseudonym(
                written: String(Substring(key.dropFirst(ApprovalID.length + 1))))
        else { throw .badMember("key", "that of a vote") }
        let fields = try StrictFields(columns, at: "columns", required: ["leaf", "origin"])
        self.init(
            request, revision: address.revision, person: person,
            origin: ExactText(try fields.string("origin", length: 1...256)),
            leaf: try fields.integer("leaf", in: 0...JSONValue.largestInteger), content: content)
    }

    package func otherColumn(in columns: Columns, node: NodeName) -> String? {
        if !sameBytes(columns.origin, origin.text) { return "origin" }
        if columns.leaf != leaf { return "leaf" }
        if !sameBytes(columns.node, node.text) { return "node" }
        return nil
    }
}
