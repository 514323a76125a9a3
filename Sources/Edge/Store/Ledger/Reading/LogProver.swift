package import InterlockLedger
package import InterlockModel

/// A record with its proof.
package struct ProvedEntry: Sendable {
    package let entry: LedgerEntry
    package let proof: TlogProof
    /// The checkpoint that the proof leads to.
    package let checkpoint: Checkpoint
}

/// Proves the records under one signed checkpoint from its tiles. Each tile is read and checked once.
package struct LogProver {
    /// The signed note, with its cosignatures.
    package private(set) var note: [UInt8]
    package private(set) var checkpoint: Checkpoint
    private var tiles: TileReader

    /// - Returns: nil if the record is beyond the checkpoint.
    /// - Throws: `.damaged` if the record is not the one that the log committed to.
    package mutating func prove(_ entry: LedgerEntry) throws(LedgerFailure) -> ProvedEntry? {
        guard let bundle = TilePath(bundleOf: entry.index, size: checkpoint.size) else {
            return nil
        }
        do throws(TileFault) {
            guard try tiles.leafHash(entry.index) == entry.leaf.hash else {
                throw TileFault.mismatch(bundle)
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

    /// Returns the root of the log's first `size` records.
    package mutating func root(at size: UInt64) throws(LedgerFailure) -> Digest {
        do throws(TileFault) { return try tiles.root(at: size) } catch {
            throw LedgerFailure(error)
        }
    }

    /// - Precondition: 0 < `oldSize` <= `newSize` <= the checkpoint's size.
    package mutating func consistencyProof(
        oldSize: UInt64, newSize: UInt64
    ) throws(LedgerFailure) -> [Digest] {
        do throws(TileFault) {
            return try tiles.consistencyProof(oldSize: oldSize, newSize: newSize)
        } catch {
            throw LedgerFailure(error)
        }
    }

    init(note: [UInt8], _ checkpoint: Checkpoint, _ tiles: TileReader) {
        self.note = note
        self.checkpoint = checkpoint
        self.tiles = tiles
    }

    /// Advances to the checkpoint of a frame whose signature was verified.
    mutating func add(_ frame: Frame, _ head: Checkpoint, _ tree: TreeHash) throws {
        for bytes in frame.records.dropFirst(Int(tiles.size - frame.header.first)) {
            tiles.append(tree.leaf(bytes))
        }
        guard head.size == tiles.size, try tiles.root(at: head.size) == head.root else {
            throw LedgerFailure(
                .damaged, "the frame that ends at record \(tiles.size) is not what was signed")
        }
        (note, checkpoint) = (frame.checkpoint, head)
    }

    /// Returns to an earlier checkpoint whose signature was verified.
    mutating func stepBack(to note: [UInt8], _ head: Checkpoint) throws {
        guard try tiles.root(at: head.size) == head.root else {
            throw LedgerFailure(
                .damaged, "the log does not extend its checkpoint of size \(head.size)")
        }
        (self.note, checkpoint) = (note, head)
    }
}

/// The signed checkpoint that a proof must lead to.
package enum WantedCheckpoint: Sendable {
    /// The published checkpoint, which witnesses cosigned. If it is smaller, the checkpoint of the first frame that
    /// covers the size.
    case atLeast(UInt64)
    /// A stored checkpoint of this size: published, of a frame, or among the hourly cosigned ones.
    case exactly(UInt64)
}

extension LedgerReader {
    /// - Parameter keys: the log's keys, obtained from outside the log.
    /// - Throws: `.damaged` if none of the keys signed or the tiles do not give the root; `.missing` if there is no
    ///   such checkpoint.
    package func prover(
        _ wanted: WantedCheckpoint = .atLeast(0), keys: [VerifierKey],
        verifier: any SignatureVerifier
    ) throws(LedgerFailure) -> LogProver {
        try wholeness {
            guard let note = try files.checkpoint() else {
                throw LedgerFailure(.missing, "there is no checkpoint in `\(files.folder)`")
            }
            let head = try opened(note, keys, verifier)
            let files = files
            let tree = TreeHash(hashing)
            let tiles = try TileReader(tree, size: head.size, root: head.root) {
                path throws(TileFault) in try files.fetch(path)
            }
            var prover = LogProver(note: note, head, tiles)
            switch wanted {
            case .atLeast(let size) where size > head.size:
                try follow(&prover, to: keys, verifier) { $0.size >= size }
            case .exactly(let size) where size > head.size:
                try follow(&prover, to: keys, verifier) { $0.size == size }
            case .exactly(let size) where size < head.size:
                guard let kept = try keptNote(of: size, keys, verifier) else {
                    throw LedgerFailure(.missing, "no signed checkpoint of size \(size) is kept")
                }
                try prover.stepBack(to: kept.note, kept.head)
            case .atLeast, .exactly: break
            }
            return prover
        }
    }

    /// Adds the records of frames until one has a wanted checkpoint.
    private func follow(
        _ prover: inout LogProver, to keys: [VerifierKey], _ verifier: any SignatureVerifier,
        _ isWanted: (Checkpoint) -> Bool
    ) throws {
        var walk = try frames(from: prover.checkpoint.size)
        while let frame = try walk?.next() {
            let head = try opened(frame.checkpoint, keys, verifier)
            try prover.add(frame, head, TreeHash(hashing))
            if isWanted(head) { return }
        }
        throw LedgerFailure(.missing, "no signed checkpoint of that size is kept")
    }

    /// Returns the largest stored checkpoint that is at most `size`: published, of a frame, or among the hourly
    /// cosigned ones. Returns nil if none is stored.
    package func keptCheckpoint(
        atMost size: UInt64, keys: [VerifierKey], verifier: any SignatureVerifier
    ) throws(LedgerFailure) -> (note: [UInt8], head: Checkpoint)? {
        try wholeness { () throws -> (note: [UInt8], head: Checkpoint)? in
            var found: (note: [UInt8], size: UInt64)?
            for note in try (files.checkpoint().map { [$0] } ?? []) + cosignedNotes() {
                guard let head = try? Checkpoint(unverified: note), head.size <= size,
                    head.size > found?.size ?? 0
                else { continue }
                found = (note, head.size)
            }
            var walk = try frames(from: nil)
            while let frame = try walk?.next(), frame.header.end <= size {
                if frame.header.end > found?.size ?? 0 {
                    found = (frame.checkpoint, frame.header.end)
                }
            }
            guard let found else { return nil }
            return (found.note, try opened(found.note, keys, verifier))
        }
    }

    /// Returns an earlier checkpoint from the remaining frames or the hourly cosigned notes.
    private func keptNote(
        of size: UInt64, _ keys: [VerifierKey], _ verifier: any SignatureVerifier
    ) throws -> (note: [UInt8], head: Checkpoint)? {
        for note in try cosignedNotes() {
            if let head = try? opened(note, keys, verifier), head.size == size {
                return (note, head)
            }
        }
        var walk = try frames(from: nil)
        while let frame = try walk?.next() {
            guard frame.header.end >= size else { continue }
            guard frame.header.end == size else { return nil }
            return (frame.checkpoint, try opened(frame.checkpoint, keys, verifier))
        }
        return nil
    }

    /// Reads `cosigned/<day>.notes`: signed notes, each followed by an empty line, so that texts and signatures
    /// alternate.
    private func cosignedNotes() throws(SystemError) -> [[UInt8]] {
        let folder = Folder.parent(files.folder) + "/cosigned"
        guard wal != nil, Folder.exists(folder) else { return [] }
        var notes: [[UInt8]] = []
        for name in try Folder.names(folder) where name.hasSuffix(".notes") {
            let bytes =
                try Folder.contents("\(folder)/\(name)", limit: HourlyNotes.maximumBytes) ?? []
            let parts = String(decoding: bytes, as: UTF8.self).split(separator: "\n\n")
            for place in stride(from: 0, to: parts.count - 1, by: 2) {
                notes.append(Array("\(parts[place])\n\n\(parts[place + 1])\n".utf8))
            }
        }
        return notes
    }

    /// Returns the record with its proof against the newest published checkpoint, or that of its frame.
    /// - Returns: nil if the index is beyond the durable log.
    package func proved(
        at index: UInt64, keys: [VerifierKey], verifier: any SignatureVerifier
    ) throws(LedgerFailure) -> ProvedEntry? {
        guard let entry = try entry(at: index) else { return nil }
        var prover = try prover(.atLeast(index + 1), keys: keys, verifier: verifier)
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
