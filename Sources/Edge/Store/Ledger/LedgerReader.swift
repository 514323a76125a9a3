import Glibc
package import InterlockLedger
package import InterlockModel

/// Reads a log without its lock, also while a writer is at work: it sees the frames that are whole.
package struct LedgerReader: Sendable {
    package let directory: String
    package let payloads: String
    let hashing: any Hashing

    package init(directory: String, payloads: String, hashing: any Hashing) {
        self.directory = directory
        self.payloads = payloads
        self.hashing = hashing
    }

    /// Calls `body` with each record, oldest first, until it returns false.
    package func scan(_ body: (LedgerEntry) -> Bool) throws(LedgerFailure) {
        try forEachFrame { frame in
            for (place, bytes) in frame.records.enumerated() {
                let entry = LedgerEntry(
                    index: frame.header.first + UInt64(place),
                    leaf: Leaf(stored: bytes, hashing: hashing))
                guard body(entry) else { return false }
            }
            return true
        }
    }

    /// The newest records, oldest of them first.
    package func tail(_ count: Int) throws(LedgerFailure) -> [LedgerEntry] {
        var kept: [LedgerEntry] = []
        try scan { entry in
            kept.append(entry)
            if kept.count >= 2 * max(count, 1) { kept.removeFirst(kept.count - count) }
            return true
        }
        return Array(kept.suffix(count))
    }

    /// The records that an index, a leaf hash (base64 or hex), a call id or a decision id names.
    package func show(_ name: String) throws(LedgerFailure) -> [LedgerEntry] {
        let hash = Digest(base64: name) ?? Hex.decode(name).flatMap { Digest(bytes: $0) }
        let index = UInt64(name)
        let call = CallID(name.hasPrefix("dec_") ? name.dropFirst(4) : name[...])
        var found: [LedgerEntry] = []
        try scan { entry in
            if let call {
                if entry.record?.text("call") == call.text { found.append(entry) }
                return true
            }
            if entry.index == index || entry.leaf.hash == hash { found.append(entry) }
            return found.isEmpty
        }
        return found
    }

    /// The stored blob with this SHA-256; nil when neither the log nor a pack has it.
    package func blob(_ digest: Digest) throws(LedgerFailure) -> [UInt8]? {
        var found: [UInt8]?
        try forEachFrame { frame in
            found = frame.blobs.first { $0.digest == digest }.map { Array($0.bytes) }
            return found == nil
        }
        if let found { return found }
        return try packs { try $0.blob(digest) }.first { $0 != nil } ?? nil
    }

    func forEachFrame(_ body: (Frame) -> Bool) throws(LedgerFailure) {
        do {
            var walk = FrameWalk(try segments())
            while let next = try walk.next() {
                guard body(next.frame) else { return }
            }
        } catch let error as LedgerFailure {
            throw error
        } catch let error as SystemError {
            throw LedgerFailure(error)
        } catch {
            throw LedgerFailure(.io, "\(error)")
        }
    }

    func segments() throws -> [Segment] {
        let wal = directory + "/wal"
        guard Folder.exists(wal) else {
            throw LedgerFailure(.missing, "there is no log at `\(directory)`")
        }
        return try Segment.names(in: wal).map {
            try Segment(opening: $0, in: wal, writable: false)
        }
    }

    /// Digests of all blobs in packs.
    func packedDigests() throws(LedgerFailure) -> Set<Digest> {
        Set(try packs { try $0.digests() }.flatMap { $0 })
    }

    private func packs<T>(_ body: (PackFile) throws -> T) throws(LedgerFailure) -> [T] {
        do {
            guard Folder.exists(payloads) else { return [] }
            return try Folder.names(payloads).flatMap { day in
                try Folder.names("\(payloads)/\(day)").filter { $0.hasSuffix(".pack") }.map {
                    try body(PackFile("\(payloads)/\(day)/\($0)"))
                }
            }
        } catch let error as SystemError {
            throw LedgerFailure(error)
        } catch {
            throw LedgerFailure(.io, "\(error)")
        }
    }
}

/// A record and its place.
package struct LedgerEntry: Sendable {
    package let index: UInt64
    package let leaf: Leaf
    /// nil when the stored bytes are in no canonical form.
    package var record: StoredRecord? { try? StoredRecord(parsing: leaf.bytes) }
}
