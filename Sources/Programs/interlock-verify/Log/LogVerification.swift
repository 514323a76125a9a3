/// Verifies a log folder against its checkpoint: every entry, every tile, every old checkpoint. Memory holds the edge
/// of the tree and the open state, never the whole log.
struct LogVerification {
    private let folder: LogFolder
    private let checkpoint: Checkpoint
    private let treeOnly: Bool
    private let firstKept: UInt64
    private var findings = Findings()
    private var tree = TileTree()
    private var records = RecordOrder()
    private var payloads: PayloadCheck?
    private var unknownTypes: Set<String> = []
    private var keys = KeySuccession()
    private var approvals: LogApprovals
    private var consistency = LogConsistency()
    /// Counts what an evidence pack states, in the same pass; nil without a pack.
    private var recount: PackRecount?
    /// The old checkpoints not reached yet; the largest is first.
    private var expected: [(head: Checkpoint, name: String)] = []

    private static let width = UInt64(TileTree.width)

    static func verify(
        _ path: String, _ trust: Trust, _ arguments: Arguments
    ) throws(Refusal) -> Findings {
        try arguments.refuse("--people", for: "a log folder")
        if arguments.has("--tree-only") {
            try arguments.refuse("--payloads", for: "a log of another program")
        }
        let old = try arguments.all("--old-checkpoint").map { path throws(Refusal) in
            try OldCheckpoint(path)
        }
        let store = try arguments["--payloads"].map(PayloadStore.init)
        var untrusted = Findings()
        guard let checkpoint = try trusted(path, trust, &untrusted) else { return untrusted }
        var verification = try LogVerification(path, checkpoint, store, arguments)
        try verification.run(trust, old, arguments)
        return verification.findings
    }

    /// Verifies the log of an evidence pack, which extends the checkpoints of the pack, and counts its records in the
    /// same pass.
    static func verify(
        _ path: String, _ trust: Trust, _ arguments: Arguments,
        extending old: [(name: String, note: [UInt8])], counting recount: inout PackRecount
    ) throws(Refusal) -> Findings {
        var untrusted = Findings()
        guard let checkpoint = try trusted(path, trust, &untrusted) else { return untrusted }
        var verification = try LogVerification(path, checkpoint, nil, arguments)
        recount.begin(checkpoint.origin)
        verification.recount = recount
        try verification.run(
            trust, old.compactMap { OldCheckpoint(name: $0.name, note: $0.note) }, arguments)
        if let counted = verification.recount { recount = counted }
        return verification.findings
    }

    /// Returns the checkpoint of a log folder, or nil with a fault if no trusted key signed it.
    private static func trusted(
        _ path: String, _ trust: Trust, _ findings: inout Findings
    ) throws(Refusal) -> Checkpoint? {
        let note = try Files.beginning(path + "/checkpoint", SignedNote.maximumBytes + 1)
        do throws(Fault) {
            guard let parsed = CheckpointNote(note) else { throw Fault("it is not a checkpoint") }
            return try Checkpoint(parsed, trust)
        } catch {
            findings.summary = "the log's checkpoint is not to be trusted"
            findings.fault("the checkpoint: \(error)")
            return nil
        }
    }

    private init(
        _ path: String, _ checkpoint: Checkpoint, _ store: PayloadStore?, _ arguments: Arguments
    ) throws(Refusal) {
        folder = LogFolder(path)
        self.checkpoint = checkpoint
        treeOnly = arguments.has("--tree-only")
        firstKept = try arguments.number("--min-index") ?? 0
        payloads = store.map(PayloadCheck.init)
        approvals = LogApprovals(origin: checkpoint.origin)
    }

