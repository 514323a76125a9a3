import InterlockCommandLine
import InterlockCredentials
import InterlockModel
import InterlockProvenance

/// The commits of a range with the digests of what they wrote, and the files that differ at its ends.
struct CheckedRange {
    let base: GitObjectID
    let head: GitObjectID
    /// The newest first.
    let commits: [CommitChange]
    /// The changed files of all commits, and those that differ between the ends; each once.
    let paths: [ChangedPath]
    /// The lines added and removed between the ends.
    let lines: Int
    /// The words in these lines; nil if they were not counted.
    let words: Int?
}

/// Reads changes from a repository.
struct ChangeReader {
    /// The most commits of one range.
    static let mostCommits = 10_000
    private static let mostCommitBytes = 4 << 20
    /// The most changed lines of which the words are counted.
    private static let mostCountedLines = 200_000

    private let repository: GitRepository
    private let hashing = OpenSSLHashing()

    init() throws(Failure) { repository = try GitRepository() }

    /// - Parameters:
    ///   - text: `BASE..HEAD`.
    ///   - countsWords: true if the words of changed lines are counted, unless there are too many lines.
    func range(_ text: String, countsWords: Bool = false) throws(Failure) -> CheckedRange {
        let (first, last) = try Self.ends(text)
        let (base, head) = (try repository.commit(first), try repository.commit(last))
        let names = try repository.commits(from: base, to: head, most: Self.mostCommits)
        let changes = try repository.changes(of: names)
        let messages = try messages(of: names)
        let contents = try contents(of: changes.flatMap(\.entries))
        let commits = zip(names, changes).enumerated().map { number, row in
            CommitChange(
                commit: row.0, message: messages[number],
                files: Self.files(row.1.entries, contents))
        }
        guard let common = try repository.mergeBase(base, head) else {
            throw Failure(
                .data, "the ends of the range have no commit in common here",
                help: "the whole history must be here: git fetch --unshallow")
        }
        let difference = try repository.difference(common, head)
        let paths = Set(changes.flatMap(\.entries).map(\.path) + difference.map(\.path))
        let lines = difference.reduce(0) { $0 + $1.added + $1.removed }
        var words: Int?
        if countsWords, lines <= Self.mostCountedLines {
            words = try repository.changedWords(common, head)
        }
        return CheckedRange(
            base: base, head: head, commits: commits, paths: paths.sorted(), lines: lines,
            words: words)
    }

    /// Returns the commit that is about to be made from the index.
    ///
    /// - Parameters:
    ///   - message: so far.
    ///   - isAmending: true if it takes the place of the last commit.
    func staged(_ message: [UInt8], isAmending: Bool) throws(Failure) -> CommitChange {
        let base = try repository.commitIfAny(isAmending ? "HEAD^1" : "HEAD")
        let entries = try repository.staged(against: base)
        let zero = String(repeating: "0", count: 40)
        guard let commit = base ?? GitObjectID(zero) else {
            throw Failure(.internalError, "no name for the new commit")
        }
        return CommitChange(
            commit: commit, message: message,
            files: Self.files(entries, try contents(of: entries)))
    }

    private static func ends(_ text: String) throws(Failure) -> (String, String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        // Two dots, and none before or after them: three mean another range to Git.
        let empty = parts.indices.filter { parts[$0].isEmpty }
        guard empty.count == 1, let place = empty.first, place > 0, place < parts.count - 1 else {
            throw Failure(
                .usage, "invalid range `\(TerminalEscaping.shown(text))`",
                help: "pass BASE..HEAD, such as origin/main..HEAD")
        }
        return (
            parts[..<place].joined(separator: "."), parts[(place + 1)...].joined(separator: ".")
        )
    }

    private func messages(of commits: [GitObjectID]) throws(Failure) -> [[UInt8]] {
        var messages: [[UInt8]] = []
        try repository.read(commits) { head, content throws(Failure) in
            guard head.kind == .commit else {
                throw Failure(.data, "object \(head.object.short) is not a commit")
            }
            messages.append(
                GitCommitObject.message(of: try content.bytes(most: Self.mostCommitBytes)))
        }
        return messages
    }

    private func contents(
        of entries: [GitDiff.Entry]
    ) throws(Failure) -> [GitObjectID: (digest: Digest, size: Int64)] {
        var found: [GitObjectID: (digest: Digest, size: Int64)] = [:]
        let blobs = Set(entries.compactMap(\.blob)).sorted { $0.text < $1.text }
        try repository.read(blobs) { head, content throws(Failure) in
            guard head.kind == .blob else {
                throw Failure(.data, "object \(head.object.short) is not the content of a file")
            }
            found[head.object] = (try content.digest(hashing), head.size)
        }
        return found
    }

    private static func files(
        _ entries: [GitDiff.Entry], _ contents: [GitObjectID: (digest: Digest, size: Int64)]
    ) -> [ChangedFile] {
        entries.map { entry in
            let content = entry.blob.flatMap { contents[$0] }
            return ChangedFile(
                path: entry.path, digest: content?.digest, size: content?.size ?? 0,
                added: entry.added, removed: entry.removed)
        }
    }
}
