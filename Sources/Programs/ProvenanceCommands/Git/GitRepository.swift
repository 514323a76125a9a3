import Glibc
import InterlockCommandLine
import InterlockCredentials
import InterlockModel
import InterlockProvenance

/// The objects of a repository that an agent may have written, read by a Git that starts nothing of it.
///
/// The commands that read commits work in an empty repository of their own, whose object directory is the real one. So
/// the configuration, hooks, attributes, replacements and grafts of the real one are not read; the system's and the
/// user's configuration are not read either. Only `rev-parse` is run in the repository itself, which starts no program.
/// No command may use a network: an object that is missing is an error.
struct GitRepository {
    /// The most bytes of the output of a comparison, and of all contents that are read.
    private static let mostDiffBytes: Int64 = 512 << 20
    private static let mostContentBytes: Int64 = 4 << 30
    private static let longestName = 256

    private let folder: ScratchFolder
    private let variables: [String]
    private let index: String
    private let isSHA256: Bool

    private static let common =
        SafeGit.variables.map { "\($0.name)=\($0.value)" } + [
            "HOME=/nonexistent", "LC_ALL=C", "GIT_ATTR_NOSYSTEM=1", "GIT_ALLOW_PROTOCOL=none",
            "GIT_PAGER=cat",
        ]

    /// Opens the repository of the current folder, or the one that Git names in the environment of a hook.
    ///
    /// - Throws: exit 65 if there is none.
    init() throws(Failure) {
        let folder = try ScratchFolder()
        let scratch = folder.path
        let found: [String]
        do throws(Failure) {
            found = try Self.lines(
                [
                    "rev-parse", "--path-format=absolute", "--git-path", "objects", "--git-path",
                    "index", "--show-object-format",
                ], scratch)
        } catch {
            throw Failure(error.exit, error.message, help: "run it in the repository")
        }
        guard found.count == 3, found[0].hasPrefix("/"), found[1].hasPrefix("/") else {
            throw Failure(.data, "the folder of the repository's objects cannot be found")
        }
        isSHA256 = found[2] == "sha256"
        try Self.prepare(scratch, isSHA256: isSHA256)
        variables =
            Self.common + ["GIT_DIR=\(scratch)/git", "GIT_OBJECT_DIRECTORY=\(found[0])"]
        index = environment("GIT_INDEX_FILE").flatMap(File.realPath) ?? found[1]
        self.folder = folder
    }

    /// A folder of its own, which exists as long as a copy of this value.
    var scratch: String { folder.path }

    /// Commits and trees are read from the objects themselves: the indexes of them are files of the repository, which
    /// could state other parents.
    private static let core =
        "\tbare = true\n\tcommitGraph = false\n\tmultiPackIndex = false\n"

    /// Makes the empty repository.
    private static func prepare(_ scratch: String, isSHA256: Bool) throws(Failure) {
        let git = scratch + "/git"
        let settings =
            isSHA256
            ? "[core]\n\trepositoryformatversion = 1\n\(core)[extensions]\n\tobjectformat = sha256\n"
            : "[core]\n\trepositoryformatversion = 0\n\(core)"
        do throws(FileFailure) {
            for folder in ["", "/objects", "/refs"] {
                try File.makeFolder(git + folder, mode: 0o700)
            }
            try File.write(Array("ref: refs/heads/none\n".utf8), to: git + "/HEAD")
            try File.write(Array(settings.utf8), to: git + "/config")
        } catch { throw Failure(.unavailable, error.message) }
    }

    /// Runs `rev-parse` in the repository itself and returns the lines of its output.
    private static func lines(
        _ arguments: [String], _ scratch: String
    ) throws(Failure) -> [String] {
        let given = environment("GIT_DIR").map { ["GIT_DIR=\($0)"] } ?? []
        let process = try GitProcess(
            SafeGit.options + arguments, variables: common + given, in: scratch, most: 1 << 16)
        return String(decoding: try process.rest(), as: UTF8.self)
            .split(separator: "\n").map(String.init)
    }

