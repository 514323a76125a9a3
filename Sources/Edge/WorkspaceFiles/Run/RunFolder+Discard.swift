import CLinux
import Glibc
import InterlockWorkspace

/// The end of a workspace: everything in its folder is removed, whatever modes an agent gave it.
extension RunFolder {
    package func discard() throws(WorkspaceFailure) { try Self.discard(path) }

    /// Removes the folder, even if its preparation did not end.
    package static func discard(_ path: String) throws(WorkspaceFailure) {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
            throw WorkspaceFailure(.invalid, "`\(path)` is no folder of a run")
        }
        let parent = try Descriptor(folder: String(path[..<slash]))
        try remove(parent.number, Array(path[path.index(after: slash)...].utf8), .root, depth: 0)
    }

    private static func remove(
        _ folder: Int32, _ name: [UInt8], _ path: WorkspacePath, depth: Int
    ) throws(WorkspaceFailure) {
        func unlink(_ flags: Int32) -> Bool {
            unsafe unlinkat(folder, terminated(name), flags) == 0
        }
        guard let status = status(folder, name) else {
            if errno == ENOENT { return }
            throw .system("stat", path, errno)
        }
        guard status.kind == S_IFDIR else {
            guard unlink(0) else { throw .system("unlink", path, errno) }
            return
        }
        guard depth < 2000 else {
            throw WorkspaceFailure(.tooLarge, "`\(path.escaped)` is too deep to be removed")
        }
        // Opened by its name alone, without rights in it, and then by the descriptor: no other entry can take its name.
        guard let handle = Descriptor.entry(folder, name, interlock_open_path | O_DIRECTORY),
            interlock_chmod_path(handle.number, 0o700) == 0,
            let below = Descriptor.entry(handle.number, ".".utf8, O_RDONLY | O_DIRECTORY),
            let names = names(in: below.number)
        else { throw .system("open", path, errno) }
        for entry in names {
            // The path is for messages alone, and may be longer than one can be.
            try remove(below.number, entry, path.appending(entry) ?? path, depth: depth + 1)
        }
        guard unlink(AT_REMOVEDIR) else { throw .system("rmdir", path, errno) }
    }
}