    private mutating func run(
        _ trust: Trust, _ old: [OldCheckpoint], _ arguments: Arguments
    ) throws(Refusal) {
        let minimum = try arguments.number("--min-size")
        trust.checkQuorum(checkpoint, &findings)
        for one in old { expect(one, trust) }
        compareOld()
        var index: UInt64 = 0
        while index * Self.width < checkpoint.size, !findings.isFull {
            guard try takeBundle(index) else { break }
            index += 1
        }
        if tree.size == checkpoint.size {
            try compareEdge()
            if tree.root != checkpoint.root {
                findings.fault("the entries do not give the checkpoint's root")
            }
        }
        try lookAround()
        checkpoint.checkSize(minimum, &findings)
        conclude(arguments)
    }

    private mutating func conclude(_ arguments: Arguments) {
        var parts = ["\(checkpoint.size) entries, root \(checkpoint.root.base64)"]
        if !treeOnly { parts.append("\(records.runs) runs, \(records.openIntents) open calls") }
        if !treeOnly { parts += approvals.finish(&findings) }
        if let payloads { parts.append(payloads.finish(&findings)) }
        if !checkpoint.witnesses.isEmpty {
            parts.append("cosigned by \(checkpoint.witnesses.count) known witnesses")
        }
        let old = arguments.all("--old-checkpoint")
        if old.isEmpty {
            if findings.lacksOutsideMemory {
                findings.warn("no outside memory: rewriting history cannot be detected")
            }
            findings.lacksOutsideMemory = true
        } else if findings.isGood {
            parts.append("extends \(old.joined(separator: " and "))")
        }
        if arguments.has("--strict"), !unknownTypes.isEmpty {
            findings.warn("unknown types: \(unknownTypes.sorted().joined(separator: " "))")
        }
        findings.summary = parts.joined(separator: ", ")
    }
}

extension LogVerification {
    private mutating func expect(_ old: OldCheckpoint, _ trust: Trust) {
        do throws(Fault) {
            let head = try Checkpoint(old.note, trust)
            if head.origin != checkpoint.origin {
                throw Fault("it is of another log")
            } else if head.size > checkpoint.size {
                throw Fault("it has size \(head.size), but the log ends at \(checkpoint.size)")
            }
            let place = expected.firstIndex { $0.head.size < head.size } ?? expected.endIndex
            expected.insert((head, old.path), at: place)
        } catch { findings.fault("`\(old.path)`: \(error)") }
    }

    /// Compares the old checkpoints of the size that was just reached.
    private mutating func compareOld() {
        while let (head, name) = expected.last, head.size == tree.size {
            expected.removeLast()
            if head.root != tree.root {
                findings.fault("the log does not extend `\(name)` of size \(head.size)")
            }
        }
    }

    /// - Returns: false if the entries cannot be followed any further.
    private mutating func takeBundle(_ index: UInt64) throws(Refusal) -> Bool {
        let start = index * Self.width
        let width = Int(min(checkpoint.size - start, Self.width))
        guard let bundle = try folder.bundle(index, width) else {
            guard width == TileTree.width, start + Self.width <= firstKept else {
                findings.fault(
                    "the bundle of entries \(start) to \(start + UInt64(width) - 1) is missing")
                return false
            }
            return try takePruned(index)
        }
        guard let entries = EntryBundle.entries(bundle.bytes), entries.count == bundle.width else {
            findings.fault("the bundle of entries from \(start) is malformed")
            return false
        }
        for (place, range) in entries.prefix(width).enumerated() {
            try take(bundle.bytes, range, at: start + UInt64(place))
        }
        for older in try folder.widths(nil, index) where older <= width {
            try comparePartial(nil, index, older, bundle.bytes[..<entries[older - 1].upperBound])
        }
        return true
    }

    private mutating func take(
        _ bytes: [UInt8], _ range: Range<Int>, at index: UInt64
    ) throws(Refusal) {
        let hash = Tree.leaf(bytes[range])
        if !treeOnly {
            do throws(Fault) {
                let record = try Record(bytes, in: range)
                try record.check(at: index, of: checkpoint.origin)
                try records.add(record, hash: hash)
                try consistency.add(record, at: index)
                try approvals.add(record, hash: hash, at: index)
                payloads?.add(record, at: index)
                recount?.add(record, hash: hash, at: index)
                note(record, index)
            } catch { findings.fault("record \(index): \(error)") }
        }
        try append(hash)
    }

