import Glibc

/// Files of the tests, read without Foundation.
package enum TestFiles {
    /// The package's root, from the `#filePath` of a file in `Tests/<target>/`.
    package static func root(from filePath: StaticString) -> String {
        "\(filePath)".split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
            .joined(separator: "/")
    }

    /// Vectors of other projects: `$INTERLOCK_VECTORS`, by default `../shared/vectors` relative to the package.
    package static func vectors(from filePath: StaticString) -> String {
        unsafe getenv("INTERLOCK_VECTORS").map { unsafe String(cString: $0) }
            ?? root(from: filePath) + "/../shared/vectors"
    }

    /// - Returns: nil if the file cannot be read.
    package static func read(_ path: String) -> [UInt8]? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe piece.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            }
            if count < 0 { return nil }
            if count == 0 { return bytes }
            bytes += piece[..<count]
        }
    }

    /// Replaces the text of a file.
    package static func write(_ text: String, to path: String) throws {
        guard let file = unsafe fopen(path, "w") else { throw NotWritten(path: path) }
        let bytes = Array(text.utf8)
        let isWritten = unsafe fwrite(bytes, 1, bytes.count, file) == bytes.count
        let isClosed = unsafe fclose(file) == 0
        guard isWritten, isClosed else { throw NotWritten(path: path) }
    }

    private struct NotWritten: Error {
        let path: String
    }

    /// Paths of the entries whose name ends with `suffix`, sorted; empty if the folder is absent.
    package static func list(_ folder: String, suffix: String = "") -> [String] {
        guard let stream = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                unsafe tuple.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if !name.hasPrefix("."), name.hasSuffix(suffix) { names.append(folder + "/" + name) }
        }
        return names.sorted()
    }

    /// Is true if a test must fail instead of being skipped.
    package static var isCI: Bool {
        unsafe getenv("CI").map { unsafe String(cString: $0) } == "true"
    }
}
