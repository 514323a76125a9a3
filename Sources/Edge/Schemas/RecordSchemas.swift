import InterlockAdministration
package import InterlockEvidence
import InterlockJSON
package import InterlockLedger
import InterlockModel

extension VerifiedRecord: ResponseRecord {
    package static let form = ResponseSchema<VerifiedRecord>(
        "Record",
        .init("index", .count, "Its place in the log.") { $0.index },
        .init("hash", .text(.base64(32)), "Its leaf hash.") { $0.hash.base64 },
        .init("leaf", .object, "The record, as `docs/auditing.md` has it.") { $0.record.object },
        .init(
            "size", .whole(1...JSONValue.largestInteger),
            "Of the signed checkpoint that it was proved against."
        ) { $0.proof.size },
        .init("cosigned", .whole(0...64), "Witnesses that cosigned that checkpoint.") {
            $0.proof.witnesses.names.count
        },
        .init("root", .text(.base64(32)), "The root of that checkpoint.") {
            $0.proof.root.base64
        },
        .init(
            "quorum", .choice(["none", "missing", "reached"]),
            "Whether the witnesses that the trust policy requires cosigned it."
        ) {
            switch $0.proof.witnesses.quorum {
            case .notRequired: "none"
            case .missing: "missing"
            case .reached: "reached"
            }
        })
}

extension RecordFinding: ResponseRecord {
    package static let mostRows = 100

    package static let form = ResponseSchema<RecordFinding>(
        "RecordPage",
        .init(
            "records", .list(of: VerifiedRecord.self, 0...mostRows),
            "The newest first, each proved just now."
        ) { finding in
            finding.rows.compactMap { if case .proved(let record) = $0 { record } else { nil } }
        },
        .init(
            "unproved", .list(.count, count: 0...mostRows),
            "Where the index names a record that the log does not bear out."
        ) { finding in
            finding.rows.compactMap { if case .unproved(let index) = $0 { index } else { nil } }
        },
        .maybe("next", .text(.plain(1...20)), "`before` of the next page, if there is one.") {
            $0.next.map { String($0) }
        },
        .maybe("fault", .text(.plain(1...4096)), "Why the index is not used.") { $0.fault },
        .maybe(
            "unsearched_from", .count,
            "The first of the records that the index does not reach, and that were not searched."
        ) { $0.unsearched?.lowerBound },
        .maybe(
            "unsearched_to", .count, "The first behind them that was."
        ) { $0.unsearched?.upperBound })
}

extension RecordEvidence: ResponseRecord {
    package static let form = ResponseSchema<RecordEvidence>(
        "RecordEvidence",
        .init("record", VerifiedRecord.form.shape, "The record.") { $0.record },
        .init("root", .text(.base64(32)), "Of the checkpoint of the proof.") { $0.root.base64 },
        .init(
            "path", .list(.text(.base64(32)), count: 0...TlogProof.maximumHashes),
            "Siblings from the leaf up."
        ) { $0.proof.hashes.map(\.base64) },
        .maybe(
            "payloads", .list(of: DisplayedPayload.self, 0...64),
            "Omitted for people who may not read them."
        ) { $0.payloads },
        .init(
            "call", .list(of: VerifiedRecord.self, 0...1000),
            "The other records of its call, the oldest first."
        ) { $0.others },
        .maybe("fault", .text(.plain(1...4096)), "Why the index is not used.") { $0.fault },
        .maybe(
            "unsearched_from", .count,
            "The first of the records that the index does not reach, and that were not searched."
        ) { $0.unsearched?.lowerBound },
        .maybe("unsearched_to", .count, "The first behind them that was.") {
            $0.unsearched?.upperBound
        },
        .maybe("why", .text(.plain(1...512)), "Why it was refused, in plain words.") {
            RefusalLabels($0)?.sentence
        },
        .maybe("would_allow", .text(.plain(1...512)), "What would let such a call through.") {
            RefusalLabels($0)?.wouldAllow
        })
}

extension DisplayedPayload: ResponseRecord {
    package static let form = ResponseSchema<DisplayedPayload>(
        "Payload",
        .init("field", .text(.plain(1...128)), "Of the leaf.") { $0.field },
        .init("state", .choice(["opened", "erased", "missing", "bad"]), "Whether it is here.") {
            $0.state
        },
        .maybe(
            "text", .text(.plain(0...(16 << 20))),
            "What was recorded, as text; else why it is not here."
        ) { $0.text })

    private var state: String {
        switch answer {
        case .opened: "opened"
        case .erased: "erased"
        case .missing: "missing"
        case .bad: "bad"
        }
    }
}
