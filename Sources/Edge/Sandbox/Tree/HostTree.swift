import CLinux
import Glibc

/// The parts of the host's file tree that a sandbox's tree is made from. Links are never followed.
package struct HostTree: Sendable {
    package enum Kind: Sendable, Hashable {
        case file, folder, other
        /// A symbolic link with its text.
        case link(String)
    }

    /// Returns nil if there is nothing at the path.
    package var kind: @Sendable (_ path: String) -> Kind?

    package init(kind: @escaping @Sendable (_ path: String) -> Kind?) { self.kind = kind }

    package static let real = HostTree { path in
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return nil }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file
        case S_IFDIR: return .folder
        case S_IFLNK:
            var buffer = [CChar](repeating: 0, count: 4096)
            let count = unsafe readlink(path, &buffer, buffer.count)
            guard count > 0, count < buffer.count else { return .other }
            let text = buffer[..<count].map { UInt8(bitPattern: $0) }
            return .link(String(decoding: text, as: UTF8.self))
        default: return .other
        }
    }

    /// The reason why a path leads to nothing of its own: the first component that is missing or a link.
    package enum PathFault: Error {
        case missing(String)
        case link(String, text: String)
    }

    /// The kind of a path of which no component is a link.
    package func plainKind(_ path: String) throws(PathFault) -> Kind {
        var here = ""
        var found = Kind.folder
        for component in path.split(separator: "/") {
            here += "/" + component
            guard let next = self.kind(here) else { throw .missing(here) }
            if case .link(let text) = next { throw .link(here, text: text) }
            found = next
        }
        return found
    }

    /// True if the path exists and no component of it is a link.
    package func isPlain(_ path: String) -> Bool { (try? plainKind(path)) != nil }
}

/// Relations of absolute paths in normal form.
package enum PathRelation {
    /// True if the path is the folder or lies in it.
    package static func isWithin(_ path: String, _ folder: String) -> Bool {
        folder == "/" ? path.hasPrefix("/") : path == folder || path.hasPrefix(folder + "/")
    }

    package static func overlap(_ a: String, _ b: String) -> Bool {
        isWithin(a, b) || isWithin(b, a)
    }
}
