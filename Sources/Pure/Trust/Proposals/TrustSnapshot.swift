package import InterlockJSON
package import InterlockLedger
package import InterlockModel

/// The evidence of a promotion: each criterion with its value, its threshold and the records that it was computed from, and
/// the checkpoint up to which the log was read (docs/specs/trust-and-review.md, section 5). The file has the name of its
/// digest.
package struct TrustSnapshot: Sendable, Hashable {
    /// One criterion as it was found.
    package struct Line: Sendable, Hashable {
        package let criterion: TrustCriterion
        package let value: String
        package let threshold: String
        package let isMet: Bool
        package let leaves: [Digest]

        package init(
            criterion: TrustCriterion, value: String, threshold: String, isMet: Bool,
            leaves: [Digest]
        ) {
            self.criterion = criterion
            self.value = value
            self.threshold = threshold
            self.isMet = isMet
            self.leaves = leaves
        }

        package init(_ result: CriterionResult) {
            self.init(
                criterion: result.criterion, value: result.value.text,
                threshold: result.threshold, isMet: result.isMet, leaves: result.leaves)
        }

        package var text: String {
            "\(criterion.rawValue): \(value); \(threshold): \(isMet ? "met" : "missed")"
        }
    }

    package let org: String
    package let agent: AgentName
    package let from: AutonomyStage
    package let to: AutonomyStage
    package let date: Timestamp
    package let checkpoint: Checkpoint
    package let criteria: Digest
    package let policy: Digest
    package let fingerprint: Digest
    /// The digest of the result of evals that counts.
    package let evalResult: Digest
    /// True if it is the evidence for undoing the demotions since the last promotion, which take no credit then.
    package let undoes: Bool
    package let lines: [Line]

    /// The largest file, in bytes.
    package static let largest = 16 << 20
    private static let mostLeaves = 200_000

    package init(
        org: String, agent: AgentName, from: AutonomyStage, to: AutonomyStage, date: Timestamp,
        checkpoint: Checkpoint, criteria: Digest, policy: Digest, fingerprint: Digest,
        evalResult: Digest, undoes: Bool = false, lines: [Line]
    ) {
        self.org = org
        self.agent = agent
        self.from = from
        self.to = to
        self.date = date.wholeSecond
        self.checkpoint = checkpoint
        self.criteria = criteria
        self.policy = policy
        self.fingerprint = fingerprint
        self.evalResult = evalResult
        self.undoes = undoes
        self.lines = lines
    }

    /// The same without the records of its lines, for lists that are kept in memory.
    package var withoutRecords: TrustSnapshot {
        TrustSnapshot(
            org: org, agent: agent, from: from, to: to, date: date, checkpoint: checkpoint,
            criteria: criteria, policy: policy, fingerprint: fingerprint, evalResult: evalResult,
            undoes: undoes,
            lines: lines.map { line in
                Line(
                    criterion: line.criterion, value: line.value, threshold: line.threshold,
                    isMet: line.isMet, leaves: [])
            })
    }

    /// The differences that make a snapshot useless after one of now: a criterion that is missed now, or another
    /// fingerprint, policy or criteria. Values that moved within their thresholds are none.
    package func changes(since old: TrustSnapshot) -> [String] {
        var changes: [String] = []
        for (name, before, after) in [
            ("criteria", old.criteria, criteria), ("policy", old.policy, policy),
            ("fingerprint", old.fingerprint, fingerprint),
        ] where before != after {
            changes.append("\(name): \(after.prefixed), was \(before.prefixed)")
        }
        if old.from != from || old.to != to {
            changes.append(
                "stage: \(from.name) to \(to.name), was \(old.from.name) to \(old.to.name)")
        }
        for line in lines where !line.isMet {
            let before = old.lines.first { $0.criterion == line.criterion }
            changes.append(line.text + ", was \(before?.value ?? "not asked for")")
        }
        for line in old.lines where !lines.contains(where: { $0.criterion == line.criterion }) {
            changes.append("\(line.criterion.rawValue): not asked for, was \(line.value)")
        }
        return changes
    }
}

