import Glibc

/// File access; this program only reads.
enum Files {
    static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    static func isFolder(_ path: String) -> Bool {
        var info = stat()
        return unsafe stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
    }

    /// Reads a whole file, which must exist; a file above `limit` bytes is refused as malformed.
    static func required(_ path: String, limit: Int) throws(Refusal) -> [UInt8] {
        let file = try OpenFile.required(path)
        guard file.count <= limit else {
            throw Refusal(.malformed, "`\(path)` is larger than \(limit) bytes")
        }
        return try file.read(at: 0, count: file.count)
    }

    /// Reads at most the first `count` bytes of a file, which must exist.
    static func beginning(_ path: String, _ count: Int) throws(Refusal) -> [UInt8] {
        let file = try OpenFile.required(path)
        return try file.read(at: 0, count: min(count, file.count))
    }

    /// Returns the names in a folder, sorted, or nil if there is no such folder.
    static func names(_ path: String) throws(Refusal) -> [String]? {
        guard let folder = unsafe opendir(path) else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw Refusal(.io, "`\(path)` cannot be read")
        }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe String(
                    cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}

/// A regular file, open for random-access reading.
final class OpenFile {
    let path: String
    let count: Int
    private let descriptor: Int32

    /// - Returns: nil if the file does not exist.
    init?(_ path: String) throws(Refusal) {
        descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        self.path = path
        guard descriptor >= 0 else {
            count = 0
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw Refusal(.io, "`\(path)` cannot be read")
        }
        var info = stat()
        guard unsafe fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
            count = 0
            throw Refusal(.malformed, "`\(path)` is no file")
        }
        count = Int(info.st_size)
    }

    static func required(_ path: String) throws(Refusal) -> OpenFile {
        guard let file = try OpenFile(path) else {
            throw Refusal(.missing, "there is no file `\(path)`")
        }
        return file
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Reads exactly `count` bytes; fewer are an error.
    func read(at offset: Int, count: Int) throws(Refusal) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let got = unsafe bytes.withUnsafeMutableBytes {
                unsafe pread(
                    descriptor, $0.baseAddress?.advanced(by: done), count - done, offset + done)
            }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { throw Refusal(.io, "`\(path)` cannot be read to its end") }
            done += got
        }
        return bytes
    }
}
