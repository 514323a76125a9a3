import Glibc

/// One component of a path, with what says who can change it.
package struct PathComponent: Sendable {
    /// The path up to here.
    package let path: String
    package let owner: UInt32
    package let mode: UInt32
    private let group: UInt32

    package var isLink: Bool { mode & S_IFMT == S_IFLNK }
    /// True for a folder in which users replace only their own entries, such as `/tmp`.
    package var isSticky: Bool { mode & S_IFMT == S_IFDIR && mode & S_ISVTX != 0 }
    /// True if any group or all users may write.
    package var isOpen: Bool { mode & 0o022 != 0 }
    /// True if all users may write, or a group other than root's.
    package var isOpenBesidesRoot: Bool {
        mode & 0o002 != 0 || mode & 0o020 != 0 && group != 0
    }

    private init(_ path: String) throws(FileFailure) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { throw FileFailure("find", path) }
        self.path = path
        (owner, group, mode) = (status.st_uid, status.st_gid, status.st_mode)
    }

    /// Returns the components of an absolute path from `/` on, as far as they can be found; no link is followed.
    package static func found(of path: String) -> [PathComponent] {
        var components: [PathComponent] = []
        for place in prefixes(of: path) {
            guard let component = try? PathComponent(place) else { break }
            components.append(component)
        }
        return components
    }

    /// Returns the components of an absolute path, which must exist.
    package static func all(of path: String) throws(FileFailure) -> [PathComponent] {
        var components: [PathComponent] = []
        for place in prefixes(of: path) { components.append(try PathComponent(place)) }
        return components
    }

    /// `/`, `/etc`, `/etc/interlock`, … up to the path itself.
    package static func prefixes(of path: String) -> [String] {
        var prefixes = ["/"]
        var place = ""
        for part in path.split(separator: "/") {
            place += "/" + part
            prefixes.append(place)
        }
        return prefixes
    }
}
