package import InterlockJSON
package import InterlockModel

/// A challenge for a passkey, so that any node can verify the answer.
package struct ChallengeRow: ClusterRow {
    /// The purposes of a challenge, as the port of challenges has them.
    package enum Purpose: Hashable, Sendable {
        /// A sign-in with the session key of this digest.
        case signIn(Digest)
        /// The enrolment of a passkey by the holder of this invitation.
        case enrolment(Digest)
    }

    /// SHA-256 of the challenge: readers of the database see the key.
    package let challenge: Digest
    package let purpose: Purpose
    package let ends: Timestamp

    /// `challenge_take` returns the body alone; what it does not return is nil.
    package struct Columns: RowColumns {
        /// The hash of the challenge, in hexadecimal digits.
        package var challenge: String
        package var ends: Timestamp?
        package var node: String?

        package init(challenge: String, ends: Timestamp? = nil, node: String? = nil) {
            self.challenge = challenge
            self.ends = ends
            self.node = node
        }

        package var address: RowAddress { RowAddress(.challenge, challenge) }
    }

    package var version: Int64 { 1 }
    package var address: RowAddress { RowAddress(.challenge, challenge.hex) }
    package var columns: JSONObject { ["ends": .string(ends.rfc3339())] }
    package var content: JSONValue {
        switch purpose {
        case .signIn(let key): ["sign-in": .string(key.prefixed)]
        case .enrolment(let invitation): ["enrolment": .string(invitation.prefixed)]
        }
    }

    package init(_ challenge: Digest, for purpose: Purpose, ends: Timestamp) {
        self.challenge = challenge
        self.purpose = purpose
        self.ends = ends
    }

    package init(
        _ address: RowAddress, version: Int64, columns: JSONValue, content: JSONValue
    ) throws(FormError) {
        guard address.table == .challenge, address.revision == 1, version == 1,
            let challenge = Digest(hex: address.key.text)
        else { throw .badMember("key", "that of a challenge") }
        let fields = try StrictFields(columns, at: "columns", required: ["ends"])
        let purpose = try StrictFields(
            content, at: "content", required: [], optional: ["sign-in", "enrolment"])
        guard purpose.has("sign-in") != purpose.has("enrolment") else {
            throw .badMember("content", "one purpose")
        }
        self.init(
            challenge,
            for: purpose.has("sign-in")
                ? .signIn(try purpose.digest("sign-in"))
                : .enrolment(try purpose.digest("enrolment")),
            ends: try fields.time("ends", fractionDigits: 6))
    }

    package func otherColumn(in columns: Columns, node: NodeName) -> String? {
        if let other = columns.ends, other != ends { return "ends" }
        if let other = columns.node, !sameBytes(other, node.text) { return "node" }
        return nil
    }
}
