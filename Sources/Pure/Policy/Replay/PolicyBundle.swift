import InterlockJSON
package import InterlockModel

/// The files that a policy was compiled from, as one value. Together with the time of compiling, it is all
/// that is needed to compile the same policy again. It is stored next to the log, and every decision names
/// its bundle.
package struct PolicyBundle: Sendable {
    package let files: [PolicyFile]
    /// The bytes of `interlock.lock`, or nil if there was no such file.
    package let lock: [UInt8]?
    /// The version of the time zone database. The zones themselves are not included.
    package let zones: String

    package static let format = "interlock/policy-bundle/1"
    /// The maximum that `YAMLLimits.policyBytes` and the lock's own limit allow, in base64.
    package static let largestBytes = 192 << 20

    package init(files: [PolicyFile], lock: [UInt8]?, zones: String) {
        self.files = files.sorted { $0.path < $1.path }
        self.lock = lock
        self.zones = zones
    }

    /// The RFC 8785 form, or nil if a path has no such form.
    package var bytes: [UInt8]? {
        let value: JSONValue = [
            "files": .array(
                files.map { file in
                    [
                        "bytes": .string(Base64.encode(file.bytes)), "path": .string(file.path),
                        "role": .string(file.role.rawValue),
                    ]
                }),
            "format": .string(Self.format),
            "lock": lock.map { .string(Base64.encode($0)) } ?? .null,
            "tzdata": .string(zones),
        ]
        return try? value.canonical()
    }

    package init(parsing bytes: [UInt8]) throws(FormError) {
        let value = try StrictFields.canonicalValue(bytes, limit: Self.largestBytes)
        let fields = try StrictFields(value, required: ["files", "format", "lock", "tzdata"])
        guard try fields.string("format") == Self.format else {
            throw fields.bad("format", "`\(Self.format)`")
        }
        guard let listed = try fields.value("files").array else {
            throw fields.bad("files", "a list")
        }
        var files: [PolicyFile] = []
        for (place, entry) in listed.enumerated() {
            let fields = try StrictFields(
                entry, at: "files[\(place)]", required: ["bytes", "path", "role"])
            files.append(
                PolicyFile(
                    path: try fields.string("path", length: 1...4096),
                    role: try fields.made("role", "a role", PolicyFileRole.init),
                    bytes: try Self.base64(fields, "bytes")))
        }
        self.init(
            files: files, lock: try fields.isNull("lock") ? nil : Self.base64(fields, "lock"),
            zones: try fields.string("tzdata"))
    }

    private static func base64(_ fields: StrictFields, _ key: String) throws(FormError) -> [UInt8] {
        guard let bytes = try fields.value(key).string.flatMap({ Base64.decode($0) }) else {
            throw fields.bad(key, "base64")
        }
        return bytes
    }
}

/// The basis of a compiled policy, in addition to its digest. The digest omits whatever changes no rule.
/// Yet dates, as of the time of compiling, decide which agents are held and who may vote.
package struct PolicyBasis: Sendable, Hashable {
    /// SHA-256 of its `PolicyBundle`, or nil if the bundle is not stored.
    package let bundle: Digest?
    package let compiled: Timestamp
    /// The version of the time zone database.
    package let zones: String
    /// The texts that are written into the record of each decision.
    let bundleText: String?
    let compiledText: String

    package init(bundle: Digest?, compiled: Timestamp, zones: String) {
        self.bundle = bundle
        self.compiled = compiled
        self.zones = zones
        bundleText = bundle?.prefixed
        compiledText = compiled.rfc3339()
    }
}
