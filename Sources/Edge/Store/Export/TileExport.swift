package import InterlockLedger
package import InterlockModel

/// Writes a log as a C2SP directory (tlog-tiles) of its own: entry bundles and tiles as the log's own
/// entries make them, and last the checkpoint that covers them. A verifier accepts it as it is.
package struct TileExport {
    private let folder: String
    private let tree: TreeHash
    private var writer: TileWriter
    private var made: Set<String> = []

    /// - Parameter folder: made here; it must not be there yet.
    package init(to folder: String, hashing: any Hashing) throws(LedgerFailure) {
        guard !Folder.exists(folder) else {
            throw LedgerFailure(.exists, "there is something at `\(folder)` already")
        }
        self.folder = folder
        tree = TreeHash(hashing)
        writer = TileWriter(tree)
        try wrapped { () throws(SystemError) in try Folder.make(folder) }
    }

    /// - Precondition: entries come in order, from the first on.
    package mutating func append(_ entry: LedgerEntry) throws(LedgerFailure) {
        precondition(entry.index == writer.size, "an export has no holes")
        for file in writer.append(entry.leaf.bytes, leafHash: entry.leaf.hash) {
            try write(file.bytes, to: file.path.description)
        }
    }

    /// A stored payload, encrypted as it is, under the path of C2SP's draft tlog-addenda.
    package mutating func add(blob: [UInt8], _ digest: Digest) throws(LedgerFailure) {
        let name = digest.hex
        let (first, second) = (name.prefix(2), name.dropFirst(2).prefix(2))
        try write(blob, to: "addenda/\(first)/\(second)/\(name)")
    }

    /// Without this the export has no checkpoint and is none.
    /// - Throws: `.damaged` when the entries are not those that the checkpoint was signed for.
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
