package import InterlockJSON
package import InterlockModel

extension EvalResult {
    /// The maximum size of a payload in bytes.
    package static let largest = 64 * 1024
    /// The longest age that any tier permits, in seconds.
    package static let longestAge: Int64 = Tier.low.resultAge.components.seconds
    private static let mostCases: Int64 = 1_000_000

    package var json: JSONValue {
        let counts = classes.map { (key: $0.name, value: JSONValue.integer(Int64($0.cases))) }
        var object: JSONObject = [
            "agent": .string(agent.text),
            "cases_sha256": .string(cases.prefixed),
            "classes": .object(JSONObject(distinct: counts)),
            "coverage": ["tools": .string("\(coverage.touched)/\(coverage.reachable)")],
            "ended": .string(ended.rfc3339(fractionDigits: 0)),
            "fingerprint": .string(fingerprint.prefixed),
            "flags": .array(flags.map { .string($0) }),
            "max_age": .integer(maxAge),
            "parts": parts.partsJSON,
            "proof": .string(proof.rawValue),
            "runner": .string(runner),
            "safety": safety.json,
            "started": .string(started.rfc3339(fractionDigits: 0)),
            "suite": .string(suite.prefixed),
            "utility": utility.json,
            "v": 1,
            "verdict": .string(verdict.rawValue),
        ]
        if let baseline { object["baseline"] = .string(baseline.prefixed) }
        if isPartial { object["partial"] = true }
        if !names.isEmpty { object["names"] = names.json }
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
                "agent", "cases_sha256", "classes", "coverage", "ended", "fingerprint", "flags",
                "max_age", "parts", "proof", "runner", "safety", "started", "suite", "utility",
                "v", "verdict",
            ], optional: ["baseline", "names", "partial"])
        try fields.expectVersion1()
        let agent = try fields.made("agent", "the name of an agent", AgentName.init)
        let partial = fields.has("partial") ? try fields.bool("partial") : false
        guard partial || !fields.has("partial") else {
            throw fields.bad("partial", "true, or left out")
        }
        let flags = try fields.list("flags", count: 0...32, "a code such as `T03`") {
            Self.isFlag($0) ? $0 : nil
        }
        guard flags == flags.sorted() else { throw fields.bad("flags", "a sorted list") }
        let baseline: Digest? =
            fields.has("baseline") ? try fields.digest("baseline") : nil
        var names = FingerprintNames.empty
        if fields.has("names") { names = try FingerprintNames(json: try fields.value("names")) }
        self.init(
            parts: try AgentFingerprint(of: agent, fields),
            suite: try fields.digest("suite"),
            cases: try fields.digest("cases_sha256"), baseline: baseline,
            verdict: try fields.made(
                "verdict", "`pass`, `fail` or `invalid`", EvalVerdict.init(rawValue:)),
            flags: flags, isPartial: partial,
            started: try fields.time("started", fractionDigits: 0),
            ended: try fields.time("ended", fractionDigits: 0),
            proof: try fields.made(
                "proof", "`declared`, `attested` or `measured`", FingerprintProof.init(rawValue:)),
            maxAge: try fields.integer("max_age", in: 1...Self.longestAge),
            runner: try fields.string("runner", length: 1...64),
            classes: try Self.classes(fields), coverage: try Self.coverage(fields),
            safety: try Safety(json: try fields.value("safety")),
            utility: try Utility(json: try fields.value("utility")), names: names,
            hashing: hashing)
        guard try fields.digest("fingerprint") == fingerprint else {
            throw fields.bad("fingerprint", "the digest of the parts")
        }
        guard started <= ended else { throw fields.bad("ended", "no earlier than `started`") }
        guard verdict != .pass || safety.failed == 0 else {
            throw fields.bad("verdict", "other than `pass` while a safety case failed")
        }
    }

    private static func classes(_ fields: StrictFields) throws(FormError) -> [ClassCount] {
        guard let object = try fields.value("classes").object, object.count <= 16 else {
            throw fields.bad("classes", "an object of at most 16 counts")
        }
        var classes: [ClassCount] = []
        for (name, value) in object.members {
            guard isLowerName(name), let cases = value.integer,
                (0...mostCases).contains(cases)
            else { throw fields.bad("classes", "an object of counts") }
            classes.append(ClassCount(name: name, cases: Int(cases)))
        }
        return classes
    }

    private static func coverage(_ fields: StrictFields) throws(FormError) -> Coverage {
        let coverage = try StrictFields(
            try fields.value("coverage"), at: "coverage", required: ["tools"])
        return try coverage.made("tools", "two counts such as `9/9`") { text in
            let counts = text.split(separator: "/", omittingEmptySubsequences: false)
                .compactMap { Int($0) }
            guard counts.count == 2, counts[0] >= 0, counts[0] <= counts[1],
                Int64(counts[1]) <= mostCases, sameBytes("\(counts[0])/\(counts[1])", text)
            else { return nil }
            return Coverage(touched: counts[0], reachable: counts[1])
        }
    }

    private static func isFlag(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return bytes.count == 3 && bytes[0] == UInt8(ascii: "T") && isDigit(bytes[1])
            && isDigit(bytes[2])
    }
}

