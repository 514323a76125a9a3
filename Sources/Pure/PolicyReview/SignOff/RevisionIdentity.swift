package import InterlockJSON
package import InterlockModel
package import InterlockPolicy

/// The subject of a sign-off: everything that could change what a policy does or proves.
package struct RevisionIdentity: Hashable, Sendable {
    /// The policy digest, which covers the lock (docs/specs/policy.md, section 6.2).
    package let digest: Digest
    /// The digest of the folder's own tests, regardless of their order and files.
    package let tests: Digest
    /// SHA-256 of each file of other parts next to the policy folder, by path; and under `waivers` that of
    /// the waivers, which the policy digest omits although a waiver of W210 lets an owner vote.
    package let files: [String: Digest]

    /// The maximum number of files of other parts.
    package static let mostFiles = 10_000

    package init(digest: Digest, tests: Digest, files: [String: Digest]) {
        self.digest = digest
        self.tests = tests
        self.files = files
    }

    package var json: JSONValue {
        [
            "digest": .string(digest.prefixed), "tests": .string(tests.prefixed),
            "files": .object(
                JSONObject(
                    distinct: files.sorted { $0.key < $1.key }.map {
                        ($0.key, .string($0.value.prefixed))
                    })),
        ]
    }

    /// SHA-256 of the canonical form. A page sends it back, so that its action concerns this revision and
    /// no other.
    package func whole(_ hashing: some Hashing) -> Digest? {
        (try? json.canonical()).map { hashing.sha256($0) }
    }

    /// - Parameter fields: an object with at least `digest`, `tests` and `files`.
    package init(_ fields: StrictFields) throws(FormError) {
        digest = try fields.made("digest", "a digest") { Digest(prefixed: $0) }
        tests = try fields.made("tests", "a digest") { Digest(prefixed: $0) }
        guard let listed = try fields.value("files").object, listed.count <= Self.mostFiles else {
            throw fields.bad("files", "an object of at most \(Self.mostFiles) files")
        }
        var files: [String: Digest] = [:]
        for (path, value) in listed.members {
            guard let digest = value.string.flatMap(Digest.init(prefixed:)) else {
                throw fields.bad("files.\(path)", "a digest")
            }
            files[path] = digest
        }
        self.files = files
    }
}

extension RevisionIdentity {
    /// - Parameters:
    ///   - digest: the digest of the policy with its lock.
    ///   - parts: the files next to the policy folder, by path.
    /// - Returns: nil if a string of the policy has no canonical form.
    package init?(
        of document: PolicyDocument, digest: Digest, parts: [String: Digest],
        _ hashing: any Hashing
    ) {
        guard let tests = document.digest(of: "tests", PolicySchema.test, hashing) else {
            return nil
        }
        var files = parts
        if !document.waivers.isEmpty {
            guard let waivers = document.digest(of: "waivers", PolicySchema.waiver, hashing) else {
                return nil
            }
            files["waivers"] = waivers
        }
        self.init(digest: digest, tests: tests, files: files)
    }
}

extension PolicyDocument {
    /// SHA-256 of the canonical form of a list of records, regardless of their order and files.
    fileprivate func digest(of key: String, _ record: Record, _ hashing: any Hashing) -> Digest? {
        var writer = CanonicalWriter()
        do throws(JSONError) {
            if let list = root[key] {
                try writer.write(list, .list(.record(record), unordered: true))
            } else {
                try writer.write([])
            }
        } catch {
            return nil
        }
        return hashing.sha256(writer.bytes)
    }
}
