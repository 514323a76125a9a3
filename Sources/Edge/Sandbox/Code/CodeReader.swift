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
    /// - Throws: an error if a part is missing, unreadable, too large, not a regular file, or written meanwhile.
    package func read(
        _ argv: [String], _ environment: [(String, String)], in directory: String = "/"
    ) throws(LaunchFailure) -> ProgramCode {
        try look(argv, environment, in: directory, readsContents: true).code
    }

    /// Returns a sentence if a file was written since the snapshot with this stamp, otherwise nil.
    func changes(
        since stamp: Digest, _ argv: [String], _ environment: [(String, String)],
        in directory: String
    ) -> String? {
        do throws(LaunchFailure) {
            let now = try look(argv, environment, in: directory, readsContents: false)
            return now.stamp == stamp ? nil : "its code was written while it was started"
        } catch { return error.reason }
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
        /// A digest over the state of all files of the snapshot; equal only while none of them was written.
        let stamp: Digest
        /// The absolute path of the program, links unresolved.
        let program: String
        /// The open file that the kernel must execute.
        var file: CodeFile
    }

    /// - Parameter readsContents: if false, file contents are not digested and only the stamp is meaningful.
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
        for path in search.folders {
            var folder = CodeFolder(path, hashing: hashing, readsContents: readsContents)
            try folder.walk(&budget)
            stamps += folder.stamps
            parts.append(ProgramCode.Part(kind: .folder, path: path, digest: folder.digest))
        }
        guard let code = ProgramCode(parts) else {
            throw LaunchFailure(reason: "the command leads to too many files")
        }
        return Snapshot(code: code, stamp: hashing.sha256(stamps), program: command, file: program)
    }
}