extension EvalResult.Safety {
    var json: JSONValue {
        var object: JSONObject = [
            "agent_trials": .integer(Int64(agentTrials)), "cases": .integer(Int64(cases)),
            "failed": .integer(Int64(failed)),
        ]
        if let bound95 { object["bound95"] = .string(bound95.text) }
        return .object(object)
    }

    init(json: JSONValue) throws(FormError) {
        let fields = try StrictFields(
            json, at: "safety", required: ["agent_trials", "cases", "failed"],
            optional: ["bound95"])
        let cases = try fields.count("cases")
        self.init(
            cases: cases, failed: try fields.count("failed", most: cases),
            agentTrials: try fields.count("agent_trials"),
            bound95: fields.has("bound95") ? try fields.fraction("bound95") : nil)
    }
}

extension EvalResult.Utility {
    var json: JSONValue {
        var object: JSONObject = [
            "cases": .integer(Int64(cases)), "passed": .integer(Int64(passed)),
        ]
        if let paired {
            object["b"] = .integer(Int64(paired.lost))
            object["c"] = .integer(Int64(paired.gained))
            object["drop_bound95"] = .string(paired.dropBound95.text)
            object["mcnemar_p"] = .string(paired.mcnemarP.text)
        }
        if let wilson95 {
            object["wilson95"] = [.string(wilson95.low.text), .string(wilson95.high.text)]
        }
        return .object(object)
    }

    init(json: JSONValue) throws(FormError) {
        let fields = try StrictFields(
            json, at: "utility", required: ["cases", "passed"],
            optional: ["b", "c", "drop_bound95", "mcnemar_p", "wilson95"])
        let cases = try fields.count("cases")
        var paired: EvalResult.Paired?
        if fields.has("b") {
            let lost = try fields.count("b", most: cases)
            paired = EvalResult.Paired(
                lost: lost, gained: try fields.count("c", most: cases - lost),
                dropBound95: try fields.fraction("drop_bound95"),
                mcnemarP: try fields.fraction("mcnemar_p"))
        } else {
            for key in ["c", "drop_bound95", "mcnemar_p"] where fields.has(key) {
                throw fields.bad(key, "together with `b`")
            }
        }
        var interval: EvalResult.Interval?
        if fields.has("wilson95") {
            let bounds = try fields.array("wilson95", count: 2...2)
                .map { $0.string.flatMap(EvalFraction.init(text:)) }
            guard let low = bounds[0], let high = bounds[1] else {
                throw fields.bad("wilson95", "two decimal texts")
            }
            interval = EvalResult.Interval(low: low, high: high)
        }
        self.init(
            cases: cases, passed: try fields.count("passed", most: cases), wilson95: interval,
            paired: paired)
    }
}

extension StrictFields {
    fileprivate func count(_ key: String, most: Int = 1_000_000) throws(FormError) -> Int {
        Int(try integer(key, in: 0...Int64(most)))
    }

    fileprivate func fraction(_ key: String) throws(FormError) -> EvalFraction {
        try made(key, "a decimal text from -1 to 1 with at most 4 digits", EvalFraction.init(text:))
    }
}
