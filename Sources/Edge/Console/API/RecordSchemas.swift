import InterlockAdministration
import InterlockJSON
import InterlockLedger
import InterlockModel

extension VerifiedRecord {
    static let form = ResponseSchema<VerifiedRecord>(
        "Record",
        [
            .init("index", .whole(0...JSONValue.largestInteger), "Its place in the log.") {
                .integer(Int64(clamping: $0.index))
            },
            .init("hash", .text(.base64(32)), "Its leaf hash.") { .string($0.hash.base64) },
            .init("leaf", .object, "The record, as `docs/auditing.md` has it.") {
                .object($0.record.object)
            },
            .init(
                "size", .whole(1...JSONValue.largestInteger),
                "Of the signed checkpoint that it was proved against."
            ) { .integer(Int64(clamping: $0.size)) },
            .init("cosigned", .whole(0...64), "Witnesses that cosigned that checkpoint.") {
                .integer(Int64($0.cosigners))
            },
        ])
}

extension RecordFinding {
    static let mostRows = 100

    static let form = ResponseSchema<RecordFinding>(
        "RecordPage",
        [
            .init(
                "records", .list(VerifiedRecord.form.shape, count: 0...mostRows),
                "The newest first, each proved just now."
            ) { finding in
                .array(
                    finding.rows.compactMap { row in
                        if case .proved(let record) = row {
                            VerifiedRecord.form.json(record)
                        } else {
                            nil
                        }
                    })
            },
            .init(
                "unproved",
                .list(.whole(0...JSONValue.largestInteger), count: 0...mostRows),
                "Where the index names a record that the log does not bear out."
            ) { finding in
                .array(
                    finding.rows.compactMap { row in
                        if case .unproved(let index) = row {
                            .integer(Int64(clamping: index))
                        } else {
                            nil
                        }
                    })
            },
            .maybe("next", .text(.plain(1...20)), "`before` of the next page, if there is one.") {
                $0.next.map { .string(String($0)) }
            },
            .maybe("fault", .text(.plain(1...4096)), "Why the index is not used.") {
                $0.fault.map(JSONValue.string)
            },
            .maybe(
                "unsearched_from", .whole(0...JSONValue.largestInteger),
                "The first of the records that the index does not reach, and that were not searched."
            ) { $0.unsearched.map { .integer(Int64(clamping: $0.lowerBound)) } },
            .maybe(
                "unsearched_to", .whole(0...JSONValue.largestInteger),
                "The first behind them that was."
            ) { $0.unsearched.map { .integer(Int64(clamping: $0.upperBound)) } },
        ])
}

extension RecordEvidence {
    static let form = ResponseSchema<RecordEvidence>(
        "RecordEvidence",
        [
            .init("record", VerifiedRecord.form.shape, "The record.") {
                VerifiedRecord.form.json($0.record)
            },
            .init("root", .text(.base64(32)), "Of the checkpoint of the proof.") {
                .string($0.root.base64)
            },
            .init(
                "path", .list(.text(.base64(32)), count: 0...TlogProof.maximumHashes),
                "Siblings from the leaf up."
            ) { .array($0.proof.hashes.map { .string($0.base64) }) },
            .maybe(
                "payloads", .list(DisplayedPayload.form.shape, count: 0...64),
                "Left out for whoever may not read them."
            ) { $0.payloads.map { .array($0.map(DisplayedPayload.form.json)) } },
            .init(
                "call", .list(VerifiedRecord.form.shape, count: 0...1000),
                "The other records of its call, the oldest first."
            ) { .array($0.others.map(VerifiedRecord.form.json)) },
            .maybe("why", .text(.plain(1...512)), "Why it was refused, in plain words.") {
                RefusalLabels($0).map { .string($0.sentence) }
            },
            .maybe("would_allow", .text(.plain(1...512)), "What would let such a call through.") {
                RefusalLabels($0)?.wouldAllow.map(JSONValue.string)
            },
        ])
}

extension DisplayedPayload {
    static let form = ResponseSchema<DisplayedPayload>(
        "Payload",
        [
            .init("field", .text(.plain(1...128)), "Of the leaf.") { .string($0.field) },
            .init(
                "state", .choice(["opened", "erased", "missing", "bad"]), "Whether it is here."
            ) { .string($0.state) },
            .maybe(
                "text", .text(.plain(0...(16 << 20))),
                "What was recorded, as text; else why it is not here."
            ) { .string($0.text) },
        ])

    private var state: String {
        switch answer {
        case .opened: "opened"
        case .erased: "erased"
        case .missing: "missing"
        case .bad: "bad"
        }
    }
}