    /// - Throws: exit 64 for a name that Git could take for an option, 65 if it names no commit.
    func commit(_ name: String) throws(Failure) -> GitObjectID {
        guard !name.isEmpty, name.utf8.count <= Self.longestName, !name.hasPrefix("-"),
            name.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f })
        else {
            throw Failure(
                .usage, "invalid revision `\(TerminalEscaping.shown(name))`",
                help: "pass BASE..HEAD, such as origin/main..HEAD")
        }
        do throws(Failure) {
            let lines = try Self.lines(
                ["rev-parse", "--verify", "--end-of-options", name + "^{commit}"], scratch)
            if lines.count == 1, let commit = GitObjectID(lines[0]) { return commit }
        } catch { guard error.exit == .data else { throw error } }
        throw Failure(
            .data, "the repository has no commit `\(TerminalEscaping.shown(name))`",
            help: "fetch it first, with its history")
    }

    /// The absolute path of the folder that has the files of the repository.
    ///
    /// - Throws: exit 65 if it has none.
    func top() throws(Failure) -> String {
        let found = try Self.lines(["rev-parse", "--show-toplevel"], scratch)
        guard found.count == 1, found[0].hasPrefix("/") else {
            throw Failure(.data, "the repository has no folder of files")
        }
        return found[0]
    }

    /// The files of a commit.
    func tree(of commit: GitObjectID) throws(Failure) -> GitTree {
        let bytes = try output(["ls-tree", "-r", "-z", "--full-tree", commit.text])
        do throws(GitDiffError) { return try GitTree(bytes) } catch {
            throw Failure(.data, "\(error)")
        }
    }

    /// Returns nil if the name names no commit, as `HEAD` before the first one.
    func commitIfAny(_ name: String) throws(Failure) -> GitObjectID? {
        do throws(Failure) { return try commit(name) } catch {
            guard error.exit == .data else { throw error }
            return nil
        }
    }

    private func output(_ arguments: [String], input: [UInt8] = []) throws(Failure) -> [UInt8] {
        try GitProcess(
            arguments, variables: variables, input: input, in: scratch,
            most: Self.mostDiffBytes
        ).rest()
    }

    private func objects(_ bytes: [UInt8]) throws(Failure) -> [GitObjectID] {
        var found: [GitObjectID] = []
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            guard let object = GitObjectID(String(decoding: line, as: UTF8.self)) else {
                throw Failure(.data, "the output of Git cannot be read")
            }
            found.append(object)
        }
        return found
    }

    /// The commits that are in `head` and not in `base`, the newest first.
    func commits(from base: GitObjectID, to head: GitObjectID, most: Int) throws(Failure)
        -> [GitObjectID]
    {
        let found = try objects(
            try output([
                "rev-list", "--topo-order", "--max-count=\(most + 1)", head.text, "^" + base.text,
            ]))
        guard found.count <= most else {
            throw Failure(.data, "the range has more than \(most) commits")
        }
        return found
    }

    /// The commit from which both continue; nil if they have none in common.
    func mergeBase(_ base: GitObjectID, _ head: GitObjectID) throws(Failure) -> GitObjectID? {
        do throws(Failure) {
            return try objects(try output(["merge-base", base.text, head.text])).first
        } catch {
            guard error.exit == .data else { throw error }
            return nil
        }
    }

    private static let comparison = [
        "-r", "-z", "--raw", "--numstat", "--no-abbrev", "--no-renames", "--no-ext-diff",
        "--no-textconv", "--diff-algorithm=myers", "--ignore-submodules=all",
    ]

    /// The changes of each commit, in the order of the list.
    func changes(of commits: [GitObjectID]) throws(Failure) -> [GitDiff.Commit] {
        guard !commits.isEmpty else { return [] }
        let input = commits.flatMap { Array($0.text.utf8) + [UInt8(ascii: "\n")] }
        let diff = try parsed(
            try output(
                ["diff-tree", "--stdin", "-c", "--root", "--always"] + Self.comparison,
                input: input))
        guard diff.commits.map(\.commit) == commits else {
            throw Failure(.data, "the output of Git does not have each commit once")
        }
        return diff.commits
    }

    /// The difference of two trees.
    func difference(_ base: GitObjectID, _ head: GitObjectID) throws(Failure) -> [GitDiff.Entry] {
        try parsed(try output(["diff-tree"] + Self.comparison + [base.text, head.text]))
            .commits.first?.entries ?? []
    }

    /// The words in the lines that differ between two trees.
    func changedWords(_ base: GitObjectID, _ head: GitObjectID) throws(Failure) -> Int {
        let patch = try output([
            "diff-tree", "-p", "-U0", "--no-color", "--no-renames", "--no-ext-diff",
            "--no-textconv", "--diff-algorithm=myers", "--ignore-submodules=all", base.text,
            head.text,
        ])
        do throws(GitDiffError) { return try ChangedWordCount.count(patch) } catch {
            throw Failure(.data, "\(error)")
        }
    }

    /// The difference of the index, of which the next commit is made, and a commit; nil for the first commit.
    func staged(against base: GitObjectID?) throws(Failure) -> [GitDiff.Entry] {
        let tree = base?.text ?? (isSHA256 ? Self.emptyTreeSHA256 : Self.emptyTree)
        let process = try GitProcess(
            ["diff-index", "--cached"] + Self.comparison + [tree],
            variables: variables + ["GIT_INDEX_FILE=\(index)"], in: scratch,
            most: Self.mostDiffBytes)
        return try parsed(try process.rest()).commits.first?.entries ?? []
    }

    /// Git knows these trees without an object.
    private static let emptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
    private static let emptyTreeSHA256 =
        "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"

    private func parsed(_ bytes: [UInt8]) throws(Failure) -> GitDiff {
        do throws(GitDiffError) { return try GitDiff(bytes) } catch {
            throw Failure(.data, "\(error)")
        }
    }

    /// Reads objects one after the other.
    ///
    /// - Parameter take: must read exactly the content, of as many bytes as the header says.
    func read(
        _ objects: [GitObjectID],
        _ take: (GitObjectHead, borrowing GitContent) throws(Failure) -> Void
    ) throws(Failure) {
        guard !objects.isEmpty else { return }
        let process = try GitProcess(
            ["cat-file", "--batch", "--buffer"], variables: variables,
            input: objects.flatMap { Array($0.text.utf8) + [UInt8(ascii: "\n")] }, in: scratch,
            most: Self.mostContentBytes)
        for object in objects {
            guard let line = try process.line(most: 256), let head = GitObjectHead(line),
                head.object == object
            else {
                throw Failure(
                    .data, "object \(object.short) is not in the repository",
                    help: "the whole history must be here: git fetch --unshallow")
            }
            try take(head, GitContent(process: process, size: head.size))
            guard try process.line(most: 0)?.isEmpty == true else {
                throw Failure(.data, "the output of Git cannot be read")
            }
        }
        try process.finish()
    }
}

/// The content of one object, to be read once.
struct GitContent: ~Copyable {
    fileprivate let process: GitProcess
    fileprivate let size: Int64

    func digest(_ hashing: OpenSSLHashing) throws(Failure) -> Digest {
        try hashing.sha256 { take throws(Failure) in try process.pass(size, take) }
    }

    /// - Throws: exit 65 if there are more than `most` bytes.
    func bytes(most: Int) throws(Failure) -> [UInt8] {
        guard size <= most else { throw Failure(.data, "an object has more than \(most) bytes") }
        var bytes: [UInt8] = []
        try process.pass(size) { part in
            for index in part.indices { bytes.append(part[index]) }
        }
        return bytes
    }
}

/// A folder for temporary files, which is removed with this object.
private final class ScratchFolder: Sendable {
    let path: String

    init() throws(Failure) {
        do throws(Failure) { path = try Scratch.make() } catch {
            throw Failure(.unavailable, error.message)
        }
    }

    deinit { Scratch.remove(path) }
}
