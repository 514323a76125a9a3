package import InterlockModel

extension EvidenceBundle {
    /// Writes the archive piece by piece, so that at most one payload is in memory.
    ///
    /// - Parameter blob: reads a stored blob.
    package func writeArchive(
        blob: (Digest) throws -> [UInt8], to write: ([UInt8]) throws -> Void
    ) throws {
        for file in files {
            switch file.content {
            case .bytes(let bytes): try UstarArchive.write(file.name, bytes, to: write)
            case .blob(let digest):
                try UstarArchive.write(file.name, try blob(digest), to: write)
            }
        }
        try write(UstarArchive.end)
    }
}

extension UstarArchive {
    /// Writes one file with its header and padding.
    package static func write(
        _ name: String, _ content: [UInt8], to write: ([UInt8]) throws -> Void
    ) throws {
        try write(header(name: name, count: content.count))
        try write(content)
        try write(padding(after: content.count))
    }
}
