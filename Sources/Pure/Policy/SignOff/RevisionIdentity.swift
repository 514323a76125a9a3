package import InterlockJSON
package import InterlockModel

/// What a sign-off is about: everything that could change what a policy does or proves.
package struct RevisionIdentity: Hashable, Sendable {
    /// The policy digest, which covers the lock (specs of the policy, 6.2).
    package let digest: Digest
    /// Of the folder's own tests, in whatever order and files they stand.
    package let tests: Digest
    /// Path -> SHA-256 of each file of other parts beside the policy folder.
    package let files: [String: Digest]

    /// Files of other parts at most.
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

extension PolicyDocument {
    /// SHA-256 of the tests' canonical form; of the empty list where there are none.
    ///
    /// - Returns: nil when a string of them has no canonical form.
    package func testsDigest(_ hashing: any Hashing) -> Digest? {
        let shape = Shape.list(.record(PolicySchema.test), unordered: true)
        let tree = root["tests"].map { canonicalTree($0, shape) } ?? []
        guard let bytes = try? tree.canonical() else { return nil }
        return hashing.sha256(bytes)
    }
}
