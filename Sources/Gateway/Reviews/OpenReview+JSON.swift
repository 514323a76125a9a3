import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockReview

// The bodies of entries of the control log about open reviews.
extension OpenReview {
    var body: JSONObject {
        [
            "by": .string(by.text), "facts": .string(facts.prefixed),
            "from": .string(period.start.rfc3339(fractionDigits: 0)),
            "origin": .string(checkpoint.origin), "root": .string(checkpoint.root.prefixed),
            "sample": .string(sample.prefixed), "scope": .string(scope.text),
            "size": .integer(Int64(clamping: checkpoint.size)),
            "started": .integer(started.microseconds),
            "to": .string(period.end.rfc3339(fractionDigits: 0)),
        ]
    }

    init(_ id: ReviewID, _ body: JSONObject) throws(FormError) {
        let fields = try StrictFields(
            .object(body),
            required: [
                "by", "facts", "from", "origin", "root", "sample", "scope", "size", "started",
                "to",
            ])
        let period = ReviewPeriod(
            from: try fields.time("from", fractionDigits: 0),
            to: try fields.time("to", fractionDigits: 0))
        guard let period else { throw fields.bad("to", "later than `from`") }
        self.init(
            id: id, scope: try fields.made("scope", "a scope") { ReviewScope($0) },
            period: period,
            checkpoint: SampleCheckpoint(
                origin: try fields.string("origin", length: 1...1_024),
                size: UInt64(try fields.integer("size", in: 0...Int64.max)),
                root: try fields.digest("root")),
            sample: try fields.digest("sample"), facts: try fields.digest("facts"),
            started: Timestamp(
                microseconds: try fields.integer("started", in: 0...Int64.max)),
            by: try fields.pseudonym("by"))
    }
}

extension MarkedRecord {
    var body: JSONObject {
        var object: JSONObject = [
            "as": .string(judgement.word), "by": .string(by.text), "leaf": .string(leaf.prefixed),
            "marked": .integer(marked.microseconds), "opened": .integer(opened.microseconds),
        ]
        object["note"] = note.map { $0.json }
        if case .finding(let severity) = judgement {
            object["sev"] = .integer(Int64(severity.rawValue))
        }
        return object
    }

    init(_ body: JSONObject) throws(FormError) {
        let fields = try StrictFields(
            .object(body), required: ["as", "by", "leaf", "marked", "opened"],
            optional: ["note", "sev"])
        let severity = try fields.has("sev") ? Int(fields.integer("sev", in: 1...3)) : nil
        let word = try fields.string("as")
        guard let judgement = Outcome(word: word, severity: severity) else {
            throw fields.bad("as", "a judgement, with a severity if it is a finding")
        }
        var note: Commitment?
        if fields.has("note") {
            note = Commitment(json: try fields.value("note"))
            if note == nil { throw fields.bad("note", "a commitment") }
        }
        let made = MarkedRecord(
            leaf: try fields.digest("leaf"), judgement, by: try fields.pseudonym("by"), note: note,
            opened: Timestamp(microseconds: try fields.integer("opened", in: 0...Int64.max)),
            marked: Timestamp(microseconds: try fields.integer("marked", in: 0...Int64.max)))
        guard let made else { throw fields.bad("marked", "not before `opened`") }
        self = made
    }
}

extension MarkedRecord.Outcome {
    /// - Returns: nil for another word, a finding without a severity, or another judgement with one.
    init?(word: String, severity: Int?) {
        switch ExactText(word) {
        case "ok" where severity == nil: self = .ok
        case "unclear" where severity == nil: self = .unclear
        case "erased" where severity == nil: self = .erased
        case "finding":
            guard let severity = severity.flatMap({ FindingSeverity(rawValue: $0) }) else {
                return nil
            }
            self = .finding(severity)
        default: return nil
        }
    }
}
