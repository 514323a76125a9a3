import CLinux
import Glibc
import InterlockCommandLine
import InterlockDoctor

/// Reads files as the user of the host reads them, with everything on the way to them.
enum FileReading {
    /// - Parameter limit: in bytes; a larger file counts as unreadable.
    static func facts(_ path: String, limit: Int = 4 << 20) -> FileFacts {
        let content: FileFacts.Content
        do throws(FileFailure) {
            content = .bytes(try File.readRegular(path, limit: limit))
        } catch { content = error.isMissing ? .absent : .unreadable(error.message) }
        return FileFacts(
            path: path, content: content, steps: steps(to: path), isReadOnly: isReadOnly(path))
    }

    /// The facts of a file whose content does not matter, or is too large.
    static func metadata(_ path: String) -> FileFacts {
        FileFacts(
            path: path, content: File.exists(path) ? .bytes([]) : .absent, steps: steps(to: path),
            isReadOnly: isReadOnly(path))
    }

    private static func steps(to path: String) -> [FileFacts.Step] {
        guard path.hasPrefix("/") else { return [] }
        let real = File.realPath(path)
        return walk(path) + (real.map { $0 == path ? [] : walk($0) } ?? [])
    }

    /// - Parameter path: an absolute path.
    private static func walk(_ path: String) -> [FileFacts.Step] {
        PathComponent.found(of: path).map { component in
            FileFacts.Step(
                path: component.path, owner: component.owner,
                permissions: component.mode & 0o7777, isLink: component.isLink)
        }
    }

    private static func isReadOnly(_ path: String) -> Bool {
        var system = statvfs()
        // ST_RDONLY of statvfs.
        return unsafe statvfs(path, &system) == 0 && system.f_flag & 1 != 0
    }
}
