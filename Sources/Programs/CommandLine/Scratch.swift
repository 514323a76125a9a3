import Glibc

/// Temporary folders that are removed when the command ends.
package enum Scratch {
    private static let depth = 16

    package static func make() throws(Failure) -> String {
        try make(in: environment("TMPDIR") ?? "/tmp")
    }

    package static func make(in base: String) throws(Failure) -> String {
        // The characters that mkdtemp replaces.
        let blanks = String(repeating: "X", count: 6)
        var template = Array((base + "/interlock-" + blanks).utf8CString)
        let path = unsafe template.withUnsafeMutableBufferPointer { buffer -> String? in
            guard let start = buffer.baseAddress, unsafe mkdtemp(start) != nil else { return nil }
            return unsafe String(cString: start)
        }
        guard let path else {
            throw Failure(.cannotCreate, "there is no place for files in `\(base)`")
        }
        return path
    }

    /// Removes a folder with its contents and ignores errors.
    package static func remove(_ folder: String) { remove(folder, depth) }

    private static func remove(_ path: String, _ depth: Int) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFDIR, depth > 0 else {
            unsafe unlink(path)
            return
        }
        for name in (try? File.names(in: path)) ?? [] { remove(path + "/" + name, depth - 1) }
        unsafe rmdir(path)
    }
}
