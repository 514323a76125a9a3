import InterlockLedger
import InterlockModel

extension LedgerReader {
    /// Recomputes everything from the entries: each leaf's form and hash, each tile file, the root, signatures and
    /// cosignatures, run chains, closing records, and the frames after the published checkpoint. Reads each file once
    /// and keeps no hashes; memory grows only with the number of runs and of open calls. Stops after 100 faults.
    /// - Throws: `.missing` if there is no log, `.io` if it cannot be read. Any other problem is a fault in the
    ///   report.
    package func verify(_ request: VerifyRequest) throws(LedgerFailure) -> VerifyReport {
        try wholeness {
            var verification = try Verification(self, request)
            try verification.readEntries()
            try verification.readFrames()
            verification.finish()
            return verification.report
        }
    }
}

private struct Verification {
    private(set) var report: VerifyReport
    private let reader: LedgerReader
    private let request: VerifyRequest
    private let tree: TreeHash
    /// The published checkpoint.
    private let head: Checkpoint
    private var range = CompactRange()
    private var comparison: TileComparison
    private var expected: ExpectedHeads
    private var checker = LogChecker()
    private var payloads: PayloadCheck
    private var succession: KeySuccession
    private var approvals: ApprovalChecker
    private var consistency = LogConsistency()

    init(_ reader: LedgerReader, _ request: VerifyRequest) throws {
        self.reader = reader
        self.request = request
        tree = TreeHash(reader.hashing)
        report = VerifyReport(root: tree.emptyRoot)
        payloads = PayloadCheck(reader)
        expected = ExpectedHeads(request)
        guard let note = try reader.files.checkpoint() else {
            throw LedgerFailure(.missing, "there is no checkpoint in `\(reader.files.folder)`")
        }
        // An invalid checkpoint is still parsed, so that further faults can be reported.
        let stated = try? Checkpoint(unverified: note)
        head = stated ?? Checkpoint(origin: "", size: 0, root: tree.emptyRoot)
        succession = KeySuccession(
            of: head.origin, known: request.allKeys, hashing: reader.hashing,
            verifier: request.verifier)
        approvals = ApprovalChecker(origin: head.origin, isOfCluster: request.isOfCluster)
        comparison = TileComparison(reader.files, tree)
        report.published = head.size
        expected.readPublished(note, &report)
        for old in request.oldCheckpoints { expected.readOld(old, origin: head.origin, &report) }
        if let path = request.guardFile {
            let copy = try Folder.contents(path, limit: SignedNote.maximumBytes + 1)
            expected.readGuard(copy, path, &report)
        }
        expected.compare(range, tree, &report)
    }

    // MARK: The published part

    mutating func readEntries() throws {
        while !report.isFull, let path = TilePath(bundleOf: range.size, size: head.size) {
            let bundle: LogFiles.Bundle?
            do throws(TileFault) {
                bundle = try reader.files.bundle(of: range.size, size: head.size)
                if bundle == nil, path.isPartial || path.end > request.minimumIndex {
                    report.fault(TileFault.missing(path).description)
                }
            } catch {
                report.fault(error.description)
                bundle = nil
            }
            if let bundle {
                try take(bundle, path)
            } else if try !passHashes(path) {
                // The rest cannot be recomputed.
                return
            }
        }
        note(try comparison.finish())
        if range.root(tree) != head.root {
            report.fault("the entries do not give the root of the checkpoint")
        }
        report.warnings += try StrayFiles(reader.files, size: head.size).warnings
    }

    private mutating func take(_ bundle: LogFiles.Bundle, _ path: TilePath) throws {
        for bytes in bundle.entries {
            note(try comparison.append(try take(bytes, frame: [:])))
        }
        note(try comparison.compareParts(of: path, entries: bundle.entries))
    }

    /// Continues with the leaf hashes of a missing bundle; the root shows whether they are correct.
    /// - Returns: false if the tile is missing too.
    private mutating func passHashes(_ path: TilePath) throws -> Bool {
        guard let hashes = reader.files.leafHashes(of: path) else {
            if let tile = TilePath(level: 0, index: path.index, width: path.width) {
                report.fault(TileFault.missing(tile).description)
            }
            return false
        }
        for hash in hashes {
            report.prunedEntries += 1
            checker.skip(hash)
            approvals.skip()
            consistency.skip()
            follow(hash)
            note(try comparison.append(hash))
        }
        return true
    }

    private mutating func note(_ faults: [TileFault]) {
        for fault in faults { report.fault(fault.description) }
    }

    // MARK: One entry

    /// - Returns: the entry's leaf hash.
    private mutating func take(
        _ bytes: ArraySlice<UInt8>, frame: [Digest: ArraySlice<UInt8>]
    ) throws -> Digest {
        let hash = tree.leaf(bytes)
        if bytes.isEmpty { report.fault("record \(range.size) is empty") }
        if !request.treeOnly { try read(bytes, hash, frame) }
        follow(hash)
        return hash
    }

    private mutating func follow(_ hash: Digest) {
        range.append(hash, tree)
        expected.compare(range, tree, &report)
        request.onEntry()
    }

