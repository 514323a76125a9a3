/// The stored blobs of a deployment: packs of a day, or one file for each blob.
struct PayloadStore {
    private let path: String
    /// Digests of all blobs, sorted, whose bytes have that digest.
    private var good: [Digest] = []
    /// Blobs whose bytes are others than their digest says.
    private(set) var changed = 0

    static let maximumBlob = 16 << 20 + 64

    init(_ path: String) throws(Refusal) {
        self.path = path
        guard let days = try Files.names(path) else {
            throw Refusal(.missing, "there is no folder `\(path)`")
        }
        for day in days where day != "addenda" {
            for name in try Files.names("\(path)/\(day)") ?? [] where name.hasSuffix(".pack") {
                try readPack("\(path)/\(day)/\(name)")
            }
        }
        try readAddenda()
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

    /// SHA-256, 32-bit length, blob, one after the other; a torn end is left out.
    private mutating func readPack(_ path: String) throws(Refusal) {
        guard let file = try OpenFile(path) else { return }
        var place = 0
        while file.count - place >= 36 {
            var head = ByteCursor(try file.read(at: place, count: 36))
            guard let range = head.take(32), let digest = Digest(head.bytes[range]),
                let count = head.integer(4).map(Int.init), count <= PayloadStore.maximumBlob,
                file.count - place - 36 >= count
            else { return }
            take(digest, try file.read(at: place + 36, count: count))
            place += 36 + count
        }
    }

    private mutating func readAddenda() throws(Refusal) {
        for first in try Files.names("\(path)/addenda") ?? [] {
            for second in try Files.names("\(path)/addenda/\(first)") ?? [] {
                for name in try Files.names("\(path)/addenda/\(first)/\(second)") ?? [] {
                    let file = "\(path)/addenda/\(first)/\(second)/\(name)"
                    guard let digest = Digest(hex: Array(name.utf8)), name.hasPrefix(first + second)
                    else { continue }
                    take(digest, try Files.required(file, limit: PayloadStore.maximumBlob))
                }
            }
        }
    }

    private mutating func take(_ digest: Digest, _ blob: [UInt8]) {
        if Crypto.sha256(blob) == digest { good.append(digest) } else { changed += 1 }
    }
}

/// Finds for every commitment its blob, or the record that says why it is gone.
struct PayloadCheck {
    private let store: PayloadStore
    /// Commitments without blob, until the end is seen: an erasure is recorded later than what it erases.
    private var missing: [Missing] = []
    private var erasedRuns: Set<RunName> = []
    private var erasedDays: Set<Octets> = []
    private var count = 0

    private struct Missing {
        let index: UInt64
        let run: RunName?
        let day: Octets
    }

    static let maximumMissing = 1 << 20

    init(_ store: PayloadStore) { self.store = store }

    mutating func add(_ record: Record, at index: UInt64) {
        if record.type == "payload.erased" { erase(record) }
        for (_, commitment) in record.commitments {
            guard let blob = commitment.blob else { continue }
            count += 1
            guard !store.contains(blob), missing.count < PayloadCheck.maximumMissing else {
                continue
            }
            let seconds = record.run.map { $0.milliseconds / 1000 } ?? record.time / 1_000_000
            missing.append(Missing(index: index, run: record.run, day: CivilDay.text(seconds)))
        }
    }

    /// - Returns: what was checked, in a few words.
    func finish(_ findings: inout Findings) -> String {
        if store.changed > 0 {
            findings.fault("\(store.changed) stored payloads do not have their digest")
        }
        var erased = 0
        for one in missing {
            if one.run.map(erasedRuns.contains) ?? false || erasedDays.contains(one.day) {
                erased += 1
            } else {
                findings.fault("record \(one.index): a payload is missing, and no record says why")
            }
        }
        return "\(count) payloads (\(erased) of them erased, on record)"
    }

    private mutating func erase(_ record: Record) {
        for range in record.fields.elements("runs") ?? [] {
            if let run = JSONObject.text(record.fields.bytes[range]).flatMap({ RunName($0.bytes) })
            {
                erasedRuns.insert(run)
            }
        }
        if let run = record.fields.text("runs").flatMap({ RunName($0.bytes) }) {
            erasedRuns.insert(run)
        }
        if let day = record.fields.text("bucket") { erasedDays.insert(day) }
    }
}

/// The day in UTC as `2026-11-20`.
enum CivilDay {
    static func text(_ seconds: UInt64) -> Octets {
        // Days are counted from 1 March of year 0, so that a leap day ends its year.
        let days = Int(seconds / 86_400) + 719_468
        let era = days / 146_097
        let day = days % 146_097
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365
        let ofYear = day - (365 * year + year / 4 - year / 100)
        let month = (5 * ofYear + 2) / 153
        let ofMonth = ofYear - (153 * month + 2) / 5 + 1
        let civil = month < 10 ? month + 3 : month - 9
        let whole = year + era * 400 + (civil <= 2 ? 1 : 0)
        return Octets("\(whole)-\(two(civil))-\(two(ofMonth))")
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
