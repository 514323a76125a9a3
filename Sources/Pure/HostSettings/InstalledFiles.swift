package import InterlockHooks
import InterlockJSON
package import InterlockModel

/// The files that installations wrote, so that a later one can tell its own from those of others:
/// `{"v":1,"files":[{"path":…,"host":…,"sha256":[…]}]}`. Only root can write the list of managed files, and a user the
/// list of the others.
package struct InstalledFiles: Sendable, Hashable {
    package struct Entry: Sendable, Hashable {
        /// An absolute path.
        package let path: String
        /// The host whose file it is, or nil for one that all hosts share.
        package let host: HookHost?
        /// The digests of what may be there: one, or two while a file is replaced.
        package var digests: [Digest]
    }

    package private(set) var entries: [Entry] = []

    /// The greatest size of the list.
    package static let limitBytes = 64 << 10
    private static let most = 128
    private static let limits = JSONLimits(depth: 6, bytes: limitBytes, values: 2048, members: 512)

    package init() {}

    package init(parsing bytes: [UInt8]) throws(FormError) {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: bytes, limits: Self.limits)
        } catch { throw .json(error) }
        let fields = try StrictFields(value, required: ["v", "files"])
        try fields.expectVersion1()
        for (number, item) in try fields.array("files", count: 0...Self.most).enumerated() {
            let file = try StrictFields(
                item, at: "files[\(number)]", required: ["path", "sha256"], optional: ["host"])
            let path = try file.made("path", "an absolute path") {
                $0.utf8.first == UInt8(ascii: "/") ? $0 : nil
            }
            let host =
                file.has("host")
                ? try file.made("host", "the name of a host") { HookHost(rawValue: $0) } : nil
            let digests = try file.list("sha256", count: 1...2, "64 hexadecimal digits") {
                Digest(hex: $0)
            }
            guard self[path] == nil else { throw fields.bad("files", "without a path twice") }
            entries.append(Entry(path: path, host: host, digests: digests))
        }
    }

    package subscript(path: String) -> Entry? {
        entries.first { sameBytes($0.path, path) }
    }

    /// True if the content is what an installation wrote, or was about to write, at this path.
    package func has(_ path: String, _ digest: Digest) -> Bool {
        self[path]?.digests.contains(digest) ?? false
    }

    /// Allows a new content in addition to the one that is there, before the file is replaced.
    package mutating func expect(_ digest: Digest, at path: String, of host: HookHost?) {
        var digests = self[path]?.digests.suffix(1).filter { $0 != digest } ?? []
        digests.append(digest)
        remove(path)
        entries.append(Entry(path: path, host: host, digests: digests))
    }

    /// Keeps the newest content alone, once it is there.
    package mutating func settle(_ path: String) {
        guard let index = entries.firstIndex(where: { sameBytes($0.path, path) }) else { return }
        entries[index].digests = entries[index].digests.suffix(1)
    }

    package mutating func remove(_ path: String) {
        entries.removeAll { sameBytes($0.path, path) }
    }

    /// The text of the list.
    package var bytes: [UInt8] {
        let files = entries.map { entry in
            var file: JSONObject = ["path": .string(entry.path)]
            file["host"] = entry.host.map { .string($0.rawValue) }
            file["sha256"] = .array(entry.digests.map { .string($0.hex) })
            return JSONValue.object(file)
        }
        return SettingsText.of(["v": 1, "files": .array(files)])
    }
}
