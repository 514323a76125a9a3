import InterlockJSON
package import InterlockModel
import InterlockPolicy

/// `interlock.signoff`: the signatures of people under a revision (docs/specs/policy.md, section 6.3).
///
/// ```json
/// {"digest":"sha256:...","tests":"sha256:...","files":{"safety.yaml":"sha256:..."},
///  "author":"li@acme.example",
///  "signatures":[{"by":"ines@acme.example","key":"<base64 of 32 bytes>","at":"2026-11-20T10:00:00Z",
///    "sig":"<base64 of 64 bytes>"}]}
/// ```
/// A signature by passkey has the assertion in place of `key` and `sig`: `credential`, `authenticatorData`,
/// `clientDataJSON` and `signature`, base64url without padding.
///
/// In a cluster it also names the revision in force, `"after":"sha256:..."`, so that the order of people counts once and
/// follows what they compared with (docs/decisions/0199). One node without a cluster does not compare it.
///
/// People sign the RFC 8785 bytes of the object without `signatures`, in the form of DSSE like every
/// statement of a person (payload type `application/vnd.interlock.signoff+json`), so that a signature made
/// for anything else never counts here. `at` is the time by the signer's clock; nothing depends on it.
package struct SignOff: Hashable, Sendable {
    package let identity: RevisionIdentity
    /// The author of the revision, who signs too; that signature is not counted among those of others.
    package let author: Person
    /// The digest of the whole identity of the revision that this one follows; nil if none is named.
    package let after: Digest?
    package private(set) var signatures: [Signature]

    /// The maximum size of the file.
    package static let bytesLimit = 2 << 20
    package static let mostSignatures = 16

    package init(
        identity: RevisionIdentity, author: Person, after: Digest? = nil,
        signatures: [Signature] = []
    ) {
        self.identity = identity
        self.author = author
        self.after = after
        self.signatures = signatures
    }

    /// The bytes that each person signs.
    package func statement() throws(FormError) -> [UInt8] {
        do { return try JSONValue.object(body).canonical() } catch { throw .json(error) }
    }

    /// Adds a signature, which replaces one of the same key or passkey.
    package mutating func add(_ signature: Signature) throws(FormError) {
        signatures.removeAll { $0.credential == signature.credential }
        guard signatures.count < Self.mostSignatures else {
            throw .badMember("signatures", "a list of at most \(Self.mostSignatures)")
        }
        signatures.append(signature)
    }

    /// The bytes of the file: the RFC 8785 form, and a line break.
    package func bytes() throws(FormError) -> [UInt8] {
        var object = body
        object["signatures"] = .array(signatures.map(\.json))
        do { return try JSONValue.object(object).canonical() + [0x0a] } catch {
            throw .json(error)
        }
    }

    /// Parses the file in any JSON spelling; unknown members are rejected.
    package init(parsing bytes: [UInt8]) throws(FormError) {
        let fields = try StrictFields(
            try StrictFields.value(bytes, limit: Self.bytesLimit),
            required: ["digest", "tests", "files", "author", "signatures"], optional: ["after"])
        identity = try RevisionIdentity(fields)
        author = try fields.made("author", "an e-mail address", Person.init)
        after = fields.has("after") ? try fields.digest("after") : nil
        var signatures: [Signature] = []
        for element in try fields.array("signatures", count: 0...Self.mostSignatures) {
            let signature = try Signature(json: element, at: "signatures")
            guard !signatures.contains(where: { $0.credential == signature.credential }) else {
                throw fields.bad("signatures", "by distinct keys")
            }
            signatures.append(signature)
        }
        self.signatures = signatures
    }

    /// Parses the statement that a person signs, only in its canonical form. The result has no signatures.
    package init(statement bytes: [UInt8]) throws(FormError) {
        let fields = try StrictFields(
            try StrictFields.value(bytes, limit: Self.bytesLimit),
            required: ["digest", "tests", "files", "author"], optional: ["after"])
        self.init(
            identity: try RevisionIdentity(fields),
            author: try fields.made("author", "an e-mail address", Person.init),
            after: fields.has("after") ? try fields.digest("after") : nil)
        guard try statement() == bytes else { throw fields.bad("payload", "in canonical form") }
    }

    private var body: JSONObject {
        var object = identity.json.object ?? [:]
        object["author"] = .string(author.address)
        if let after { object["after"] = .string(after.prefixed) }
        return object
    }
}
