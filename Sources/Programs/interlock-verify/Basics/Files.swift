import Glibc

/// Reading files; this program writes none.
enum Files {
    static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    static func isFolder(_ path: String) -> Bool {
        var info = stat()
        return unsafe stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
    }

    /// A whole file, which must be there; above `limit` it is refused as malformed.
    static func required(_ path: String, limit: Int) throws(Refusal) -> [UInt8] {
        let file = try OpenFile.required(path)
        guard file.count <= limit else {
            throw Refusal(.malformed, "`\(path)` is larger than \(limit) bytes")
        }
        return try file.read(at: 0, count: file.count)
    }

    /// The first bytes of a file, which must be there; as many as there are, and `count` at most.
    static func beginning(_ path: String, _ count: Int) throws(Refusal) -> [UInt8] {
        let file = try OpenFile.required(path)
        return try file.read(at: 0, count: min(count, file.count))
    }

    /// Names in a folder, sorted; nil when there is none.
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

/// A regular file, open for reading at any place.
final class OpenFile {
    let path: String
    let count: Int
    private let descriptor: Int32

    /// - Returns: nil when there is no such file.
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

    /// Exactly `count` bytes; fewer are an error.
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
