import InterlockJSON
package import InterlockModel

/// `interlock.signoff`: who signed which revision (specs of the policy, 6.3).
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
/// Signed are the RFC 8785 bytes of the object without `signatures`, in the form of DSSE like every
/// statement of a person (payload type `application/vnd.interlock.signoff+json`), so that a signature
/// made for anything else never counts here. `at` is what the signer's clock said; nothing rests on it.
package struct SignOff: Hashable, Sendable {
    package let identity: RevisionIdentity
    /// Whose work it is, which the author signs too; that signature is not counted among those of others.
    package let author: Person
    package private(set) var signatures: [Signature]

    /// Of the file.
    package static let bytesLimit = 2 << 20
    package static let mostSignatures = 16

    package init(identity: RevisionIdentity, author: Person, signatures: [Signature] = []) {
        self.identity = identity
        self.author = author
        self.signatures = signatures
    }

    /// What each person signs.
    package func statement() throws(FormError) -> [UInt8] {
        do { return try JSONValue.object(body).canonical() } catch { throw .json(error) }
    }

    /// Adds a signature; one of the same key or passkey is replaced.
    package mutating func add(_ signature: Signature) throws(FormError) {
        signatures.removeAll { $0.credential == signature.credential }
        guard signatures.count < Self.mostSignatures else {
            throw .badMember("signatures", "a list of at most \(Self.mostSignatures)")
        }
        signatures.append(signature)
    }

    /// The bytes of the file: RFC 8785, and a line break.
    package func bytes() throws(FormError) -> [UInt8] {
        var object = body
        object["signatures"] = .array(signatures.map(\.json))
        do { return try JSONValue.object(object).canonical() + [0x0a] } catch {
            throw .json(error)
        }
    }

    /// Reads the file in any JSON spelling; unknown members are refused.
    package init(parsing bytes: [UInt8]) throws(FormError) {
        let fields = try StrictFields(
            try StrictFields.value(bytes, limit: Self.bytesLimit),
            required: ["digest", "tests", "files", "author", "signatures"])
        identity = try RevisionIdentity(fields)
        author = try fields.made("author", "an e-mail address", Person.init)
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

    /// Reads what a person signs, in its canonical form alone; nobody has signed then.
    package init(statement bytes: [UInt8]) throws(FormError) {
        let fields = try StrictFields(
            try StrictFields.value(bytes, limit: Self.bytesLimit),
            required: ["digest", "tests", "files", "author"])
        self.init(
            identity: try RevisionIdentity(fields),
            author: try fields.made("author", "an e-mail address", Person.init))
        guard try statement() == bytes else { throw fields.bad("payload", "in canonical form") }
    }

    private var body: JSONObject {
        var object = identity.json.object ?? [:]
        object["author"] = .string(author.address)
        return object
    }
}
