import InterlockGovernor
package import InterlockJSON
package import InterlockModel

/// The statement of a supervisor about the files with which a run starts: the search for secrets in them, and the
/// digests that are parts of the agent's fingerprint (docs/specs/evals.md, section 5), by which the change gate decides.
package struct LaunchMeasurement: Sendable, Hashable {
    /// The result of the search of the workspace.
    package struct Scan: Sendable, Hashable {
        /// The digest of the rule set.
        package let rules: Digest
        /// The number of searched files.
        package let files: Int
        /// The number of contents of the history, or nil if it was not searched.
        package let blobs: Int?
        /// The numbers of findings that only mark, and of findings that the policy waives.
        package let marked: Int
        package let waivedCount: Int

        package init(
            rules: Digest, files: Int, blobs: Int? = nil, marked: Int, waivedCount: Int
        ) {
            (self.rules, self.files, self.blobs) = (rules, files, blobs)
            (self.marked, self.waivedCount) = (marked, waivedCount)
        }
    }

    /// The version of the form of which `fingerprint` is the digest.
    package static let version: Int64 = 2
    /// The most files that are listed; the digest is of all.
    package static let mostListed = 200
    /// The most findings that are listed of each kind.
    package static let mostFindings = 100
    private static let longestText = 8192
    /// The kinds of files.
    private static let parts = ["program", "prompt", "skills", "settings"]

    /// Is nil if the run sees no workspace.
    package let scan: Scan?
    /// SHA-256 of the RFC 8785 form of `{v,program,prompt,skills,settings}` with all measured files.
    package let fingerprint: Digest
    /// The measured files as far as they are listed: `{program,prompt,skills,settings}`, lists of `{path,sha256}`.
    package let files: JSONValue
    /// Findings that mark, and findings that are waived, each as `path:line rule`.
    package let found: [String]
    package let waived: [String]

    package init(
        scan: Scan?, fingerprint: Digest, files: JSONValue, found: [String], waived: [String]
    ) {
        (self.scan, self.fingerprint, self.files) = (scan, fingerprint, files)
        (self.found, self.waived) = (found, waived)
    }
}

/// The form at the local socket, and the bounds.
extension LaunchMeasurement {
    init(_ value: JSONValue) throws(FormError) {
        let fields = try StrictFields(
            value, at: "measured", required: ["fingerprint", "files", "found", "waived"],
            optional: ["scan"])
        let files = try fields.value("files")
        let lists = try StrictFields(
            files, at: "measured.files", required: Self.parts)
        for part in Self.parts {
            for file in try lists.array(part, count: 0...Self.mostListed) {
                let entry = try StrictFields(
                    file, at: "measured.files." + part, required: ["path", "sha256"])
                _ = try entry.string("path", length: 1...Self.longestText)
                _ = try entry.made("sha256", "a digest in hexadecimal") {
                    Digest(hex: $0)
                }
            }
        }
        self.init(
            scan: fields.has("scan") ? try Scan(try fields.value("scan")) : nil,
            fingerprint: try fields.made("fingerprint", "a digest in base64") {
                Digest(base64: $0)
            },
            files: files, found: try Self.findings("found", of: fields),
            waived: try Self.findings("waived", of: fields))
    }

    private static func findings(
        _ name: String, of fields: StrictFields
    ) throws(FormError) -> [String] {
        let length = 1...longestText
        return try fields.list(name, count: 0...mostFindings, "text of 1 to 8192 bytes") {
            length.contains($0.utf8.count) ? $0 : nil
        }
    }

    var json: JSONValue {
        var object: JSONObject = [
            "fingerprint": .string(fingerprint.base64), "files": files,
            "found": .array(found.map(JSONValue.string)),
            "waived": .array(waived.map(JSONValue.string)),
        ]
        object["scan"] = scan?.json
        return .object(object)
    }

    /// The parts that the change gate compares with results, or nil if the lists are not all that was measured: they are
    /// cut by number and by bytes, and the digest is of all files.
    func parts(hashing: any Hashing) -> MeasuredParts? {
        guard let prompt = files["prompt"], let skills = files["skills"],
            var listed = files.object
        else { return nil }
        listed["v"] = .integer(Self.version)
        guard let bytes = try? JSONValue.object(listed).canonical(),
            hashing.sha256(bytes) == fingerprint
        else { return nil }
        return MeasuredParts(prompt: prompt, skills: skills)
    }

    /// The fields of `run.start`.
    var fields: JSONObject {
        var object: JSONObject = ["fp": .string(fingerprint.base64)]
        guard let scan else { return object }
        object["scan"] = .string(scan.rules.base64)
        object["marks"] = .integer(Int64(scan.marked))
        object["waived"] = .integer(Int64(scan.waivedCount))
        object["blobs"] = scan.blobs.map { .integer(Int64($0)) }
        return object
    }
}

extension LaunchMeasurement.Scan {
    private static let most: Int64 = 100_000_000

    fileprivate init(_ value: JSONValue) throws(FormError) {
        let fields = try StrictFields(
            value, at: "measured.scan", required: ["rules", "files", "marked", "waived"],
            optional: ["blobs"])
        self.init(
            rules: try fields.made("rules", "a digest in base64") { Digest(base64: $0) },
            files: Int(try fields.integer("files", in: 0...Self.most)),
            blobs: fields.has("blobs") ? Int(try fields.integer("blobs", in: 0...Self.most)) : nil,
            marked: Int(try fields.integer("marked", in: 0...Self.most)),
            waivedCount: Int(try fields.integer("waived", in: 0...Self.most)))
    }

    fileprivate var json: JSONValue {
        var object: JSONObject = [
            "rules": .string(rules.base64), "files": .integer(Int64(files)),
            "marked": .integer(Int64(marked)), "waived": .integer(Int64(waivedCount)),
        ]
        object["blobs"] = blobs.map { .integer(Int64($0)) }
        return .object(object)
    }
}
