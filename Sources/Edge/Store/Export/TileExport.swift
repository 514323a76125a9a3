package import InterlockLedger
package import InterlockModel

/// Writes a log as a separate C2SP directory (tlog-tiles): entry bundles and tiles computed from the log's own entries,
/// and last the checkpoint that covers them. A verifier accepts the directory unchanged.
package struct TileExport {
    private let folder: String
    private let tree: TreeHash
    private var writer: TileWriter
    private var made: Set<String> = []

    /// - Parameter folder: created here; it must not exist.
    package init(to folder: String, hashing: any Hashing) throws(LedgerFailure) {
        guard !Folder.exists(folder) else {
            throw LedgerFailure(.exists, "there is something at `\(folder)` already")
        }
        self.folder = folder
        tree = TreeHash(hashing)
        writer = TileWriter(tree)
        try wrapped { () throws(SystemError) in try Folder.make(folder) }
    }

    /// - Precondition: entries are appended in order, starting at index 0.
    package mutating func append(_ entry: LedgerEntry) throws(LedgerFailure) {
        precondition(entry.index == writer.size, "an export has no holes")
        for file in writer.append(entry.leaf.bytes, leafHash: entry.leaf.hash) {
            try write(file.bytes, to: file.path.description)
        }
    }

    /// Writes a stored payload, still encrypted, under the path of C2SP's draft tlog-addenda.
    package mutating func add(blob: [UInt8], _ digest: Digest) throws(LedgerFailure) {
        let name = digest.hex
        let (first, second) = (name.prefix(2), name.dropFirst(2).prefix(2))
        try write(blob, to: "addenda/\(first)/\(second)/\(name)")
    }

    /// Writes the checkpoint, which completes the export; an export without it does not verify.
    /// - Throws: `.damaged` if the entries are not those that the checkpoint was signed for.
    package mutating func finish(_ note: [UInt8], _ checkpoint: Checkpoint) throws(LedgerFailure) {
        for file in writer.publish() { try write(file.bytes, to: file.path.description) }
        guard writer.size == checkpoint.size, writer.range.root(tree) == checkpoint.root else {
            throw LedgerFailure(
                .damaged, "the records are not those that the checkpoint was signed for")
        }
        try wrapped { () throws(SystemError) in
            try Folder.replace(folder + "/checkpoint", with: note)
        }
    }

    private mutating func write(_ bytes: [UInt8], to name: String) throws(LedgerFailure) {
        let path = "\(folder)/\(name)"
        let place = Folder.parent(path)
        let isNew = made.insert(place).inserted
        try wrapped { () throws(SystemError) in
            if isNew { try Folder.make(place) }
            try Folder.replace(path, with: bytes)
        }
    }

    private func wrapped(_ body: () throws(SystemError) -> Void) throws(LedgerFailure) {
        do throws(SystemError) { try body() } catch { throw LedgerFailure(error) }
    }
}
