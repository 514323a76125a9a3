import CLinux
import Glibc
import InterlockPorts

/// The files at paths of this host, without following a link at the last component.
enum HostFiles {
    enum Kind: Equatable {
        case file, folder, other
        /// A symbolic link with its text.
        case link(String)
    }

    /// Returns nil if there is nothing at the path.
    static func kind(_ path: String) -> Kind? {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return nil }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file
        case S_IFDIR: return .folder
        case S_IFLNK: return .link(text(of: path))
        default: return .other
        }
    }

    private static func text(of link: String) -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = unsafe readlink(link, &buffer, buffer.count)
        guard count > 0, count < buffer.count else { return "" }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Returns the bytes of a small file, or nothing if it cannot be read.
    ///
    /// - Parameter limit: the most bytes; later ones are dropped.
    static func content(_ path: String, limit: Int) -> [UInt8] {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: limit)
        let count = unsafe read(file, &buffer, limit)
        return count > 0 ? Array(buffer[..<count]) : []
    }

    /// Returns whether a path is a folder or lies in it. Both are absolute and in normal form.
    static func isWithin(_ path: String, _ folder: String) -> Bool {
        folder == "/" ? path.hasPrefix("/") : path == folder || path.hasPrefix(folder + "/")
    }

    static func parent(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }

    /// Returns an absolute path without empty, `.` and `..` components, links unresolved.
    static func normal(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }
}
