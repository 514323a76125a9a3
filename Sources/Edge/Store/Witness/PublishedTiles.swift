package import InterlockLedger
package import InterlockModel
import InterlockPorts

/// Computes the proofs for witnesses from the published files of this log. Every tile is checked against the
/// checkpoint, so an edited file yields no proof.
package struct PublishedTiles: LogTiles {
    private let files: LogFiles
    private let hashing: any Hashing

    /// - Parameter folder: the folder of the C2SP files, `state/ledger/log`.
    package init(folder: String, hashing: any Hashing) {
        files = LogFiles(folder: folder)
        self.hashing = hashing
    }

    package func consistencyProof(oldSize: UInt64, of head: Checkpoint) -> [Digest]? {
        do throws(TileFault) {
            var reader = try TileReader(
                TreeHash(hashing), size: head.size, root: head.root, fetch: files.fetch)
            return try reader.consistencyProof(oldSize: oldSize, newSize: head.size)
        } catch {
            return nil
        }
    }
}