    private mutating func note(_ record: Record, _ index: UInt64) {
        if !KnownTypes.contains(record.type), unknownTypes.count < Findings.maximum {
            unknownTypes.insert(record.type)
        }
        do throws(Fault) {
            switch try keys.add(record, of: checkpoint.origin) {
            case .checked(let key):
                findings.warn("record \(index): the log's key was rotated to `\(key)`")
            case .unchecked(let key):
                findings.warn("record \(index): the rotation to `\(key)` was not checked")
            case nil: break
            }
        } catch { findings.fault("record \(index): \(error)") }
    }

    private mutating func takePruned(_ index: UInt64) throws(Refusal) -> Bool {
        let bytes = try folder.tile(0, index, TileTree.width) ?? []
        guard bytes.count == TileTree.width * Digest.count else {
            findings.fault("`\(TilePath.full(0, index))` is missing or malformed")
            return false
        }
        for start in stride(from: 0, to: bytes.count, by: Digest.count) {
            guard let hash = Digest(bytes[start..<start + Digest.count]) else { return false }
            records.addPruned(hash)
            approvals.addPruned()
            consistency.addPruned()
            recount?.addPruned(at: tree.size)
            try append(hash)
        }
        return true
    }

    private mutating func append(_ hash: Digest) throws(Refusal) {
        for tile in tree.append(hash) { try compare(tile.hashes, tile.level, tile.index) }
        if expected.last?.head.size == tree.size { compareOld() }
    }

    /// Compares the last, incomplete tile of each level.
    private mutating func compareEdge() throws(Refusal) {
        for (level, hashes) in tree.edge.enumerated() where !hashes.isEmpty {
            try compare(hashes, level, tree.count(level: level) / Self.width)
        }
    }

    /// Compares the tile that must exist, and the older, narrower ones that may.
    private mutating func compare(
        _ hashes: [Digest], _ level: Int, _ index: UInt64
    ) throws(Refusal) {
        let bytes = hashes.flatMap(\.bytes)
        let stored = try folder.tile(level, index, hashes.count)
        if stored != bytes {
            let fault = stored == nil ? "is missing" : "does not fit the entries"
            findings.fault("`\(TilePath.full(level, index))` \(fault)")
        }
        for older in try folder.widths(level, index) where older <= hashes.count {
            try comparePartial(level, index, older, bytes[..<(older * Digest.count)])
        }
    }

    private mutating func comparePartial(
        _ level: Int?, _ index: UInt64, _ width: Int, _ bytes: ArraySlice<UInt8>
    ) throws(Refusal) {
        if let stored = try folder.partial(level, index, width), stored[...] != bytes {
            findings.fault("`\(TilePath.partial(level, index, width))` does not fit the entries")
        }
    }

    /// Reports files that the checkpoint does not cover.
    private mutating func lookAround() throws(Refusal) {
        let strays = try folder.strays(size: checkpoint.size)
        if strays.beyond > 0 {
            findings.warn(
                "\(strays.beyond) files beyond the checkpoint (a crash, or a checkpoint set back)")
        }
        if strays.foreign > 0 { findings.warn("\(strays.foreign) files that are no part of a log") }
    }
}

/// A checkpoint that the auditor kept; its signature is not verified yet.
private struct OldCheckpoint {
    let path: String
    let note: CheckpointNote

    init(_ path: String) throws(Refusal) {
        self.path = path
        let bytes = try Files.beginning(path, SignedNote.maximumBytes + 1)
        guard let note = CheckpointNote(bytes) else {
            throw Refusal(.malformed, "`\(path)` is no checkpoint")
        }
        self.note = note
    }

    /// - Returns: nil if the bytes are no checkpoint.
    init?(name: String, note bytes: [UInt8]) {
        guard let note = CheckpointNote(bytes) else { return nil }
        path = name
        self.note = note
    }
}
