import Glibc

/// The stored blobs of a deployment: packs, in one folder for each day, or single files.
struct PayloadStore {
    /// The digests of all blobs that match their digest, sorted.
    private var good: [Digest] = []
    /// The number of blobs that do not match their digest.
    private(set) var changed = 0

    static let maximumBlob = 16 << 20 + 64

    init(_ path: String) throws(Refusal) {
        guard let days = try Files.names(path) else {
            throw Refusal(.missing, "there is no folder `\(path)`")
        }
        for day in days where day != "addenda" {
            for name in try Files.names("\(path)/\(day)") ?? [] where name.hasSuffix(".pack") {
                try readPack("\(path)/\(day)/\(name)")
            }
        }
        let addenda = path + "/addenda"
        for first in try Files.names(addenda) ?? [] {
            for second in try Files.names("\(addenda)/\(first)") ?? [] {
                let folder = "\(addenda)/\(first)/\(second)"
                for name in try Files.names(folder) ?? [] where name.hasPrefix(first + second) {
                    try readAddendum("\(folder)/\(name)", name)
                }
            }
        }
        good.sort()
    }

    func contains(_ digest: Digest) -> Bool {
        var low = 0
        var high = good.count
        while low < high {
            let middle = (low + high) / 2
            if good[middle] < digest { low = middle + 1 } else { high = middle }
        }
        return low < good.count && good[low] == digest
    }

    private mutating func take(_ blob: [UInt8], _ digest: Digest) {
        if Crypto.sha256(blob) == digest { good.append(digest) } else { changed += 1 }
    }

    private mutating func readAddendum(_ path: String, _ name: String) throws(Refusal) {
        guard let digest = Digest(hex: name.utf8), let file = try OpenFile(path) else { return }
        take(try file.read(at: 0, count: min(file.count, PayloadStore.maximumBlob + 1)), digest)
    }

    /// Reads SHA-256, 32-bit length and blob, one after the other; a torn end is ignored.
    private mutating func readPack(_ path: String) throws(Refusal) {
        guard let file = try OpenFile(path) else { return }
        var place = 0
        while file.count - place >= 36 {
            var head = ByteCursor(try file.read(at: place, count: 36))
            guard let range = head.take(32), let digest = Digest(head.bytes[range]),
                let count = head.integer(4).map(Int.init), count <= PayloadStore.maximumBlob,
                file.count - place - 36 >= count
            else { return }
            let blob = try file.read(at: place + 36, count: count)
            take(blob, digest)
            place += 36 + count
        }
    }
}

/// Finds for every commitment its blob, or the record that explains its absence.
struct PayloadCheck {
    private let store: PayloadStore
    /// The commitments without a blob, by the run or day whose erasure may explain them, until the end of the log: an
    /// erasure is recorded later than the records it affects.
    private var missing: [Owner: (last: UInt64, count: Int)] = [:]
    /// The index of the newest erasure of each run or day.
    private var erasedRuns: [RecordID: UInt64] = [:]
    private var erasedDays: [Octets: UInt64] = [:]
    private var count = 0

    private struct Owner: Hashable {
        let run: RecordID?
        /// The day, counted from 1970, on which the run began or the record was written.
        let day: UInt64
    }

    init(_ store: PayloadStore) { self.store = store }

    mutating func add(_ record: Record, at index: UInt64) {
        if record.type == "payload.erased" { erase(record, at: index) }
        for (_, commitment) in record.commitments {
            guard let blob = commitment.blob else { continue }
            count += 1
            guard !store.contains(blob) else { continue }
            let seconds = record.run.map { $0.milliseconds / 1000 } ?? record.time / 1_000_000
            let owner = Owner(run: record.run, day: seconds / 86_400)
            missing[owner] = (index, (missing[owner]?.count ?? 0) + 1)
        }
    }

    /// - Returns: what was checked, in a few words.
    func finish(_ findings: inout Findings) -> String {
        if store.changed > 0 {
            findings.fault("\(store.changed) stored payloads do not have their digest")
        }
        var erased = 0
        for (owner, found) in missing.sorted(by: { $0.value.last < $1.value.last }) {
            let ofRun = owner.run.flatMap { erasedRuns[$0] } ?? 0
            if max(ofRun, erasedDays[PayloadCheck.date(owner.day)] ?? 0) > found.last {
                erased += found.count
            } else {
                findings.fault(
                    "record \(found.last): a payload is missing, and no later record says why")
            }
        }
        return "\(count) payloads (\(erased) of them erased, on record)"
    }

    private mutating func erase(_ record: Record, at index: UInt64) {
        for range in record.fields.elements("runs") ?? [] {
            let text = JSONObject.text(record.fields.bytes[range])
            if let run = text.flatMap({ RecordID($0.bytes) }) { erasedRuns[run] = index }
        }
        if let day = record.fields.text("bucket") { erasedDays[day] = index }
    }

    /// Returns the UTC date, such as `2026-11-20`.
    private static func date(_ day: UInt64) -> Octets {
        var time = Int(clamping: day) * 86_400
        var parts = unsafe tm()
        guard unsafe gmtime_r(&time, &parts) != nil else { return Octets("") }
        let (month, day) = unsafe (parts.tm_mon + 101, parts.tm_mday + 100)
        let year = unsafe parts.tm_year + 1900
        return Octets("\(year)-\("\(month)".suffix(2))-\("\(day)".suffix(2))")
    }
}
