package import InterlockLedger
package import InterlockModel

/// A record with its proof.
package struct ProvedEntry: Sendable {
    package let entry: LedgerEntry
    package let proof: TlogProof
    /// That the proof leads to.
    package let checkpoint: Checkpoint
}

/// Proves what one signed checkpoint covers, out of its tiles. Each tile is read and checked once.
package struct LogProver {
    /// The signed note, with the cosignatures it got.
    package let note: [UInt8]
    package let checkpoint: Checkpoint
    private let tree: TreeHash
    private var tiles: TileReader

    /// - Returns: nil when the record is beyond the checkpoint.
    /// - Throws: `.damaged` when the record is not the one that the log committed to.
    package mutating func prove(_ entry: LedgerEntry) throws(LedgerFailure) -> ProvedEntry? {
        guard entry.index < checkpoint.size else { return nil }
        do throws(TileFault) {
            guard try tiles.leafHash(entry.index) == entry.leaf.hash else {
                throw TileFault.mismatch(Self.bundle(of: entry.index, checkpoint.size))
            }
            let proof = TlogProof(
                index: entry.index,
                hashes: try tiles.inclusionProof(index: entry.index, size: checkpoint.size),
                checkpoint: note)
            return ProvedEntry(entry: entry, proof: proof, checkpoint: checkpoint)
        } catch {
            throw LedgerFailure(error)
        }
    }

    /// The root of the log's first `size` records.
    package mutating func root(at size: UInt64) throws(LedgerFailure) -> Digest {
        do throws(TileFault) { return try tiles.root(at: size) } catch {
            throw LedgerFailure(error)
        }
    }

    /// - Precondition: 0 < `oldSize` <= `newSize` <= the checkpoint's.
    package mutating func consistencyProof(
        oldSize: UInt64, newSize: UInt64
    ) throws(LedgerFailure) -> [Digest] {
        do throws(TileFault) {
            return try tiles.consistencyProof(oldSize: oldSize, newSize: newSize)
        } catch {
            throw LedgerFailure(error)
        }
    }

    init(note: [UInt8], _ checkpoint: Checkpoint, _ tree: TreeHash, _ tiles: TileReader) {
        self.note = note
        self.checkpoint = checkpoint
        self.tree = tree
        self.tiles = tiles
    }

    private static func bundle(of index: UInt64, _ size: UInt64) -> TilePath {
        let number = index / UInt64(TilePath.fullWidth)
        let path = TilePath(last: nil, of: min(size, (number + 1) * UInt64(TilePath.fullWidth)))
        guard let path else { preconditionFailure("a record below the size") }
        return path
    }
}

extension LedgerReader {
    /// Proves against the published checkpoint, which is what witnesses cosigned; with `size`, against
    /// the first signed checkpoint of at least that size, which a frame may hold.
    /// - Parameter keys: of the log, from outside.
    /// - Throws: `.damaged` when no key signed, or the tiles do not give the root; `.missing` when no
    ///   checkpoint goes so far.
    package func prover(
        covering size: UInt64 = 0, keys: [VerifierKey], verifier: any SignatureVerifier
    ) throws(LedgerFailure) -> LogProver {
        try wholeness {
            guard let note = try files.checkpoint() else {
                throw LedgerFailure(.missing, "there is no checkpoint in `\(files.folder)`")
            }
            let head = try opened(note, keys, verifier)
            let tree = TreeHash(hashing)
            let files = files
            var tiles = try TileReader(tree, size: head.size, root: head.root) {
                path throws(TileFault) in try files.fetch(path)
            }
            if head.size >= size { return LogProver(note: note, head, tree, tiles) }
            var walk = try frames(from: head.size)
            while let frame = try walk?.next() {
                for bytes in frame.records.dropFirst(Int(tiles.size - frame.header.first)) {
                    tiles.append(tree.leaf(bytes))
                }
                guard frame.header.end >= size else { continue }
                let newest = try opened(frame.checkpoint, keys, verifier)
                guard newest.size == tiles.size, try tiles.root(at: tiles.size) == newest.root
                else {
                    throw LedgerFailure(
                        .damaged,
                        "the frame that ends at record \(tiles.size) is not what was signed")
                }
                return LogProver(note: frame.checkpoint, newest, tree, tiles)
            }
            throw LedgerFailure(.missing, "no checkpoint covers \(size) records")
        }
    }

    /// The record with its proof against the newest published checkpoint, or that of its frame.
    /// - Returns: nil beyond the durable log.
    package func proved(
        at index: UInt64, keys: [VerifierKey], verifier: any SignatureVerifier
    ) throws(LedgerFailure) -> ProvedEntry? {
        guard let entry = try entry(at: index) else { return nil }
        var prover = try prover(covering: index + 1, keys: keys, verifier: verifier)
        return try prover.prove(entry)
    }

    private func opened(
        _ note: [UInt8], _ keys: [VerifierKey], _ verifier: any SignatureVerifier
    ) throws(LedgerFailure) -> Checkpoint {
        do throws(NoteError) {
            return try Checkpoint(signed: note, keys: keys, verifier: verifier)
        } catch {
            throw LedgerFailure(.damaged, "a checkpoint is not signed by the log's key")
        }
    }
}
