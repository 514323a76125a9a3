import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel

extension Invariants {
    /// The input is lines of a log and names of records. Searching foreign records for gaps or days, and resolving a
    /// name that a person entered, end with a result for any input.
    package static func search(_ bytes: [UInt8]) {
        let tree = TreeHash(OpenSSLHashing())
        var (whole, pruned) = (GapFinder(), GapFinder(isPruned: true))
        var filter = RecordFilter()
        for (place, line) in bytes.split(separator: UInt8(ascii: "\n")).enumerated() {
            let hash = tree.leaf(line)
            let record = try? StoredRecord(parsing: line)
            whole.add(record, index: UInt64(place), hash: hash)
            pruned.add(record, index: UInt64(place), hash: hash)
            if let record {
                filter.type = record.type
                precondition(filter.matches(record), "a record has its own type")
                precondition(
                    RecordName.hash(hash).names(record, index: 0, hash: hash),
                    "a record has the name of its hash")
                sameDay(record)
            }
            name(String(decoding: line, as: UTF8.self))
        }
        whole.finish()
        pruned.finish()
        precondition(
            zip(whole.gaps, whole.gaps.dropFirst()).allSatisfy { $0.index <= $1.index },
            "gaps come in the order of the log")
        precondition(
            pruned.gaps.count <= whole.gaps.count, "what may have been pruned is no further gap")
    }

    private static func sameDay(_ record: StoredRecord) {
        guard let digest = DayDigest(record) else { return }
        var object = record.object
        for (key, value) in digest.fields.members { object[key] = value }
        guard let written = try? JSONValue.object(object).canonical(),
            let again = try? StoredRecord(parsing: written)
        else { preconditionFailure("a day's digest can be written") }
        precondition(DayDigest(again) == digest, "a day's digest is read as it was written")
    }

    private static func name(_ text: String) {
        switch RecordName(text) {
        case .index(let index): precondition(String(index) == text, "an index has one spelling")
        case .hash(let hash):
            precondition(
                hash.base64 == text || hash.hex == text, "a leaf hash has two spellings")
        case .call(let id): precondition("dec_" + id == text, "a decision has one spelling")
        case .approval(let id): precondition("apr_" + id == text, "an approval has one spelling")
        case .id(let id): precondition(id == text, "an id has one spelling")
        case nil: break
        }
    }
}
