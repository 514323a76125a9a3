import Glibc
import InterlockCommandLine

/// The policy at a revision of the git repository that contains it.
struct GitRevision {
    private let name: String

    /// - Throws: exit 64 for a name that git would parse as an option.
    init(_ name: String) throws(Failure) {
        guard !name.isEmpty, !name.hasPrefix("-") else {
            throw Failure(.usage, "`git:\(name)` names no revision", help: "write git:main")
        }
        self.name = name
    }

    struct Checkout {
        let folder: String
        let policy: String
    }

    /// Writes the policy and its lock to a new temporary folder.
    ///
    /// - Parameter path: the policy's path in the working tree, where it need not exist any more.
    func extract(_ path: String) throws(Failure) -> Checkout {
        let slash = path.lastIndex(of: "/")
        let parent = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let file = slash.map { String(path[path.index(after: $0)...]) } ?? path
        let folder = try Scratch.make()
        do throws(Failure) {
            try copy(file, from: parent, to: folder)
            // A revision may have no lock.
            try? copy(LockFile.path(beside: file), from: parent, to: folder)
            if try hasCriteria(in: parent) {
                try? copy(CriteriaFile.name, from: parent, to: folder)
            }
        } catch {
            Scratch.remove(folder)
            throw error
        }
        return Checkout(folder: folder, policy: folder + "/" + file)
    }

    /// False if neither the revision nor the working tree has a criteria file. Asking git for a file that it does not have
    /// would print an error.
    private func hasCriteria(in parent: String) throws(Failure) -> Bool {
        if File.exists("\(parent)/\(CriteriaFile.name)") { return true }
        return try Child.run([
            "git", "-C", parent, "diff", "--quiet", "--no-ext-diff", "--no-textconv", name, "--",
            CriteriaFile.name,
        ]) == 1
    }

    private func copy(_ file: String, from parent: String, to folder: String) throws(Failure) {
        let archive = folder + "/.archive"
        let made = try Child.run([
            "git", "-C", parent, "archive", "--format=tar", "--output=" + archive, name, "--", file,
        ])
        guard made == 0 else {
            throw Failure(.notFound, "git has no `\(file)` at `\(name)`")
        }
        guard try Child.run(["tar", "-x", "-f", archive, "-C", folder]) == 0 else {
            throw Failure(.io, "`\(name)` cannot be unpacked")
        }
        unsafe unlink(archive)
    }
}
