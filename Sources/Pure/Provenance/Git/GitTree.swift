/// The output of `git ls-tree -r -z` on a whole tree: its files by path. An author of commits chose the names in it.
package struct GitTree: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case file, executable
        /// A symbolic link or a submodule, of which nothing is read.
        case other
    }

    package struct Entry: Hashable, Sendable {
        package let path: ChangedPath
        package let kind: Kind
        package let object: GitObjectID
    }

    /// The entries, each path once, in the order of Git.
    package let entries: [Entry]

    package static let mostEntries = 2_000_000

    package init(_ bytes: [UInt8]) throws(GitDiffError) {
        var fields = bytes.split(separator: 0, omittingEmptySubsequences: false)
        // Each field ends with NUL.
        guard fields.popLast()?.isEmpty != false else { throw .malformed }
        guard fields.count <= Self.mostEntries else { throw .tooMany }
        var entries: [Entry] = []
        var paths: Set<ChangedPath> = []
        for field in fields {
            let entry = try Self.entry(field)
            guard paths.insert(entry.path).inserted else { throw .malformed }
            entries.append(entry)
        }
        self.entries = entries
    }

    /// Reads `MODE TYPE OBJECT TAB PATH`.
    private static func entry(_ field: ArraySlice<UInt8>) throws(GitDiffError) -> Entry {
        let parts = field.split(separator: 0x09, maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw .malformed }
        let words = String(decoding: parts[0], as: UTF8.self).split(
            separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, let object = GitObjectID(words[2]) else { throw .malformed }
        guard let path = ChangedPath(parts[1]) else { throw .badPath }
        let kind: Kind
        switch (words[0], words[1]) {
        case ("100644", "blob"), ("100664", "blob"): kind = .file
        case ("100755", "blob"): kind = .executable
        case ("120000", "blob"), ("160000", "commit"): kind = .other
        default: throw .malformed
        }
        return Entry(path: path, kind: kind, object: object)
    }
}
