/// Checks a log folder against its checkpoint: every entry, every tile, every old checkpoint. Holds the
/// edge of the tree and what is open, never the log.
struct LogVerification {
    private let folder: LogFolder
    private let checkpoint: Checkpoint
    private let treeOnly: Bool
    private let firstKept: UInt64

    private var findings: Findings
    private var tree = TileTree()
    private var records = RecordOrder()
    private var payloads: PayloadCheck?
    private var unknownTypes: Set<String> = []
    /// Old checkpoints above the current size, the largest first.
    private var expected: [(head: Checkpoint, name: String)]

    static func verify(
        _ path: String, _ trust: Trust, _ arguments: Arguments
    ) throws(Refusal) -> Findings {
        try arguments.refuse([("--people", arguments.people != nil)], for: "a log folder")
        if arguments.treeOnly {
            try arguments.refuse(
                [("--payloads", arguments.payloads != nil)], for: "a log of another program")
        }
        var findings = Findings()
        let checkpoint: Checkpoint
        do {
            checkpoint = try Checkpoint(
                try Files.required(path + "/checkpoint", limit: 1 << 20), trust)
        } catch let fault as CheckpointFault {
            findings.fault("the checkpoint: \(fault)")
            findings.summary = "the log's checkpoint is not to be trusted"
            return findings
        } catch let refusal as Refusal {
            throw refusal
        } catch {
            throw Refusal(.internalError, "\(error)")
        }
        let old = try oldCheckpoints(arguments, trust, of: checkpoint, &findings)
        var verification = LogVerification(
            folder: LogFolder(path), checkpoint: checkpoint, arguments: arguments,
            findings: findings,
            expected: old.sorted { $0.head.size > $1.head.size })
        if let store = arguments.payloads {
            verification.payloads = PayloadCheck(try PayloadStore(store))
        }
        return try verification.run(trust, arguments, extended: old.map(\.name))
    }

    private init(
        folder: LogFolder, checkpoint: Checkpoint, arguments: Arguments, findings: Findings,
        expected: [(head: Checkpoint, name: String)]
    ) {
        self.folder = folder
        self.checkpoint = checkpoint
        treeOnly = arguments.treeOnly
        firstKept = arguments.minimumIndex ?? 0
        self.findings = findings
        self.expected = expected
    }

    private static func oldCheckpoints(
        _ arguments: Arguments, _ trust: Trust, of checkpoint: Checkpoint,
        _ findings: inout Findings
    ) throws(Refusal) -> [(head: Checkpoint, name: String)] {
        var heads: [(head: Checkpoint, name: String)] = []
        for path in arguments.oldCheckpoints {
            let bytes = try Files.required(path, limit: 1 << 20)
            do throws(CheckpointFault) {
                let head = try Checkpoint(bytes, trust)
                guard head.origin == checkpoint.origin else {
                    findings.fault("`\(path)` is of another log")
                    continue
                }
                heads.append((head, path))
            } catch {
                findings.fault("`\(path)`: \(error)")
            }
        }
        return heads
    }

    private mutating func run(
        _ trust: Trust, _ arguments: Arguments, extended: [String]
    ) throws(Refusal) -> Findings {
        trust.checkQuorum(checkpoint, &findings)
        compareOld()
        var index: UInt64 = 0
        while index * UInt64(TileTree.width) < checkpoint.size, !findings.isFull {
            guard try takeBundle(index) else { break }
            index += 1
        }
        if tree.size == checkpoint.size {
            try compareEdge()
            if tree.root != checkpoint.root {
                findings.fault(
                    "the entries give the root \(tree.root.base64), not the checkpoint's")
            }
        }
        try lookAround()
        if let minimum = arguments.minimumSize, checkpoint.size < minimum {
            findings.fault(
                "the log has \(checkpoint.size) entries, at least \(minimum) were expected")
        }
        let stored = payloads.map { $0.finish(&findings) }
        conclude(arguments, extended, stored)
        return findings
    }

    private mutating func conclude(
        _ arguments: Arguments, _ extended: [String], _ stored: String?
    ) {
        if arguments.oldCheckpoints.isEmpty {
            if findings.lacksOutsideMemory {
                findings.warn("no outside memory: rewriting history cannot be detected")
            }
            findings.lacksOutsideMemory = true
        }
        if arguments.strict, !unknownTypes.isEmpty {
            findings.warn("unknown types: \(unknownTypes.sorted().joined(separator: " "))")
        }
        var parts = ["\(checkpoint.size) entries, root \(checkpoint.root.base64)"]
        parts +=
            extended.isEmpty || !findings.isGood
            ? [] : ["extends \(extended.joined(separator: " and "))"]
        if !treeOnly { parts.append("\(records.runs) runs, \(records.openIntents) open calls") }
        if let stored { parts.append(stored) }
        if !checkpoint.witnesses.isEmpty {
            parts.append("cosigned by \(checkpoint.witnesses.count) known witnesses")
        }
        findings.summary = parts.joined(separator: ", ")
    }
}

