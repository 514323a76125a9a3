package import InterlockJSON
package import InterlockModel

/// The statement of an attester about what the holder of one token runs (docs/specs/evals.md, section 5): for agents that
/// speak MCP alone, whose files the gateway does not see. DSSE with the payload type
/// `application/vnd.interlock.release-manifest+json`.
package struct ReleaseManifest: Sendable, Hashable {
    package let org: String
    package let agent: AgentName
    /// The id of the token, `jti`.
    package let credential: String
    package let model: Digest
    package let prompt: Digest
    package let skills: Digest
    package let until: Timestamp

    /// The longest time for which a gateway takes one: that of a token.
    package static let longest = Duration.seconds(31 * 86_400)
    private static let largest = 4096

    package init(
        org: String, agent: AgentName, credential: String, model: Digest, prompt: Digest,
        skills: Digest, until: Timestamp
    ) {
        self.org = org
        self.agent = agent
        self.credential = credential
        self.model = model
        self.prompt = prompt
        self.skills = skills
        self.until = until.wholeSecond
    }

    package init(_ envelope: Envelope) throws(FormError) {
        guard envelope.payloadType == .releaseManifest else {
            throw .badMember("payloadType", "`\(PayloadType.releaseManifest.text)`")
        }
        let fields = try StrictFields(
            try StrictFields.canonicalValue(envelope.payload, limit: Self.largest),
            required: [
                "agent", "credential", "model", "org", "prompt", "skills", "until", "v",
            ])
        try fields.expectVersion1()
        self.init(
            org: try fields.string("org"),
            agent: try fields.made("agent", "the name of an agent", AgentName.init),
            credential: try fields.made("credential", "the id of a token") {
                Self.isCredential($0) ? $0 : nil
            }, model: try fields.digest("model"),
            prompt: try fields.digest("prompt"), skills: try fields.digest("skills"),
            until: try fields.time("until", fractionDigits: 0))
    }

    /// Returns true for 1 to 128 letters, digits, dots, hyphens and underscores: an id that a record may have.
    package static func isCredential(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
                    UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    package var json: JSONValue {
        [
            "agent": .string(agent.text), "credential": .string(credential),
            "model": .string(model.prefixed), "org": .string(org),
            "prompt": .string(prompt.prefixed), "skills": .string(skills.prefixed),
            "until": .string(until.rfc3339(fractionDigits: 0)), "v": 1,
        ]
    }

    /// The RFC 8785 bytes that are signed.
    package func canonical() throws(FormError) -> [UInt8] {
        do { return try json.canonical() } catch { throw .json(error) }
    }
}

/// A manifest with the keys whose signatures under it verify.
package struct SignedReleaseManifest: Sendable, Hashable {
    package let envelope: Envelope
    package let manifest: ReleaseManifest
    private let keys: [PublicKey]

    /// One signature that does not verify, or by a passkey, voids all.
    package init(
        _ envelope: Envelope, verifiedBy verifier: any SignatureVerifier
    ) throws(FormError) {
        self.envelope = envelope
        manifest = try ReleaseManifest(envelope)
        keys = envelope.verifiedKeys(verifier)
    }

    /// Returns true if one of the attesters signed it, and the owners of the agent cannot use that key alone.
    package func isAttested(by attesters: [EvalKey], owners: Set<Person>) -> Bool {
        attesters.contains { keys.contains($0.key) && $0.isIndependent(of: owners) }
    }
}
