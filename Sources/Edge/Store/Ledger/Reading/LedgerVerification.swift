import InterlockJSON
package import InterlockLedger
package import InterlockModel

/// What `interlock audit verify` found.
package struct VerifyReport: Sendable, Equatable {
    package var size: UInt64 = 0
    package var root: Digest
    package var frames = 0
    package var runs = 0
    /// Calls without a closing record; a running gateway has some.
    package var openIntents = 0
    package var payloads = 0
    /// One sentence each; empty when the log is what it says.
    package var faults: [String] = []
    package var warnings: [String] = []
    package var isGood: Bool { faults.isEmpty }
}

extension LedgerReader {
    /// Recomputes everything: each leaf's form and hash, each frame's root and signature, run chains,
    /// closings, payload commitments, the published checkpoint. Stops at the first 100 faults.
    /// - Parameters:
    ///   - key: of the log, from outside: a log cannot vouch for its own key.
    ///   - oldCheckpoints: signed notes that the log must extend.
    ///   - guardFile: the writer's second copy of its newest checkpoint, outside the log's folder.
    package func verify(
        key: VerifierKey, verifier: any SignatureVerifier, oldCheckpoints: [[UInt8]] = [],
        guardFile: String? = nil, minimumSize: UInt64 = 0
    ) throws(LedgerFailure) -> VerifyReport {
        var verification = Verification(self, key, verifier)
        for (place, bytes) in oldCheckpoints.enumerated() {
            verification.expect(bytes, "old checkpoint \(place + 1)")
        }
        do {
            if let bytes = try Folder.contents(
                files.folder + "/checkpoint", limit: SignedNote.maximumBytes)
            {
                verification.expect(bytes, "the published checkpoint")
            } else {
                verification.fault("there is no published checkpoint")
            }
            if let guardFile {
                if let bytes = try Folder.contents(guardFile, limit: SignedNote.maximumBytes) {
                    verification.expect(bytes, "the guard")
                } else {
                    verification.fault("the guard `\(guardFile)` is gone")
                }
            }
        } catch {
            throw LedgerFailure(error)
        }
        try forEachFrame { verification.take($0) }
        try verification.checkEnd(minimumSize: minimumSize)
        if oldCheckpoints.isEmpty {
            verification.report.warnings.append(
                "no outside memory: rewriting history cannot be detected")
        }
        return verification.report
    }
}

private struct Verification {
    var report: VerifyReport
    private let reader: LedgerReader
    private let key: VerifierKey
    private let verifier: any SignatureVerifier
    private let tree: TreeHash
    private var range = CompactRange()
    private var checker = LogChecker()
    private var heads: [UInt64: [(head: Checkpoint, name: String)]] = [:]

    static let maximumFaults = 100

    init(
        _ reader: LedgerReader, _ key: VerifierKey, _ verifier: any SignatureVerifier
    ) {
        self.reader = reader
        self.key = key
        self.verifier = verifier
        tree = TreeHash(reader.hashing)
        report = VerifyReport(root: tree.emptyRoot)
    }

    mutating func fault(_ text: String) { report.faults.append(text) }

    mutating func expect(_ bytes: [UInt8], _ name: String) {
        do {
            let head = try Checkpoint(signed: bytes, key: key, verifier: verifier)
            heads[head.size, default: []].append((head, name))
        } catch {
            fault("\(name) is not signed by the log's key")
        }
    }

    mutating func take(_ frame: Frame) -> Bool {
        report.frames += 1
        let blobs = Dictionary(frame.blobs.map { ($0.digest, $0.bytes) }) { first, _ in first }
        for (digest, bytes) in blobs where reader.hashing.sha256(bytes.span) != digest {
            fault("a payload in the frame of record \(range.size) was changed")
        }
        for bytes in frame.records { take(bytes, blobs) }
        let head = try? Checkpoint(signed: frame.checkpoint, key: key, verifier: verifier)
        let expected = Checkpoint(origin: key.name, size: range.size, root: range.root(tree))
        if head != expected {
            fault("the frame that ends at record \(range.size) does not match its signature")
        }
        return report.faults.count < Self.maximumFaults
    }

    private mutating func take(_ bytes: ArraySlice<UInt8>, _ blobs: [Digest: ArraySlice<UInt8>]) {
        let hash = tree.leaf(bytes)
        let index = range.size
        do {
            let record = try StoredRecord(parsing: bytes)
            try checker.add(record, hash: hash)
            for (field, commitment) in record.commitments {
                check(commitment, field, index, blobs)
            }
        } catch {
            fault("record \(index): \(error)")
        }
        range.append(hash, tree)
        for (head, name) in heads.removeValue(forKey: range.size) ?? []
        where head.root != range.root(tree) {
            fault("the log does not extend \(name) of size \(head.size)")
        }
    }

    private mutating func check(
        _ commitment: Commitment, _ field: String, _ index: UInt64,
        _ blobs: [Digest: ArraySlice<UInt8>]
    ) {
        guard let stored = commitment.stored else { return }
        report.payloads += 1
        if let blob = blobs[stored] {
            guard reader.hashing.sha256(blob.span) == stored else {
                return fault("record \(index): the payload `\(field)` was changed")
            }
        } else if let blob = try? reader.blob(stored) {
            guard reader.hashing.sha256(blob) == stored else {
                return fault("record \(index): the payload `\(field)` was changed")
            }
        } else {
            fault("record \(index): the payload `\(field)` is missing")
        }
    }

    mutating func checkEnd(minimumSize: UInt64) throws(LedgerFailure) {
        report.size = range.size
        report.root = range.root(tree)
        report.runs = checker.runs.count
        report.openIntents = checker.open.count
        for (head, name) in heads.values.flatMap({ $0 }) where head.size > 0 {
            fault("the log ends at \(range.size), but \(name) has size \(head.size)")
        }
        if range.size < minimumSize {
            fault("the log has \(range.size) records, at least \(minimumSize) were expected")
        }
        do {
            try checkTails()
        } catch let error as LedgerFailure {
            throw error
        } catch {
            throw LedgerFailure(.io, "\(error)")
        }
    }

    private func segments() throws -> [Segment] {
        guard let wal = reader.wal, Folder.exists(wal) else {
            throw LedgerFailure(.missing, "there is no write-ahead log")
        }
        return try Segment.names(in: wal).map {
            try Segment(opening: $0, in: wal, writable: false)
        }
    }

    /// Frames behind the end: the writer's newest, a torn write, or damage.
    private mutating func checkTails() throws {
        var walk = FrameWalk(try segments())
        while try walk.next() != nil {}
        let size = walk.size
        let key = key
        let verifier = verifier
        if let unreached = try walk.unreached(), size <= range.size {
            return fault("a frame begins at record \(unreached), but the log ends at \(size)")
        }
        for cursor in walk.cursors {
            let tail = try cursor.tail(covered: size) { frame in
                let head = try? Checkpoint(
                    signed: frame.checkpoint, key: key, verifier: verifier)
                return frame.header.first > size && head?.size == frame.header.end
            }
            switch tail {
            case .clean: break
            case .bad(let offset, goodFrameAfter: true):
                fault("`\(cursor.segment.name)` is damaged at byte \(offset)")
            case .misplaced(let offset):
                fault("`\(cursor.segment.name)` is damaged at byte \(offset)")
            case .bad(let offset, goodFrameAfter: false):
                report.warnings.append(
                    "`\(cursor.segment.name)` ends in an unfinished frame at byte \(offset)")
            }
        }
    }
}
