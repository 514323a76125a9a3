import CLinux
import Glibc
package import InterlockModel
package import InterlockPorts

/// Finds the code that a command leads to, and what it is made of (decision 0021): the program, the interpreter
/// that its first line names, the script, a Python environment's packages, a package with `package.json`. Blocks;
/// bounded by `CodeBudget`.
package struct CodeReader: Sendable {
    private let hashing: any Hashing

    package init(hashing: any Hashing) { self.hashing = hashing }

    /// - Parameters:
    ///   - environment: of the child, whose PATH counts.
    ///   - directory: where the command starts.
    /// - Throws: when a part is missing, unreadable, too large, no file, or written meanwhile.
    package func read(
        _ argv: [String], _ environment: [(String, String)], in directory: String = "/"
    ) throws(LaunchFailure) -> ProgramCode {
        try look(argv, environment, in: directory, readsContents: true).code
    }

    /// What was written since a look, in one sentence; nil for nothing.
    func changes(
        since stamp: Digest, _ argv: [String], _ environment: [(String, String)],
        in directory: String
    ) -> String? {
        do throws(LaunchFailure) {
            let now = try look(argv, environment, in: directory, readsContents: false)
            return now.stamp == stamp ? nil : "its code was written while it was started"
        } catch { return error.reason }
    }

    /// What people should know of a command whose code is elsewhere; nil for nothing.
    package static func caveat(of argv: [String]) -> String? {
        guard let program = argv.first else { return nil }
        let line = CodeCommand(program: program)
        guard line.isRunner else { return nil }
        return "`\(line.family)` fetches what it runs: its own file is pinned, and nothing else"
    }

    /// What a command was when it was looked at.
    struct Snapshot: ~Copyable {
        let code: ProgramCode
        /// Of everything that was looked at; equal only while nothing of it was written.
        let stamp: Digest
        /// The absolute path of the program, with its links.
        let program: String
        /// Open, of what the kernel is to execute.
        var file: CodeFile
    }

    /// - Parameter readsContents: without it digests are of nothing, and the stamp alone counts.
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
        // INVARIANT: what is executed is the descriptor that was read.
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
        return Snapshot(
            code: code, stamp: hashing.sha256(stamps), program: command, file: program)
    }
}
