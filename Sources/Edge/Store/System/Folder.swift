import Glibc

/// Operations on folders and whole files. Those that replace or flush survive a loss of power.
enum Folder {
    /// Creates the folder and its parents with mode 0700.
    static func make(_ path: String) throws(SystemError) {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += made.isEmpty || made.hasSuffix("/") ? String(part) : "/" + part
            if unsafe mkdir(made, 0o700) == 0 || errno == EEXIST { continue }
            throw SystemError("mkdir", made)
        }
    }

    /// The names in the folder, sorted, without those that begin with a dot.
    static func names(_ path: String) throws(SystemError) -> [String] {
        guard let folder = unsafe opendir(path) else { throw SystemError("opendir", path) }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = unsafe readdir(folder) else {
                guard errno == 0 else { throw SystemError("readdir", path) }
                return names.sorted()
            }
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe String(
                    cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
    }

    static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    /// Makes the names in the folder durable.
    static func flush(_ path: String) throws(SystemError) {
        try FileDescriptor(path, O_RDONLY | O_DIRECTORY).flush()
    }

    static func rename(_ old: String, to new: String) throws(SystemError) {
        guard unsafe Glibc.rename(old, new) == 0 else { throw SystemError("rename", old) }
    }

    static func remove(_ path: String) throws(SystemError) {
        guard unsafe unlink(path) == 0 || errno == ENOENT else { throw SystemError("unlink", path) }
    }

    /// Replaces a whole file: temporary file, fsync, rename, fsync of the folder. After a crash, either the old or the
    /// new file exists, and possibly a `.tmp` file.
    static func replace(
        _ path: String, with bytes: [UInt8], _ disk: DiskOperations = .system
    ) throws(SystemError) {
        let temporary = path + ".tmp"
        let file = try FileDescriptor(temporary, O_WRONLY | O_CREAT | O_TRUNC)
        try check("write", temporary, disk.write(file.number, bytes[...], 0))
        try check("fsync", temporary, disk.sync(file.number))
        try check("rename", temporary, disk.rename(temporary, path))
        let folder = try FileDescriptor(parent(path), O_RDONLY | O_DIRECTORY)
        try check("fsync", folder.path, disk.sync(folder.number))
    }

    private static func check(
        _ call: String, _ path: String, _ code: Int32
    ) throws(SystemError) {
        guard code == 0 else { throw SystemError(call, path, code: code) }
    }

    /// Returns the file's first `limit` bytes, or nil if it does not exist. Throws if the file exists but cannot be
    /// opened.
    static func contents(_ path: String, limit: Int) throws(SystemError) -> [UInt8]? {
        let file: FileDescriptor
        do { file = try FileDescriptor(path, O_RDONLY) } catch {
            guard error.code == ENOENT else { throw error }
            return nil
        }
        // Reads at least one byte, so that a folder is an error even where its size is 0.
        return try file.read(at: 0, count: min(limit, max(try file.size(), 1)))
    }

    static func parent(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
