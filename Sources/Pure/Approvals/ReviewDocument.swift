package import InterlockJSON
package import InterlockModel

/// What approvers are shown, and nothing else (specs of approvals, 3.2). Its commitment `bind.c`
/// stands in the leaf and in every vote, so a signature covers exactly this.
///
/// A class, because ten thousand requests that wait are handed on as values, each with one of these.
package final class ReviewDocument: Sendable {
    package let request: ApprovalID
    package let revision: Int
    package let call: CanonicalCall
    package let policy: Digest
    package let decision: ReviewedDecision
    /// Who, why and since when, as the gateway knew it: an object of its own making, no text of the
    /// agent, a model or an upstream besides the call's own arguments.
    package let facts: JSONValue
    /// Of the reviewer's template by which the facts were made; nil where the tool has none.
    package let template: Digest?
    package let json: JSONValue
    /// The RFC 8785 bytes.
    package let bytes: [UInt8]

    /// In canonical bytes of the arguments; above it a person cannot review.
    package static let largestArguments = 64 * 1024
    package static let largest = 128 * 1024
    /// Of arguments and of facts, each; deeper nobody can follow.
    package static let deepest = 64

    /// - Throws: `badMember("args", ...)` when the arguments are too large or nested too deep to review.
    package init(
        request: ApprovalID, revision: Int, call: CanonicalCall, policy: Digest,
        decision: ReviewedDecision, facts: JSONValue, template: Digest?
    ) throws(FormError) {
        guard facts.object != nil else { throw .notObject("facts") }
        for (name, value) in [("args", call.arguments), ("facts", facts)]
        where value.isDeeper(than: Self.deepest) {
            throw .badMember(name, "at most \(Self.deepest) levels deep")
        }
        var object: JSONObject = [
            "v": 1, "type": "review", "request": .string(request.text),
            "revision": .integer(Int64(revision)), "call": call.json,
            "policy": .string(policy.prefixed), "decision": decision.json, "facts": facts,
        ]
        object["template"] = template.map { .string($0.prefixed) }
        let json = JSONValue.object(object)
        do {
            guard try call.arguments.canonical().count <= ReviewDocument.largestArguments else {
                throw FormError.badMember(
                    "args", "at most \(ReviewDocument.largestArguments) bytes")
            }
            bytes = try json.canonical()
        } catch let error as JSONError {
            throw .json(error)
        } catch let error as FormError {
            throw error
        } catch {
            throw .notCanonical
        }
        guard bytes.count <= ReviewDocument.largest else {
            throw .badMember("review", "at most \(ReviewDocument.largest) bytes")
        }
        self.request = request
        self.revision = revision
        self.call = call
        self.policy = policy
        self.decision = decision
        self.facts = facts
        self.template = template
        self.json = json
    }

    package convenience init(json: JSONValue) throws(FormError) {
        let fields = try StrictFields(
            json, at: "review",
            required: [
                "v", "type", "request", "revision", "call", "policy", "decision", "facts",
            ], optional: ["template"])
        try fields.expectVersion1()
        try fields.expect("type", "review")
        try self.init(
            request: try fields.made("request", "an approval's id") { ApprovalID($0) },
            revision: Int(try fields.integer("revision", in: 1...1_000_000)),
            call: try CanonicalCall(json: try fields.value("call"), at: "review.call"),
            policy: try fields.made("policy", "a digest") { Digest(prefixed: $0) },
            decision: try ReviewedDecision(json: try fields.value("decision")),
            facts: try fields.value("facts"),
            template: fields.has("template")
                ? try fields.made("template", "a digest") { Digest(prefixed: $0) } : nil)
    }
}

extension ReviewDocument: Hashable {
    /// The bytes say all that the document says.
    package static func == (a: ReviewDocument, b: ReviewDocument) -> Bool {
        a === b || a.bytes == b.bytes
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
}

extension ReviewDocument {
    /// The fact that says who lowered the quorum, and why.
    package static let breakGlass = "break_glass"

    var factsButBreakGlass: JSONObject {
        var object = facts.object ?? [:]
        object[Self.breakGlass] = nil
        return object
    }
}

/// A review with the ledger's salted commitment to it (specs of the ledger, section 6).
package struct BoundReview: Hashable, Sendable {
    package let review: ReviewDocument
    package let salt: [UInt8]
    /// `bind.c`
    package let bind: Digest
    package let callDigest: Digest

    /// - Parameter salt: 32 random bytes, used for this review alone.
    package init(_ review: ReviewDocument, salt: [UInt8], _ hashing: some Hashing) {
        precondition(salt.count == 32)
        self.review = review
        self.salt = salt
        bind = hashing.sha256(Array("interlock/pc/1".utf8) + salt + review.bytes)
        callDigest = review.call.digest(hashing)
    }
}
