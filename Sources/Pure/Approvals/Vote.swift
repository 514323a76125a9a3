package import InterlockJSON
package import InterlockModel

/// The statement that one person signs about one request (docs/specs/approvals.md, section 3.3).
package struct Vote: Hashable, Sendable {
    package enum Verdict: String, Sendable { case approve, deny }

    package let request: ApprovalID
    package let revision: Int
    package let verdict: Verdict
    package let group: String
    package let quorum: Int
    package let uses: Int
    package let call: Digest
    package let policy: Digest
    /// The `bind.c` of the request, which commits to the displayed review.
    package let bind: Digest
    /// The request's deadline, in whole seconds.
    package let expires: Timestamp
    package let useWithin: Duration
    package let approver: Pseudonym
    /// 32 bytes, issued to this person for a single use.
    package let nonce: [UInt8]

    package static let nonceCount = 32
    package static let largest = 4096

    package init(
        request: ApprovalID, revision: Int, verdict: Verdict, group: String, quorum: Int,
        uses: Int, call: Digest, policy: Digest, bind: Digest, expires: Timestamp,
        useWithin: Duration, approver: Pseudonym, nonce: [UInt8]
    ) {
        self.request = request
        self.revision = revision
        self.verdict = verdict
        self.group = group
        self.quorum = quorum
        self.uses = uses
        self.call = call
        self.policy = policy
        self.bind = bind
        self.expires = expires
        self.useWithin = useWithin
        self.approver = approver
        self.nonce = nonce
    }

    /// The statement about a request in its current form.
    package init(
        on request: ApprovalRequest, _ verdict: Verdict, approver: Pseudonym, nonce: [UInt8]
    ) {
        self.init(
            request: request.id, revision: request.revision, verdict: verdict,
            group: request.decision.group, quorum: request.decision.quorum,
            uses: request.review.uses,
            call: request.callDigest, policy: request.review.policy, bind: request.bind,
            expires: request.expires, useWithin: request.useWithin, approver: approver,
            nonce: nonce)
    }

    /// Returns whether everything except verdict, approver and nonce matches the request.
    func isAbout(_ request: ApprovalRequest) -> Bool {
        self == Vote(on: request, verdict, approver: approver, nonce: nonce)
    }

    package var json: JSONValue {
        [
            "v": 1, "type": "vote", "request": .string(request.text),
            "revision": .integer(Int64(revision)), "verdict": .string(verdict.rawValue),
            "group": .string(group), "quorum": .integer(Int64(quorum)),
            "uses": .integer(Int64(uses)), "call": .string(call.prefixed),
            "policy": .string(policy.prefixed), "bind": .string(bind.base64),
            "expires": .string(expires.rfc3339(fractionDigits: 0)),
            "use_within_s": .integer(useWithin.microseconds / 1_000_000),
            "approver": .string(approver.text), "nonce": .string(Base64.encodeURL(nonce)),
        ]
    }

    /// The bytes that are signed.
    package func canonical() throws(FormError) -> [UInt8] {
        do { return try json.canonical() } catch { throw .json(error) }
    }

    package init(parsing bytes: [UInt8]) throws(FormError) {
        try self.init(try StrictFields.canonicalValue(bytes, limit: Vote.largest))
    }

    init(_ value: JSONValue) throws(FormError) {
        let fields = try StrictFields(
            value,
            required: [
                "v", "type", "request", "revision", "verdict", "group", "quorum", "uses", "call",
                "policy", "bind", "expires", "use_within_s", "approver", "nonce",
            ])
        try fields.expectVersion1()
        try fields.expect("type", "vote")
        self.init(
            request: try fields.made("request", "an approval's id") { ApprovalID($0) },
            revision: Int(try fields.integer("revision", in: 1...1_000_000)),
            verdict: try fields.made("verdict", "`approve` or `deny`") { Verdict(rawValue: $0) },
            group: try fields.string("group"),
            quorum: Int(try fields.integer("quorum", in: ReviewedDecision.quorums)),
            uses: Int(try fields.integer("uses", in: 1...10)),
            call: try fields.made("call", "a digest") { Digest(prefixed: $0) },
            policy: try fields.made("policy", "a digest") { Digest(prefixed: $0) },
            bind: try fields.made("bind", "a digest in base64") { Digest(base64: $0) },
            expires: try fields.time("expires", fractionDigits: 0),
            useWithin: .seconds(try fields.integer("use_within_s", in: 60...3600)),
            approver: try fields.pseudonym("approver"),
            nonce: try fields.made("nonce", "base64url of 32 bytes") { text in
                guard let bytes = Base64.decodeURL(text), bytes.count == Vote.nonceCount else {
                    return nil
                }
                return bytes
            })
    }
}
