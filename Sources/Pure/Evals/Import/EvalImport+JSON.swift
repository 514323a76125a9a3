package import InterlockJSON
package import InterlockModel

extension EvalImport {
    /// The maximum size of a payload in bytes.
    package static let largest = 64 << 10

    package var json: JSONValue {
        var object: JSONObject = [
            "agent": .string(agent.text),
            "by": .string(by.address),
            "cases": .integer(Int64(run.cases)),
            "ended": .string(run.ended.rfc3339(fractionDigits: 0)),
            "evidence": "utility",
            "fingerprint": .string(fingerprint.prefixed),
            "format": .string(format.rawValue),
            "imported": .string(imported.rfc3339(fractionDigits: 0)),
            "original": .string(original.prefixed),
            "parts": parts.partsJSON,
            "proof": "declared",
            "scorers": .array(run.scorers.map(\.json)),
            "started": .string(run.started.rfc3339(fractionDigits: 0)),
            "task": .string(run.task),
            "tool": .string(run.tool),
            "trials": .integer(Int64(run.trials)),
            "v": 1,
        ]
        if let model = run.model { object["model"] = .string(model) }
        return .object(object)
    }

    /// The RFC 8785 bytes that are signed.
    package func canonical() throws(FormError) -> [UInt8] {
        do { return try json.canonical() } catch { throw .json(error) }
    }

    /// Parses the RFC 8785 form alone, and checks that the fingerprint is that of its parts.
    package init(parsing bytes: [UInt8], hashing: any Hashing) throws(FormError) {
        let fields = try StrictFields(
            try StrictFields.canonicalValue(bytes, limit: Self.largest),
            required: [
                "agent", "by", "cases", "ended", "evidence", "fingerprint", "format", "imported",
                "original", "parts", "proof", "scorers", "started", "task", "tool", "trials", "v",
            ], optional: ["model"])
        try fields.expectVersion1()
        try fields.expect("evidence", "utility")
        try fields.expect("proof", "declared")
        let agent = try fields.made("agent", "the name of an agent", AgentName.init)
        let trials = try fields.integer("trials", in: 1...Int64(ImportedRun.mostTrials))
        let cases = try fields.integer("cases", in: 1...min(trials, Int64(ImportedRun.mostCases)))
        let run = ImportedRun(
            tool: try Self.name(fields, "tool"), task: try Self.name(fields, "task"),
            model: fields.has("model") ? try Self.name(fields, "model") : nil,
            started: try fields.time("started", fractionDigits: 0),
            ended: try fields.time("ended", fractionDigits: 0), cases: Int(cases),
            trials: Int(trials), scorers: try Self.scorers(fields, cases: Int(cases)))
        self.init(
            run,
            format: try fields.made("format", "`inspect` or `promptfoo`", Format.init(rawValue:)),
            parts: try AgentFingerprint(of: agent, fields),
            original: try fields.digest("original"),
            by: try fields.made("by", "an e-mail address in lower case", Person.written),
            imported: try fields.time("imported", fractionDigits: 0), hashing: hashing)
        guard try fields.digest("fingerprint") == fingerprint else {
            throw fields.bad("fingerprint", "the digest of the parts")
        }
        guard run.started <= run.ended else {
            throw fields.bad("ended", "no earlier than `started`")
        }
        guard run.ended <= imported else { throw fields.bad("imported", "no earlier than `ended`") }
    }

    private static func name(_ fields: StrictFields, _ key: String) throws(FormError) -> String {
        try fields.made(key, "text of 1 to 128 bytes without control characters") {
            ImportedRun.isName($0) ? $0 : nil
        }
    }

    private static func scorers(
        _ fields: StrictFields, cases: Int
    ) throws(FormError) -> [ImportedScorer] {
        var scorers: [ImportedScorer] = []
        for element in try fields.array("scorers", count: 1...ImportedRun.mostScorers) {
            let read = try scorer(element, cases: cases)
            if let last = scorers.last, ExactText(last.name) >= ExactText(read.name) {
                throw fields.bad("scorers", "sorted by distinct names")
            }
            scorers.append(read)
        }
        return scorers
    }

    private static func scorer(
        _ value: JSONValue, cases: Int
    ) throws(FormError) -> ImportedScorer {
        let fields = try StrictFields(
            value, at: "scorers", required: ["judge", "metrics", "name"],
            optional: ["cases", "passed"])
        guard fields.has("cases") == fields.has("passed") else {
            throw fields.bad("passed", "together with `cases`")
        }
        var rate: PassRate?
        if fields.has("cases") {
            let total = try fields.integer("cases", in: 1...Int64(cases))
            rate = PassRate(Int(try fields.integer("passed", in: 0...total)), of: Int(total))
        }
        var metrics: [ImportedMetric] = []
        for element in try fields.array("metrics", count: 0...ImportedScorer.mostMetrics) {
            let metric = try StrictFields(element, at: "metrics", required: ["name", "value"])
            let metricName = try name(metric, "name")
            if let last = metrics.last, ExactText(last.name) >= ExactText(metricName) {
                throw fields.bad("metrics", "sorted by distinct names")
            }
            metrics.append(
                try metric.made("value", "the shortest decimal text of a number") {
                    ImportedMetric(name: metricName, text: $0)
                })
        }
        return ImportedScorer(
            name: try name(fields, "name"),
            judge: try fields.made(
                "judge", "`code`, `model` or `unknown`", ImportedScorer.JudgeKind.init(rawValue:)),
            rate: rate, metrics: metrics)
    }
}

extension ImportedScorer {
    fileprivate var json: JSONValue {
        var object: JSONObject = [
            "judge": .string(judge.rawValue),
            "metrics": .array(
                metrics.map { (one: ImportedMetric) -> JSONValue in
                    ["name": .string(one.name), "value": .string(one.value)]
                }),
            "name": .string(name),
        ]
        if let rate {
            object["cases"] = .integer(Int64(rate.total))
            object["passed"] = .integer(Int64(rate.passes))
        }
        return .object(object)
    }
}
