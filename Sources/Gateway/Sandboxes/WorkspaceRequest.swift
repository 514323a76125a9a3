package import InterlockJSON
package import InterlockModel

/// The changes of a workspace as a command states them: all of them by their digest, and the first by themselves.
package struct StatedChanges: Sendable, Hashable {
    /// The digest of the list of the project's entries at the start of the run.
    package let base: Digest
    /// The number of all changes.
    package let count: Int
    /// SHA-256 of the JSON list of all changes.
    package let digest: Digest
    /// The first changes, each in the form of docs/specs/sandbox.md, section 6.
    package let listed: [JSONValue]

    /// The most changes, and the most bytes of their JSON, that are listed.
    package static let mostListed = 2000
    package static let mostListedBytes = 256 << 10
    private static let mostChanges: Int64 = 4_000_000

    package init(base: Digest, count: Int, digest: Digest, listed: [JSONValue]) {
        self.base = base
        self.count = count
        self.digest = digest
        self.listed = listed
    }

    fileprivate static let names = ["base", "count", "digest", "listed"]

    fileprivate init(_ fields: StrictFields) throws(FormError) {
        base = try fields.made("base", "a digest in base64") { Digest(base64: $0) }
        count = Int(try fields.integer("count", in: 0...Self.mostChanges))
        digest = try fields.made("digest", "a digest in base64") { Digest(base64: $0) }
        listed = try fields.array("listed", count: 0...min(count, Self.mostListed))
        for (number, change) in listed.enumerated() {
            try Self.check(change, at: "listed[\(number)]")
        }
        guard payload.count <= Self.mostListedBytes else {
            throw .badMember("listed", "at most \(Self.mostListedBytes) bytes")
        }
    }

    /// Requires the members of a change, each a short text, a number or a list of words.
    private static func check(_ change: JSONValue, at path: String) throws(FormError) {
        let fields = try StrictFields(
            change, at: path, required: ["path", "kind", "op", "flags"],
            optional: ["size", "mode", "sha256", "target", "reason", "was", "lower_sha256"])
        // A byte of a path takes four when it is escaped.
        _ = try fields.string("path", length: 1...16_384)
        for name in ["kind", "op", "mode", "sha256", "reason", "was", "lower_sha256"]
        where fields.has(name) { _ = try fields.string(name) }
        if fields.has("target") { _ = try fields.string("target", length: 0...16_384) }
        if fields.has("size") { _ = try fields.integer("size", in: 0...(1 << 53 - 1)) }
        _ = try fields.list("flags", count: 0...16, "the name of a flag", WorkspaceFlagName.init)
    }

    fileprivate var json: JSONObject {
        [
            "base": .string(base.base64), "count": .integer(Int64(count)),
            "digest": .string(digest.base64), "listed": .array(listed),
        ]
    }

    /// The fields of a record.
    var fields: JSONObject {
        [
            "base": .string(base.base64), "cnt": .integer(Int64(count)),
            "sum": .string(digest.base64),
        ]
    }

    /// The number of listed changes with a flag.
    fileprivate var listedFlagged: Int {
        listed.count { $0["flags"]?.array?.isEmpty == false }
    }

    /// The plaintext of the payload `changes`.
    var payload: [UInt8] { JSONValue.array(listed).serialized() }
}

/// The name of a flag of a change: 1 to 32 of a-z and `_`.
struct WorkspaceFlagName: Hashable, Sendable {
    let text: String

    init?(_ text: String) {
        let isWord = text.utf8.allSatisfy {
            $0 == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
        }
        guard (1...32).contains(text.utf8.count), isWord else { return nil }
        self.text = text
    }
}

/// The statement of a command that it is about to show what a run changed.
package struct WorkspaceDiffRequest: Sendable, Hashable {
    package let changes: StatedChanges
    /// The number of changes with a flag.
    package let flagged: Int
    /// The number of those that people may approve: changes in `.git` are never applied.
    package let waiting: Int

    package init(changes: StatedChanges, flagged: Int, waiting: Int) {
        self.changes = changes
        self.flagged = flagged
        self.waiting = waiting
    }

    package init(_ value: JSONValue) throws(FormError) {
        let fields = try StrictFields(
            value, required: StatedChanges.names + ["flagged", "waiting"])
        changes = try StatedChanges(fields)
        flagged = Int(try fields.integer("flagged", in: 0...Int64(changes.count)))
        waiting = Int(try fields.integer("waiting", in: 0...Int64(flagged)))
    }

    package var json: JSONValue {
        var object = changes.json
        object["flagged"] = .integer(Int64(flagged))
        object["waiting"] = .integer(Int64(waiting))
        return .object(object)
    }
}