extension LogVerification {
    /// Old checkpoints of the size that has just been reached; at the start those that cannot be.
    private mutating func compareOld() {
        for (head, name) in expected where head.size > checkpoint.size {
            findings.fault(
                "the log ends at \(checkpoint.size), but `\(name)` has size \(head.size)")
        }
        expected.removeAll { $0.head.size > checkpoint.size }
        while let (head, name) = expected.last, head.size == tree.size {
            expected.removeLast()
            if head.root != tree.root {
                findings.fault("the log does not extend `\(name)` of size \(head.size)")
            }
        }
    }

    /// - Returns: false when the entries cannot be followed any further.
    private mutating func takeBundle(_ index: UInt64) throws(Refusal) -> Bool {
        let start = index * UInt64(TileTree.width)
        let width = Int(min(checkpoint.size - start, UInt64(TileTree.width)))
        let end = start + UInt64(width)
        let found = try folder.bundle(index, width)
        guard let bundle = found else {
            guard end <= firstKept, width == TileTree.width else {
                findings.fault("the bundle of entries \(start) to \(end - 1) is missing")
                return false
            }
            return try takePruned(index)
        }
        guard let entries = EntryBundle.entries(bundle.bytes), entries.count >= width,
            entries.count == bundle.width
        else {
            findings.fault("the bundle of entries \(start) to \(end - 1) is malformed")
            return false
        }
        for (place, range) in entries.prefix(width).enumerated() {
            try take(bundle.bytes, range, at: start + UInt64(place))
        }
        try compareOlderBundles(index, bundle.bytes, entries, width)
        return true
    }

    private mutating func take(
        _ bytes: [UInt8], _ range: Range<Int>, at index: UInt64
    ) throws(Refusal) {
        let hash = Tree.leaf(bytes[range])
        if !treeOnly {
            do throws(RecordFault) {
                let record = try Record(bytes, in: range)
                try records.add(record, hash: hash)
                note(record, index)
                payloads?.add(record, at: index)
            } catch {
                findings.fault("record \(index): \(error)")
            }
        }
        try append(hash)
    }

    private mutating func note(_ record: Record, _ index: UInt64) {
        if index == 0 {
            if record.type != "log.genesis" || record.fields.text("origin") != checkpoint.origin {
                findings.fault("record 0 is not the genesis of this log")
            }
        }
        if !KnownTypes.contains(record.type), unknownTypes.count < Findings.maximumWarnings {
            unknownTypes.insert(record.type)
        }
    }

    private mutating func takePruned(_ index: UInt64) throws(Refusal) -> Bool {
        guard let bytes = try folder.tile(0, index, TileTree.width) else {
            findings.fault("`\(TilePath.full(0, index))` is missing")
            return false
        }
        for start in stride(from: 0, to: bytes.count, by: Digest.count) {
            guard let hash = Digest(bytes[start..<start + Digest.count]) else { return false }
            records.addPruned(hash)
            try append(hash)
        }
        return true
    }

    private mutating func append(_ hash: Digest) throws(Refusal) {
        for tile in tree.append(hash) {
            try compare(tile.hashes, tile.level, tile.index)
        }
        if expected.last?.head.size == tree.size { compareOld() }
    }

    /// The last, unfinished tile of each level.
    private mutating func compareEdge() throws(Refusal) {
        for (level, hashes) in tree.edge.enumerated() where !hashes.isEmpty {
            try compare(hashes, level, tree.count(level: level) / UInt64(TileTree.width))
        }
    }

    /// The tile that must be there, and the older, narrower ones that may be.
    private mutating func compare(
        _ hashes: [Digest], _ level: Int, _ index: UInt64
    ) throws(Refusal) {
        let bytes = hashes.flatMap(\.bytes)
        let name = TilePath.full(level, index)
        if let stored = try folder.tile(level, index, hashes.count) {
            if stored != bytes { findings.fault("`\(name)` does not fit the entries") }
        } else {
            findings.fault("`\(name)` is missing")
        }
        for width in try folder.widths(level, index) where width <= hashes.count {
            let stored = try folder.partial(level, index, width)
            if stored.map({ $0 != Array(bytes.prefix(width * Digest.count)) }) ?? false {
                findings.fault(
                    "`\(TilePath.partial(level, index, width))` does not fit the entries")
            }
        }
    }

    private mutating func compareOlderBundles(
        _ index: UInt64, _ bytes: [UInt8], _ entries: [Range<Int>], _ width: Int
    ) throws(Refusal) {
        for older in try folder.widths(nil, index) where older <= width {
            let stored = try folder.partial(nil, index, older)
            if stored.map({ $0 != Array(bytes[..<entries[older - 1].upperBound]) }) ?? false {
                findings.fault("`\(TilePath.partial(nil, index, older))` does not fit the entries")
            }
        }
    }

    /// Files that the checkpoint does not cover.
    private mutating func lookAround() throws(Refusal) {
        let strays = try folder.strays(size: checkpoint.size)
        if strays.beyond > 0 {
            findings.warn(
                "\(strays.beyond) files beyond the checkpoint (a crash, or a checkpoint set back)")
        }
        if strays.foreign > 0 {
            findings.warn("\(strays.foreign) files that are no part of a log")
        }
    }
}
