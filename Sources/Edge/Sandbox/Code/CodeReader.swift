import CLinux
import Glibc
package import InterlockModel
package import InterlockPorts

/// Finds the code that a command leads to, and its parts (decision 0021): the program, the interpreter in its first
/// line, the script, a Python environment's packages, a package with `package.json`. Blocks; limited by `CodeBudget`.
///
/// INVARIANT: no child is started whose code is not as in the lock, and the file that was read is the one that is
/// executed. Kept by `CodeReaderTests`, `ReviewedCodeTests`, `LockedCodeTests`, `test_server_code.py`.
package struct CodeReader: Sendable {
    private let hashing: any Hashing

    package init(hashing: any Hashing) { self.hashing = hashing }

    /// - Parameters:
    ///   - environment: the environment of the child, whose PATH is used.
    ///   - directory: the folder in which the command starts.
    /// - Returns: the code, and the same as locks of earlier versions have it, with caches in the digests of folders.
    /// - Throws: an error if a part is missing, unreadable, too large, not a regular file, or written meanwhile.
    package func read(
        _ argv: [String], _ environment: [(String, String)], in directory: String = "/"
    ) throws(LaunchFailure) -> (code: ProgramCode, whole: ProgramCode) {
        let found = try look(argv, environment, in: directory, readsContents: true)
        return (found.code, found.whole)
    }

    /// Returns a sentence if a file was written since the snapshot with this stamp, otherwise nil.
    ///
    /// - Parameter withCaches: whether the stamp includes the caches.
    func changes(
        since stamp: Digest, withCaches: Bool, _ argv: [String], _ environment: [(String, String)],
        in directory: String
    ) -> String? {
        do throws(LaunchFailure) {
            let now = try look(argv, environment, in: directory, readsContents: false)
            return now.stamp(withCaches: withCaches) == stamp
                ? nil : "its code was written while it was started"
        } catch { return error.reason }
    }

    /// The result of comparing code with the reviewed one.
    enum Comparison: Equatable {
        /// - Parameter usesCaches: false if the caches of Python are not those of the review, so that none is read.
        case asReviewed(usesCaches: Bool)
        case differs(String)
    }

    /// Compares the code that a command leads to with the reviewed one. Locks of earlier versions have the caches in the
    /// digests of folders.
    func comparison(of snapshot: borrowing Snapshot, with reviewed: ProgramCode) -> Comparison {
        guard let difference = reviewed.difference(from: snapshot.code) else {
            return .asReviewed(usesCaches: reviewed.caches == snapshot.code.caches)
        }
        if reviewed.difference(from: snapshot.whole) == nil { return .asReviewed(usesCaches: true) }
        // The folder is walked for the times of its files only once it is known to differ.
        return .differs(
            reviewed.difference(from: snapshot.code, lastWritten: lastWritten) ?? difference)
    }

    /// Returns the files below a folder that were written last, newest first, or nil if there are none. The times are
    /// those of the last status change, which no program can set.
    package func lastWritten(in folder: String) -> String? {
        var found = CodeFolder(folder, hashing: hashing, readsContents: false, hasCaches: true)
        var budget = CodeBudget()
        guard (try? found.walk(&budget)) != nil, !found.lastWritten.isEmpty else { return nil }
        return found.lastWritten.prefix(3).map { "`\($0.path)` at \($0.text)" }
            .joined(separator: ", ")
    }

    /// Returns a warning for people if the command runs code from elsewhere, otherwise nil.
    package static func caveat(of argv: [String]) -> String? {
        guard let program = argv.first else { return nil }
        let line = CodeCommand(program: program)
        guard line.isRunner else { return nil }
        return "`\(line.family)` fetches what it runs: its own file is pinned, and nothing else"
    }

    /// A snapshot of the files that a command resolves to.
    struct Snapshot: ~Copyable {
        let code: ProgramCode
        /// The code as locks of earlier versions have it, with the caches in the digests of folders.
        let whole: ProgramCode
        fileprivate let stamps: (code: Digest, whole: Digest)
        /// The absolute path of the program, links unresolved.
        let program: String
        /// The open file that the kernel must execute.
        var file: CodeFile

        /// A digest over the state of all files; equal only while none of them was written.
        func stamp(withCaches: Bool) -> Digest { withCaches ? stamps.whole : stamps.code }
    }

    /// - Parameter readsContents: if false, file contents are not digested and only the stamps are meaningful.
    func look(
        _ argv: [String], _ environment: [(String, String)], in directory: String,
        readsContents: Bool
    ) throws(LaunchFailure) -> Snapshot {
        var search = CodeSearch(environment, in: directory)
        let command = try search.command(argv)
        var budget = CodeBudget()
        var parts: [ProgramCode.Part] = []
        var stamps: [UInt8] = []
        func add(_ file: borrowing CodeFile) throws(LaunchFailure) {
            stamps += Array(file.stamp.utf8)
            let digest =
                try readsContents
                ? file.digest(hashing: hashing, &budget) : hashing.sha256([UInt8]())
            parts.append(ProgramCode.Part(kind: .file, path: file.path, digest: digest))
        }
        // INVARIANT: the descriptor that was read is the one that is executed.
        let program = try CodeFile(search.files[0])
        try add(program)
        for path in search.files.dropFirst() { try add(try CodeFile(path)) }
        var whole = parts
        var cacheStamps: [UInt8] = []
        for found in search.folders {
            var folder = CodeFolder(
                found.path, hashing: hashing, readsContents: readsContents,
                hasCaches: found.hasCaches)
            try folder.walk(&budget)
            stamps += folder.stamps
            cacheStamps += folder.cacheStamps
            func part(_ kind: ProgramCode.Part.Kind, _ digest: Digest) -> ProgramCode.Part {
                ProgramCode.Part(kind: kind, path: found.path, digest: digest)
            }
            whole.append(part(.folder, folder.wholeDigest))
            parts.append(part(.folder, folder.digest))
            if found.hasCaches { parts.append(part(.caches, folder.cacheDigest)) }
        }
        guard let code = ProgramCode(parts), let whole = ProgramCode(whole) else {
            throw LaunchFailure(reason: "the command leads to too many files")
        }
        return Snapshot(
            code: code, whole: whole,
            stamps: (hashing.sha256(stamps), hashing.sha256(stamps + cacheStamps)),
            program: command, file: program)
    }
}