/// The statement of a command that it is about to print the commits of a run.
package struct WorkspaceExportRequest: Sendable, Hashable {
    package enum Format: String, CaseIterable, Sendable { case patch, bundle }

    package let format: Format
    package let bytes: Int64
    /// SHA-256 of these bytes.
    package let digest: Digest

    package init(format: Format, bytes: Int64, digest: Digest) {
        self.format = format
        self.bytes = bytes
        self.digest = digest
    }

    package init(_ value: JSONValue) throws(FormError) {
        let fields = try StrictFields(value, required: ["format", "bytes", "digest"])
        format = try fields.made("format", "patch or bundle", Format.init)
        bytes = try fields.integer("bytes", in: 1...(1 << 53 - 1))
        digest = try fields.made("digest", "a digest in base64") { Digest(base64: $0) }
    }

    package var json: JSONValue {
        [
            "format": .string(format.rawValue), "bytes": .integer(bytes),
            "digest": .string(digest.base64),
        ]
    }
}

/// The changes with a flag among those of a statement, which people must have approved.
package struct StatedFlagged: Sendable, Hashable {
    package let count: Int
    /// SHA-256 of the JSON list of them.
    package let digest: Digest

    package init(count: Int, digest: Digest) {
        self.count = count
        self.digest = digest
    }

    /// - Parameter all: the number of all changes of the statement.
    fileprivate init(_ value: JSONValue, of all: Int) throws(FormError) {
        let fields = try StrictFields(value, at: "flagged", required: ["count", "digest"])
        guard all > 0 else { throw .badMember("flagged", "nothing, as there are no changes") }
        count = Int(try fields.integer("count", in: 1...Int64(all)))
        digest = try fields.made("digest", "a digest in base64") { Digest(base64: $0) }
    }

    fileprivate var json: JSONValue {
        ["count": .integer(Int64(count)), "digest": .string(digest.base64)]
    }
}

/// The statement of a command that it is about to apply changes, as an operator decided.
package struct WorkspaceApplyRequest: Sendable, Hashable {
    package let changes: StatedChanges
    /// The names of the flags of these changes, each approved by its name.
    package let approved: [String]
    /// Nil if no change has a flag.
    package let flagged: StatedFlagged?
    package let reason: String?

    package init(
        changes: StatedChanges, approved: [String], flagged: StatedFlagged?, reason: String?
    ) {
        self.changes = changes
        self.approved = approved
        self.flagged = flagged
        self.reason = reason
    }

    package init(_ value: JSONValue) throws(FormError) {
        let fields = try StrictFields(
            value, required: StatedChanges.names + ["approved"], optional: ["flagged", "reason"])
        changes = try StatedChanges(fields)
        flagged =
            fields.has("flagged")
            ? try StatedFlagged(try fields.value("flagged"), of: changes.count) : nil
        guard changes.listedFlagged <= flagged?.count ?? 0 else {
            throw .badMember("flagged", "all changes with a flag")
        }
        approved = try fields.list(
            "approved", count: 0...16, "the name of a flag", WorkspaceFlagName.init
        ).map(\.text)
        reason = try WorkspaceDiscardRequest.reason(of: fields)
    }

    package var json: JSONValue {
        var object = changes.json
        object["approved"] = .array(approved.map(JSONValue.string))
        object["flagged"] = flagged?.json
        object["reason"] = reason.map(JSONValue.string)
        return .object(object)
    }
}

/// The statement of a command that it is about to remove the changes of a run.
package struct WorkspaceDiscardRequest: Sendable, Hashable {
    package let reason: String?

    package init(reason: String?) { self.reason = reason }

    package init(_ value: JSONValue) throws(FormError) {
        reason = try Self.reason(of: try StrictFields(value, required: [], optional: ["reason"]))
    }

    fileprivate static func reason(of fields: StrictFields) throws(FormError) -> String? {
        fields.has("reason") ? try fields.string("reason", length: 1...2000) : nil
    }

    package var json: JSONValue {
        var object: JSONObject = [:]
        object["reason"] = reason.map(JSONValue.string)
        return .object(object)
    }
}
