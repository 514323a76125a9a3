/// A snapshot of the files and folders that the command of a stdio server resolves to, in the order in which they were
/// found, as people reviewed it (docs/specs/mcp.md, sections 11 and 12).
package struct ProgramCode: Sendable, Hashable {
    package struct Part: Sendable, Hashable {
        package enum Kind: String, Sendable, CaseIterable {
            /// A file, whose digest is the SHA-256 of its bytes.
            case file
            /// A folder, whose digest is the SHA-256 of the lines of `CodeListing`.
            case folder
            /// The byte code caches of Python below the folder with this path, with a digest as of a folder. They are no
            /// code: where they are not as reviewed, they are not run.
            case caches
        }

        package let kind: Kind
        /// The absolute path without symbolic links.
        package let path: String
        package let digest: Digest

        package init(kind: Kind, path: String, digest: Digest) {
            self.kind = kind
            self.path = path
            self.digest = digest
        }
    }

    package static let mostParts = 32
    package static let longestPath = 4096

    package let parts: [Part]

    /// - Returns: nil if `parts` is empty or has more than `mostParts` elements.
    package init?(_ parts: [Part]) {
        guard (1...Self.mostParts).contains(parts.count) else { return nil }
        self.parts = parts
    }

    private var files: [Part] { parts.filter { $0.kind != .caches } }
    package var caches: [Part] { parts.filter { $0.kind == .caches } }

    /// The variable that makes Python read no caches: it names a folder for them that does not exist.
    package static let withoutCachesVariable = ("PYTHONPYCACHEPREFIX", "/nonexistent")

    /// Returns the code without the digests of caches, as people compare it.
    package var withoutCaches: ProgramCode { ProgramCode(files) ?? self }

    /// - Parameters:
    ///   - live: the parts that the command resolves to now.
    ///   - lastWritten: names the files below a folder that were written last.
    /// - Returns: nil if both are equal, otherwise a sentence about the first difference.
    package func difference(
        from live: ProgramCode, lastWritten: (_ folder: String) -> String? = { _ in nil }
    ) -> String? {
        let (parts, others) = (files, live.files)
        for (mine, other) in zip(parts, others) where mine != other {
            guard mine.path == other.path, mine.kind == other.kind else {
                return "the command leads to `\(other.path)`, and not to `\(mine.path)`"
            }
            let files = mine.kind == .folder ? lastWritten(mine.path) : nil
            return "`\(mine.path)` has changed" + (files.map { "; last written: \($0)" } ?? "")
        }
        if let more = others.dropFirst(parts.count).first {
            return "the command leads to `\(more.path)` too"
        }
        return parts.dropFirst(others.count).first.map {
            "the command leads to `\($0.path)` no more"
        }
    }
}

/// The lines from which a folder's digest is computed: `HEX  PATH` for each file, as sha256sum prints it, and `HEX
/// @PATH` for each link, with the digest of its target's text. Paths are relative to the folder and sorted by their
/// bytes.
package struct CodeListing: Sendable {
    private var lines: [(path: [UInt8], line: [UInt8])] = []

    package init() {}

    package mutating func add(file path: String, _ digest: Digest) { add(path, "  ", digest) }
    package mutating func add(link path: String, _ digest: Digest) { add(path, " @", digest) }

    /// Returns the listing of the files and links of both.
    package func joined(with other: CodeListing) -> CodeListing {
        var joined = self
        joined.lines += other.lines
        return joined
    }

    private mutating func add(_ path: String, _ mark: String, _ digest: Digest) {
        lines.append((Array(path.utf8), Array("\(digest.hex)\(mark)\(path)\n".utf8)))
    }

    package func digest(hashing: any Hashing) -> Digest {
        let sorted = lines.sorted { $0.path.lexicographicallyPrecedes($1.path) }
        return hashing.sha256(Array(sorted.map(\.line).joined()))
    }
}
