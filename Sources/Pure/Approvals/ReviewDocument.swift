package import InterlockJSON
package import InterlockModel

/// The complete content that approvers see (docs/specs/approvals.md, section 3.2). Its commitment `bind.c` is in the
/// record and in every vote, so a signature covers exactly this content.
///
/// A class, because up to ten thousand pending requests are copied as values and each holds one.
package final class ReviewDocument: Sendable {
    package let request: ApprovalID
    package let revision: Int
    package let call: CanonicalCall
    package let policy: Digest
    package let decision: ReviewedDecision
    /// The facts about people, purpose and time that the gateway collected: an object that contains no text of the
    /// agent, a model or an upstream except the call's own arguments.
    package let facts: JSONValue
    /// The digest of the reviewer's template that produced the facts, or nil for a tool without a template.
    package let template: Digest?
    package let json: JSONValue
    /// The RFC 8785 bytes.
    package let bytes: [UInt8]

    /// The limit of the arguments' canonical form, in bytes; a larger call is not reviewable.
    package static let largestArguments = 64 * 1024
    package static let largest = 128 * 1024
    /// The deepest permitted nesting of arguments and of facts; deeper values are not reviewable.
    package static let deepest = 64

    /// - Throws: `badMember("args", ...)` if the arguments are too large or nested too deep to review.
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
        } catch let error as JSONError { throw .json(error) } catch let error as FormError {
            throw error
        } catch { throw .notCanonical }
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
            required: ["v", "type", "request", "revision", "call", "policy", "decision", "facts"],
            optional: ["template"])
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
    /// Compares the bytes, which are the complete document.
    package static func == (a: ReviewDocument, b: ReviewDocument) -> Bool {
        a === b || a.bytes == b.bytes
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
}

extension ReviewDocument {
    /// The name of the fact that states how often the call may be made.
    package static let uses = "repeat"
    package static let mostUses = 10

    /// The number of times that the same call may be made with one approval: 1, or more for a call of tier low or medium
    /// that people were shown may be repeated.
    package var uses: Int {
        guard decision.tier != .high, let uses = facts[Self.uses]?.integer,
            (1...Int64(Self.mostUses)).contains(uses)
        else { return 1 }
        return Int(uses)
    }

    /// The name of the fact that states who lowered the quorum, and for which reason.
    package static let breakGlass = "break_glass"
    /// The name of the fact that states the task of the run; without it the run has none, whatever its purpose says.
    package static let task = "task"
    /// The name of the fact that states which untrusted content the run of the call had read before.
    package static let taint = "taint"
    /// The name of the fact that states the level of that run, as in records.
    package static let taintLevel = "taint_level"
    /// The name of the fact that states the call by which that run became hostile.
    package static let taintedBy = "tainted_by"
    /// The name of the fact that states the labels of the call's key values: `worst`, each value by its pointer, and
    /// `intent` if the user's request has none of the tool's words.
    package static let labels = "labels"
    /// The name of the fact that states what was found in the arguments and does not deny the call: numbers by class.
    package static let findings = "findings"

    /// The name of the fact that states the kind of text that the call would carry out in addition to its effect, as in
    /// records.
    package static let sideChannel = "side_channel"

    var factsButBreakGlass: JSONObject {
        var object = facts.object ?? [:]
        object[Self.breakGlass] = nil
        return object
    }
}

/// A review with the ledger's salted commitment to it (docs/specs/ledger.md, section 6). All copies of a request share
/// it.
package final class BoundReview: Sendable {
    package let review: ReviewDocument
    package let salt: [UInt8]
    /// The commitment `bind.c`.
    package let bind: Digest
    package let callDigest: Digest

    /// - Parameter salt: 32 random bytes, used for this review only.
    package init(_ review: ReviewDocument, salt: [UInt8], _ hashing: some Hashing) {
        precondition(salt.count == 32)
        self.review = review
        self.salt = salt
        bind = hashing.sha256(Array("interlock/pc/1".utf8) + salt + review.bytes)
        callDigest = review.call.digest(hashing)
    }
}

extension BoundReview: Hashable {
    package static func == (a: BoundReview, b: BoundReview) -> Bool {
        a === b || a.bind == b.bind && a.salt == b.salt && a.review == b.review
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(bind) }
}

/// The facts in a review, which accompany the call and the decision.
package enum ReviewFacts {
    /// The facts without a dedicated place in a layout, which are displayed under their own names: people sign every
    /// fact, so every fact must be displayed.
    ///
    /// - Parameter shown: the names of the facts with a dedicated place.
    /// - Returns: the other facts, in the review's order.
    package static func others(
        in facts: JSONValue, besides shown: Set<String>
    ) -> [(name: String, value: JSONValue)] {
        (facts.object?.members ?? []).filter { !shown.contains($0.key) }
            .map { (name: $0.key, value: $0.value) }
    }
}
