package import InterlockJSON

extension DrillReport {
    private static let largest = 64 * 1024
    private static let count: ClosedRange<Int64> = 0...JSONValue.largestInteger

    package var json: JSONValue {
        [
            "v": 1, "type": "drill", "id": .string(id.text), "variant": .string(variant.rawValue),
            "org": .string(org), "node": .string(node), "started": .string(started.rfc3339()),
            "ended": .string(ended.rfc3339()), "version": .string(version),
            "policy": .string(policy.prefixed),
            "bounds_ms": .object(bounds),
            "classes": .array(classes.map(JSONValue.string)),
            "points": .array(points.map(\.json)),
            "missed": .array(missed.map(JSONValue.string)),
            "outcomes": ["begun": .integer(intents), "ended": .integer(outcomes)],
            "second_halt": .string(secondHaltChanged ? "changed" : "unchanged"),
            "release": [
                "one_signature": .string(oneSignatureReleased ? "accepted" : "refused"),
                "ms": .integer(releaseMilliseconds),
            ],
            "faults": .array(faults.map(JSONValue.string)), "passed": .bool(passed),
            "run_by": .string(runBy),
            "rehearsed": .string(subject.rawValue),
            "evidence": ["o": .string(origin), "h": .string(root.base64)],
        ]
    }

    /// The bounds of the classes that were drilled.
    private var bounds: JSONObject {
        var bounds: JSONObject = ["node": .integer(Bounds.nodeMilliseconds)]
        if classes.contains(where: Self.isSandbox) {
            bounds["sandbox"] = .integer(Bounds.sandboxMilliseconds)
        }
        return bounds
    }

    private static func isSandbox(_ name: String) -> Bool {
        name.utf8.elementsEqual(CanaryNames.sandboxClass.utf8)
    }

    /// Returns the bytes that the node and a person sign.
    package func canonical() throws(FormError) -> [UInt8] { try canonicalBytes(json) }

    /// - Throws: an error also if `passed` or `missed` contradicts the facts.
    package init(parsing bytes: [UInt8]) throws(FormError) {
        let fields = try StrictFields(
            try StrictFields.canonicalValue(bytes, limit: Self.largest),
            required: [
                "v", "type", "id", "variant", "org", "node", "started", "ended", "version",
                "policy", "bounds_ms", "classes", "points", "missed", "outcomes", "second_halt",
                "release", "faults", "passed", "run_by", "evidence",
            ], optional: ["rehearsed"])
        try fields.expectVersion1()
        try fields.expect("type", "drill")
        let bounds = try StrictFields(
            try fields.value("bounds_ms"), at: "bounds_ms", required: ["node"],
            optional: ["sandbox"])
        _ = try bounds.integer("node", in: Bounds.nodeMilliseconds...Bounds.nodeMilliseconds)
        if bounds.has("sandbox") {
            _ = try bounds.integer(
                "sandbox", in: Bounds.sandboxMilliseconds...Bounds.sandboxMilliseconds)
        }
        let outcomes = try StrictFields(
            try fields.value("outcomes"), at: "outcomes", required: ["begun", "ended"])
        let release = try StrictFields(
            try fields.value("release"), at: "release", required: ["one_signature", "ms"])
        let evidence = try StrictFields(
            try fields.value("evidence"), at: "evidence", required: ["o", "h"])
        var points: [DrillPoint] = []
        for (place, value) in try fields.array("points", count: 0...16).enumerated() {
            points.append(try DrillPoint(json: value, at: "points[\(place)]"))
        }
        self.init(
            id: try fields.made("id", "an id") { OrderID($0) },
            variant: try fields.made("variant", "a variant") { DrillVariant(rawValue: $0) },
            org: try fields.string("org"), node: try fields.string("node"),
            started: try fields.time("started", fractionDigits: 6),
            ended: try fields.time("ended", fractionDigits: 6),
            version: try fields.string("version"),
            policy: try fields.made("policy", "a digest") { Digest(prefixed: $0) },
            classes: try fields.list("classes", count: 0...16, "a class") { $0 },
            points: points, intents: try outcomes.integer("begun", in: Self.count),
            outcomes: try outcomes.integer("ended", in: Self.count),
            secondHaltChanged: try Self.word(
                fields, "second_halt", yes: "changed", no: "unchanged"),
            oneSignatureReleased: try Self.word(
                release, "one_signature", yes: "accepted", no: "refused"),
            releaseMilliseconds: try release.integer("ms", in: Self.count),
            faults: try fields.list("faults", count: 0...64, "a sentence") { $0 },
            runBy: try fields.string("run_by"), origin: try evidence.string("o"),
            root: try evidence.made("h", "a digest") { Digest(base64: $0) },
            // Reports of earlier versions are all of a copy and do not say so.
            subject: fields.has("rehearsed")
                ? try fields.made("rehearsed", "`gateway` or `copy`") { Subject(rawValue: $0) }
                : .copy)
        guard try fields.bool("passed") == passed else {
            throw fields.bad("passed", "what the facts say")
        }
        guard try fields.list("missed", count: 0...16, "a class", { $0 }) == missed else {
            throw fields.bad("missed", "what the facts say")
        }
    }

    private static func word(
        _ fields: StrictFields, _ key: String, yes: String, no: String
    ) throws(FormError) -> Bool {
        try fields.made(key, "`\(yes)` or `\(no)`") { $0 == yes ? true : $0 == no ? false : nil }
    }
}

extension DrillPoint {
    fileprivate static let names = [
        "class", "ack_ms", "last_ms", "calls_before", "calls_after_ack", "answers_after_ack",
        "cancelled", "unknown", "confirmed", "ran_again",
    ]

    fileprivate var json: JSONValue {
        [
            "class": .string(pointClass), "ack_ms": .integer(acknowledgedMilliseconds),
            "last_ms": .integer(lastMilliseconds), "calls_before": .integer(callsBefore),
            "calls_after_ack": .integer(callsAfter), "answers_after_ack": .integer(answersAfter),
            "cancelled": .integer(cancelled), "unknown": .integer(unknown),
            "confirmed": .bool(isConfirmed), "ran_again": .bool(ranAgain),
        ]
    }

    fileprivate init(json: JSONValue, at path: String) throws(FormError) {
        let fields = try StrictFields(json, at: path, required: Self.names)
        func count(_ name: String) throws(FormError) -> Int64 {
            try fields.integer(name, in: 0...JSONValue.largestInteger)
        }
        self.init(
            pointClass: try fields.string("class"), acknowledgedMilliseconds: try count("ack_ms"),
            lastMilliseconds: try count("last_ms"), callsBefore: try count("calls_before"),
            callsAfter: try count("calls_after_ack"),
            answersAfter: try count("answers_after_ack"), cancelled: try count("cancelled"),
            unknown: try count("unknown"), isConfirmed: try fields.bool("confirmed"),
            ranAgain: try fields.bool("ran_again"))
    }
}