    private mutating func read(
        _ bytes: ArraySlice<UInt8>, _ hash: Digest, _ frame: [Digest: ArraySlice<UInt8>]
    ) throws {
        let index = range.size
        let record: StoredRecord
        do throws(RecordFault) {
            record = try StoredRecord(parsing: bytes)
            try checker.add(record, hash: hash)
            if let step = try succession.add(record) { note(step, at: index) }
        } catch {
            return report.fault("record \(index): \(error)")
        }
        do throws(ConsistencyFault) { try consistency.add(record, at: index) } catch {
            report.fault("record \(index): \(error)")
        }
        do throws(ApprovalFault) { try approvals.add(record, hash: hash, at: index) } catch {
            report.fault("record \(index): \(error)")
        }
        if index == 0,
            record.type != RecordType.logGenesis.rawValue || record.text("origin") != head.origin
        {
            report.fault("record 0 is not the genesis of this log")
        }
        if record.type == RecordType.logStarted.rawValue, !checker.open.isEmpty {
            report.fault("record \(index): the log started with \(checker.open.count) open calls")
        }
        if RecordType(rawValue: record.type) == nil { report.countUnknown(record.type) }
        guard request.payloads else { return }
        for fault in try payloads.take(record, index: index, frame: frame) { report.fault(fault) }
    }

    private mutating func note(_ step: KeySuccession.Step, at index: UInt64) {
        switch step {
        case .rotated(let key, let cause):
            report.warnings.append(
                "record \(index): the log's key was rotated (\(cause)) to `\(key)`")
        case .unchecked(let key):
            report.warnings.append(
                "record \(index): the key before `\(key)` is not known, so its rotation was not checked"
            )
        }
    }

    // MARK: The frames behind the checkpoint

    mutating func readFrames() throws {
        guard range.size == head.size, var walk = try reader.frames(from: 0) else { return }
        var copies = PublishedCopies(reader.files, tree)
        for rest in try walk.check(upTo: head.size, isGood: { try copies.hold($0, of: head.size) })
        {
            note(rest)
        }
        walk.skip(to: head.size)
        while !report.isFull, let frame = try walk.next() { try take(frame) }
        guard !report.isFull else { return }
        if try walk.isBehindGap {
            return try reader.files.size() == head.size
                ? report.fault("frames go on behind record \(range.size), which is in none")
                : report.warnings.append("the log grew while it was read")
        }
        for rest in try walk.rests(isGood: isSigned) { note(rest) }
    }

    private mutating func note(_ rest: FrameTail.Rest) {
        switch rest {
        case .damage(let name, let offset):
            report.fault("`\(name)` is damaged at byte \(offset)")
        case .unfinished(let name, let offset):
            report.warnings.append("`\(name)` ends in an unfinished frame at byte \(offset)")
        }
    }

    private mutating func take(_ frame: Frame) throws {
        report.frames += 1
        let blobs = Dictionary(frame.blobs.map { ($0.digest, $0.bytes) }) { first, _ in first }
        for blob in frame.blobs where reader.hashing.sha256(blob.bytes.span) != blob.digest {
            report.fault("a payload in the frame of record \(range.size) was changed")
        }
        for bytes in frame.records.dropFirst(Int(range.size - frame.header.first)) {
            _ = try take(bytes, frame: blobs)
        }
        if signedHead(of: frame)
            != Checkpoint(origin: head.origin, size: range.size, root: range.root(tree))
        {
            report.fault("the frame that ends at record \(range.size) does not match its signature")
        }
    }

    private func isSigned(_ frame: Frame) -> Bool {
        signedHead(of: frame)?.size == frame.header.end
    }

    private func signedHead(of frame: Frame) -> Checkpoint? {
        try? Checkpoint(
            signed: frame.checkpoint, keys: request.allKeys, verifier: request.verifier)
    }

    // MARK: The end

    mutating func finish() {
        if range.size < head.size, report.isGood {
            report.fault("only \(range.size) of \(head.size) entries could be read")
        }
        report.size = range.size
        report.root = range.root(tree)
        report.runs = checker.runs.count + checker.heads.ended.count
        report.openIntents = checker.open.count
        report.approvalUses = approvals.uses
        report.unchecked = approvals.unchecked
        expected.finish(size: range.size, &report)
        for fault in payloads.finish() { report.fault(fault) }
        report.payloads = payloads.found
        report.erasedPayloads = payloads.erased
        if range.size < request.minimumSize {
            report.fault(
                "the log has \(range.size) records, at least \(request.minimumSize) were expected")
        }
        if !report.hasQuorum {
            report.warnings.append(
                "no quorum in the trust file: cosignatures were not required")
        }
        if !report.hasQuorum, request.oldCheckpoints.isEmpty {
            report.warnings.append("no outside memory: rewriting history cannot be detected")
        }
    }
}

/// Compares frames whose records are in bundles with the published leaf hashes, which were checked against the entries
/// before.
private struct PublishedCopies {
    private let files: LogFiles
    private let tree: TreeHash
    private var kept: (bundle: TilePath, hashes: [Digest])?

    init(_ files: LogFiles, _ tree: TreeHash) {
        self.files = files
        self.tree = tree
    }

    mutating func hold(_ frame: Frame, of size: UInt64) throws -> Bool {
        for (place, bytes) in frame.records.enumerated() {
            guard try hash(frame.header.first + UInt64(place), size) == tree.leaf(bytes) else {
                return false
            }
        }
        return true
    }

    private mutating func hash(_ index: UInt64, _ size: UInt64) throws -> Digest? {
        guard let bundle = TilePath(bundleOf: index, size: size) else { return nil }
        if kept?.bundle != bundle { kept = (bundle, files.leafHashes(of: bundle) ?? []) }
        let hashes = kept?.hashes ?? []
        let place = Int(index - bundle.start)
        return place < hashes.count ? hashes[place] : nil
    }
}
