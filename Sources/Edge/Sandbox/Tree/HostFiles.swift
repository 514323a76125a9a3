import CLinux
import Glibc
import InterlockPorts

/// Files of this host, and the texts of their paths.
package enum HostFiles {
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

    /// Returns true if the path is a regular file, links resolved.
    static func isFile(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// Finds a program by its name, like `execvp`; relative folders are left out.
    static func program(_ name: String, in searchPath: [Substring]) -> String? {
        for folder in searchPath where folder.hasPrefix("/") {
            let path = "\(folder)/\(name)"
            if isFile(path), unsafe access(path, X_OK) == 0 { return path }
        }
        return nil
    }

    static func parent(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }

    /// Returns an absolute path without empty, `.` and `..` components, links unresolved.
    package static func normal(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }
}
