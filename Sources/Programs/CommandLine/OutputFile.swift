import Glibc

/// A file that is written piece by piece and appears completely or not at all.
package final class OutputFile {
    private let path: String
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var isDone = false

    private static let bufferBytes = 1 << 20

    /// Checks that the path is free; the caller does so before it records that it will write there.
    ///
    /// - Throws: exit 73 if the path exists.
    package static func requireFree(_ path: String) throws(Failure) {
        guard !File.exists(path) else {
            throw Failure(.cannotCreate, "there is something at `\(path)` already")
        }
    }

    /// - Throws: exit 73 if the path exists or the file cannot be created.
    package init(_ path: String) throws(Failure) {
        try Self.requireFree(path)
        self.path = path
        do throws(FileFailure) { descriptor = try File.openDraft(of: path) } catch {
            throw Failure(.cannotCreate, error.message)
        }
    }

    deinit {
        close(descriptor)
        if !isDone { unsafe unlink(File.draft(of: path)) }
    }

    /// Writes a whole file.
    package static func write(_ bytes: [UInt8], to path: String) throws(Failure) {
        let output = try OutputFile(path)
        try output.bytes(bytes)
        try output.finish()
    }

    package func line(_ text: String) throws(Failure) {
        buffer += text.utf8
        buffer.append(UInt8(ascii: "\n"))
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    package func bytes(_ bytes: [UInt8]) throws(Failure) {
        buffer += bytes
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    package func finish() throws(Failure) {
        try flush()
        guard fsync(descriptor) == 0, unsafe rename(File.draft(of: path), path) == 0 else {
            throw Failure(.io, FileFailure("write", path).message)
        }
        isDone = true
    }

    private func flush() throws(Failure) {
        do throws(FileFailure) { try File.writeAll(buffer, to: descriptor, path) } catch {
            throw Failure(.io, error.message)
        }
        buffer.removeAll(keepingCapacity: true)
    }
}
