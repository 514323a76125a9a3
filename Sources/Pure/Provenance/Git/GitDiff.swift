/// The output of `git diff-tree -r -z --raw --numstat -c --no-abbrev`, or of `git diff-index` with the same options. An
/// author of commits chose the names in it.
package struct GitDiff: Hashable, Sendable {
    /// One changed entry, in its state after the change.
    package struct Entry: Hashable, Sendable {
        package let path: ChangedPath
        /// The content; nil if the entry is removed, or is no regular file.
        package let blob: GitObjectID?
        package internal(set) var added = 0
        package internal(set) var removed = 0
    }

    package struct Commit: Hashable, Sendable {
        /// Nil for a comparison of two trees, or of a tree with the index.
        package let commit: GitObjectID?
        package internal(set) var entries: [Entry]
    }

    package let commits: [Commit]

    package static let mostEntries = 2_000_000

    /// Reads commits from the output for `--stdin`, or one comparison without a name.
    package init(_ bytes: [UInt8]) throws(GitDiffError) {
        var fields = bytes.split(separator: 0, omittingEmptySubsequences: false)[...]
        // Each field ends with NUL.
        guard fields.popLast()?.isEmpty != false else { throw .malformed }
        var commits: [Commit] = []
        var places: [ChangedPath: Int] = [:]
        var count = 0
        while let field = fields.popFirst() {
            if field.first == UInt8(ascii: ":") {
                guard let path = fields.popFirst() else { throw .malformed }
                let entry = try Self.entry(field, path)
                if commits.isEmpty { commits.append(Commit(commit: nil, entries: [])) }
                count += 1
                guard count <= Self.mostEntries else { throw .tooMany }
                guard places[entry.path] == nil else { throw .malformed }
                places[entry.path] = commits[commits.count - 1].entries.count
                commits[commits.count - 1].entries.append(entry)
            } else if let (added, removed, path) = try Self.numbers(field) {
                // A merge has numbers for files that it took over unchanged from one parent.
                guard let place = places[path], !commits.isEmpty else { continue }
                commits[commits.count - 1].entries[place].added = added
                commits[commits.count - 1].entries[place].removed = removed
            } else {
                guard let commit = GitObjectID(String(decoding: field, as: UTF8.self)) else {
                    throw .malformed
                }
                commits.append(Commit(commit: commit, entries: []))
                places = [:]
            }
        }
        self.commits = commits
    }

    /// Reads `:MODES… OBJECTS… STATUS`, of which a merge has a mode and an object more for each parent.
    private static func entry(
        _ field: ArraySlice<UInt8>, _ path: ArraySlice<UInt8>
    ) throws(GitDiffError) -> Entry {
        guard let path = ChangedPath(path) else { throw .badPath }
        let parents = field.prefix { $0 == UInt8(ascii: ":") }.count
        let words = field.dropFirst(parents).split(
            separator: 0x20, omittingEmptySubsequences: false)
        guard words.count == 2 * (parents + 1) + 1 else { throw .malformed }
        let mode = String(decoding: words[parents], as: UTF8.self)
        guard let object = GitObjectID(String(decoding: words[2 * parents + 1], as: UTF8.self))
        else { throw .malformed }
        let isFile = mode == "100644" || mode == "100755" || mode == "100664"
        return Entry(path: path, blob: isFile && !object.isZero ? object : nil)
    }

    /// Reads `ADDED TAB REMOVED TAB PATH`, with `-` for the numbers of a binary file.
    ///
    /// - Returns: nil if the field has no tab.
    private static func numbers(
        _ field: ArraySlice<UInt8>
    ) throws(GitDiffError) -> (Int, Int, ChangedPath)? {
        let parts = field.split(separator: 0x09, maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count > 1 else { return nil }
        guard parts.count == 3, let added = number(parts[0]), let removed = number(parts[1]) else {
            throw .malformed
        }
        guard let path = ChangedPath(parts[2]) else { throw .badPath }
        return (added, removed, path)
    }

    private static func number(_ text: ArraySlice<UInt8>) -> Int? {
        if text.elementsEqual("-".utf8) { return 0 }
        guard (1...10).contains(text.count),
            text.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return Int(String(decoding: text, as: UTF8.self))
    }
}

package enum GitDiffError: Error, Hashable, Sendable, CustomStringConvertible {
    case malformed
    /// A tree has an entry that no repository should have.
    case badPath
    case tooMany

    package var description: String {
        switch self {
        case .malformed: "the output of Git cannot be read"
        case .badPath: "a commit has a file under a name that cannot be a path"
        case .tooMany: "the commits change more than \(GitDiff.mostEntries) entries"
        }
    }
}

/// The header of an object in the output of `git cat-file --batch`: `OBJECT TYPE SIZE`.
package struct GitObjectHead: Hashable, Sendable {
    package enum Kind: String, CaseIterable, Sendable { case commit, blob, tree, tag }

    package let object: GitObjectID
    package let kind: Kind
    package let size: Int64

    /// The most bytes of a header.
    package static let longest = 128

    /// - Parameter line: without its line feed.
    /// - Returns: nil if the line is no header, also for an object that is missing.
    package init?(_ line: some Collection<UInt8>) {
        guard line.count <= Self.longest else { return nil }
        let words = String(decoding: line, as: UTF8.self).split(
            separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, let object = GitObjectID(words[0]),
            let kind = Kind(rawValue: String(words[1])), let size = Int64(words[2]), size >= 0
        else { return nil }
        (self.object, self.kind, self.size) = (object, kind, size)
    }
}

/// A commit as Git stores it.
package enum GitCommitObject {
    /// Returns the message: all after the first empty line.
    package static func message(of bytes: [UInt8]) -> [UInt8] {
        let lineFeed = UInt8(ascii: "\n")
        for place in bytes.indices.dropLast()
        where bytes[place] == lineFeed && bytes[place + 1] == lineFeed {
            return Array(bytes[(place + 2)...])
        }
        return []
    }
}