// The file.
extension TrustSnapshot {
    /// Parses a file.
    package init(parsing bytes: [UInt8]) throws(FormError) {
        let fields = try StrictFields(
            try StrictFields.canonicalValue(bytes, limit: Self.largest),
            required: [
                "agent", "criteria", "date", "eval", "fingerprint", "from", "lines", "log", "org",
                "policy", "to", "type", "v",
            ], optional: ["undoes"])
        try fields.expectVersion1()
        try fields.expect("type", "promotion-evidence")
        let log = try StrictFields(
            try fields.value("log"), at: "log", required: ["origin", "root", "size"])
        var lines: [Line] = []
        for value in try fields.array("lines", count: 1...TrustCriterion.allCases.count) {
            let line = try Line(value, after: lines)
            guard !lines.contains(where: { $0.criterion == line.criterion }) else {
                throw fields.bad("lines", "one line for each criterion")
            }
            lines.append(line)
        }
        self.init(
            org: try fields.string("org"),
            agent: try fields.made("agent", "the name of an agent", AgentName.init),
            from: try fields.stage("from"), to: try fields.stage("to"),
            date: try fields.time("date", fractionDigits: 0),
            checkpoint: Checkpoint(
                origin: try log.string("origin"),
                size: UInt64(try log.integer("size", in: 0...JSONValue.largestInteger)),
                root: try log.digest("root")),
            criteria: try fields.digest("criteria"), policy: try fields.digest("policy"),
            fingerprint: try fields.digest("fingerprint"),
            evalResult: try fields.digest("eval"),
            undoes: fields.has("undoes") ? try fields.bool("undoes") : false, lines: lines)
        // A line could name another earlier one with the same records, and `undoes` is left out if it is false.
        guard try canonical() == bytes else { throw .notCanonical }
    }

    package var json: JSONValue {
        var shown: [Line] = []
        var rows: [JSONValue] = []
        for line in lines {
            rows.append(line.json(after: shown))
            shown.append(line)
        }
        var object: JSONObject = [
            "agent": .string(agent.text), "criteria": .string(criteria.prefixed),
            "date": .string(date.rfc3339(fractionDigits: 0)),
            "eval": .string(evalResult.prefixed), "fingerprint": .string(fingerprint.prefixed),
            "from": .integer(Int64(from.rawValue)), "lines": .array(rows),
            "log": [
                "origin": .string(checkpoint.origin),
                "root": .string(checkpoint.root.prefixed),
                "size": .integer(Int64(clamping: checkpoint.size)),
            ],
            "org": .string(org), "policy": .string(policy.prefixed),
            "to": .integer(Int64(to.rawValue)), "type": "promotion-evidence", "v": 1,
        ]
        if undoes { object["undoes"] = true }
        return .object(object)
    }

    /// The bytes of the file, RFC 8785.
    package func canonical() throws(FormError) -> [UInt8] {
        do { return try json.canonical() } catch { throw .json(error) }
    }

    fileprivate static var leafCount: ClosedRange<Int> { 0...mostLeaves }
}

extension TrustSnapshot.Line {
    /// The records of a line that has the same as an earlier one are not repeated: `leaves` names that line then.
    fileprivate init(_ value: JSONValue, after lines: [TrustSnapshot.Line]) throws(FormError) {
        let fields = try StrictFields(
            value, at: "lines", required: ["criterion", "leaves", "met", "threshold", "value"])
        let leaves: [Digest]
        if let name = try fields.value("leaves").string {
            guard let same = lines.first(where: { sameBytes($0.criterion.rawValue, name) }) else {
                throw fields.bad("leaves", "leaf hashes, or an earlier criterion")
            }
            leaves = same.leaves
        } else {
            leaves = try fields.list(
                "leaves", count: TrustSnapshot.leafCount, "a leaf hash", Digest.init(base64:))
        }
        self.init(
            criterion: try fields.made("criterion", "a criterion") {
                TrustCriterion(rawValue: $0)
            },
            value: try fields.string("value", length: 1...512),
            threshold: try fields.string("threshold", length: 1...512),
            isMet: try fields.bool("met"), leaves: leaves)
    }

    fileprivate func json(after lines: [TrustSnapshot.Line]) -> JSONValue {
        let same = leaves.isEmpty ? nil : lines.first { $0.leaves == leaves }
        let records: JSONValue
        if let same {
            records = .string(same.criterion.rawValue)
        } else {
            records = .array(leaves.map { .string($0.base64) })
        }
        return [
            "criterion": .string(criterion.rawValue), "leaves": records,
            "met": .bool(isMet), "threshold": .string(threshold), "value": .string(value),
        ]
    }
}
