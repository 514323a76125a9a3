import Glibc
package import InterlockCommandLine
import InterlockModel
import InterlockProvenance

/// The files that one commit has below a folder of the work tree, copied to a folder of their own on demand. Git starts
/// nothing of the repository (`GitRepository`), and no link of it is copied.
package final class CommittedFiles {
    /// The folder of the copies, which exists as long as this object.
    package let folder: String
    private let name: String
    private let repository: GitRepository
    private let files: [Committed]

    private struct Committed {
        /// The path below the folder.
        let path: String
        let entry: GitTree.Entry

        /// The most folders that a copied file is in.
        private static let deepest = 12

        /// True for a regular file whose name is text.
        var isCopied: Bool {
            let bytes = path.utf8
            return entry.kind != .other && entry.path.bytes.suffix(bytes.count).elementsEqual(bytes)
                && bytes.count { $0 == UInt8(ascii: "/") } <= Self.deepest
        }
    }

    /// The most bytes of one file, and of all that are copied at once.
    private static let mostFileBytes = 16 << 20
    private static let mostBytes: Int64 = 1 << 30

    /// - Parameters:
    ///   - name: a revision of the repository of the current folder, such as `origin/main`.
    ///   - project: the path of a folder in it.
    /// - Throws: exit 64 for an invalid name; 65 if the repository has no such commit, or not the folder.
    package init(_ name: String, below project: String) throws(Failure) {
        let repository = try GitRepository()
        let commit = try repository.commit(name)
        let top = try repository.top()
        let resolved = File.realPath(project.isEmpty ? "." : project)
        guard let place = resolved, place == top || place.hasPrefix(top + "/") else {
            throw Failure(
                .data, "`\(TerminalEscaping.shown(project))` is not in the repository `\(top)`",
                help: "run it in the repository that has the policy")
        }
        var prefix = Array(place.utf8.dropFirst(top.utf8.count).drop { $0 == UInt8(ascii: "/") })
        if !prefix.isEmpty { prefix.append(UInt8(ascii: "/")) }
        files = try repository.tree(of: commit).entries.compactMap { entry -> Committed? in
            guard entry.path.bytes.starts(with: prefix) else { return nil }
            let bytes = entry.path.bytes.dropFirst(prefix.count)
            return Committed(path: String(decoding: bytes, as: UTF8.self), entry: entry)
        }
        folder = repository.scratch + "/tree"
        self.name = name
        self.repository = repository
        try Self.make(folder)
    }

    /// Copies the files that are selected by their paths below the folder.
    ///
    /// - Returns: the selected paths that are not copied: links, submodules, those that are too deep, and names that are no
    ///   text.
    /// - Throws: exit 65 if the files are too large.
    package func copy(_ isSelected: (String) -> Bool) throws(Failure) -> [String] {
        var selected: [Committed] = []
        var refused: [String] = []
        for file in files where isSelected(file.path) {
            if file.isCopied {
                selected.append(file)
            } else {
                refused.append(file.path)
            }
        }
        try copy(selected)
        return refused
    }

    private func copy(_ selected: [Committed]) throws(Failure) {
        var next = 0
        var left = Self.mostBytes
        try repository.read(selected.map(\.entry.object)) { head, content throws(Failure) in
            guard head.kind == .blob else {
                throw Failure(.data, "object \(head.object.short) is not the content of a file")
            }
            left -= head.size
            guard left >= 0 else {
                throw Failure(.data, "the files of `\(TerminalEscaping.shown(name))` are too large")
            }
            try self.write(try content.bytes(most: Self.mostFileBytes), to: selected[next])
            next += 1
        }
    }

    private func write(_ bytes: [UInt8], to file: Committed) throws(Failure) {
        var path = folder
        for name in file.path.split(separator: "/").dropLast() {
            path += "/" + name
            try Self.make(path)
        }
        try Self.write(bytes, to: folder + "/" + file.path, file.entry.kind == .executable)
    }

    /// Writes a temporary file, which nothing needs after a crash, so it is not synced.
    private static func write(
        _ bytes: [UInt8], to path: String, _ isExecutable: Bool
    ) throws(Failure) {
        let mode: mode_t = isExecutable ? 0o755 : 0o644
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC
        let file = unsafe open(path, flags, mode)
        guard file >= 0 else {
            throw Failure(.unavailable, FileFailure("create", path).message)
        }
        defer { close(file) }
        do throws(FileFailure) { try File.writeAll(bytes, to: file, path) } catch {
            throw Failure(.unavailable, error.message)
        }
        // The umask may have taken the right to execute.
        guard fchmod(file, mode) == 0 else {
            throw Failure(.unavailable, FileFailure("change", path).message)
        }
    }

    private static func make(_ path: String) throws(Failure) {
        do throws(FileFailure) {
            try File.makeFolder(path, mode: 0o700)
        } catch { throw Failure(.unavailable, error.message) }
    }
}
