import InterlockAdministration
import InterlockJSON
import InterlockModel
import InterlockReview

/// The facts of a sign-off that were read from the log with the sample.
struct SampleFacts: Sendable {
    /// The approvals in the sample by who gave them.
    let approvals: [Pseudonym: Int]
    /// The items that the log raised, as `DriftItem.bounded` says; none has an outcome.
    let drift: [DriftItem]

    static let largest = 4 << 20
    private static let mostPeople = 10_000

    init(_ drawn: DrawnSample) {
        approvals = drawn.approvals
        drift = DriftItem.bounded(drawn.drift)
    }

    /// The items with the outcomes that were stated.
    func drift(with stated: [DriftItem]) -> [DriftItem] {
        drift.map { item in stated.first { $0.isSame(as: item) } ?? item }
    }

    var json: JSONValue {
        [
            "approvals": .array(
                approvals.sorted { $0.key.text < $1.key.text }.map { one -> JSONValue in
                    ["by": .string(one.key.text), "cnt": .integer(Int64(one.value))]
                }),
            "drift": .array(
                drift.map { item -> JSONValue in
                    [
                        "cause": .string(item.cause.rawValue), "leaf": .string(item.leaf.base64),
                        "subject": .string(item.subject),
                    ]
                }), "v": 1,
        ]
    }

    init(parsing bytes: [UInt8]) throws(FormError) {
        let fields = try StrictFields(
            try StrictFields.value(bytes, limit: Self.largest),
            required: ["approvals", "drift", "v"])
        try fields.expectVersion1()
        var approvals: [Pseudonym: Int] = [:]
        for value in try fields.array("approvals", count: 0...Self.mostPeople) {
            let one = try StrictFields(value, at: "approvals", required: ["by", "cnt"])
            let by = try one.pseudonym("by")
            approvals[by] = Int(try one.integer("cnt", in: 0...Int64.max))
        }
        var drift: [DriftItem] = []
        for value in try fields.array("drift", count: 0...ReviewSignOff.mostItems) {
            let one = try StrictFields(value, at: "drift", required: ["cause", "leaf", "subject"])
            drift.append(
                DriftItem(
                    try one.made("cause", "a cause of drift") { DriftItem.Cause(rawValue: $0) },
                    subject: try one.string("subject", length: 1...200),
                    leaf: try one.made("leaf", "base64 of 32 bytes") { Digest(base64: $0) }))
        }
        self.approvals = approvals
        self.drift = drift
    }
}

/// An open review with the files that were written at its start, read once for one answer.
struct DrawnReview: Sendable {
    let review: OpenReview
    let sample: ReviewSample
    let facts: SampleFacts

    var marked: MarkedSample { MarkedSample(sample, marks: review.marks) }

    /// The refusal with the number of the record that it names.
    func words(of refusal: ReviewRefusal) -> String {
        let leaf: Digest
        switch refusal {
        case .unmarked(let first, _): leaf = first
        case .findingWithoutOwner(let found): leaf = found
        default: return refusal.text
        }
        guard let record = marked.records.first(where: { $0.leaf == leaf }) else {
            return refusal.text
        }
        return "\(refusal.text) (record \(record.index))"
    }
}

extension DrawnSample {
    /// The bytes of the file of the facts.
    func facts() throws(Problem) -> [UInt8] {
        do throws(JSONError) { return try SampleFacts(self).json.canonical() } catch {
            throw Problem(FormError.json(error))
        }
    }
}
