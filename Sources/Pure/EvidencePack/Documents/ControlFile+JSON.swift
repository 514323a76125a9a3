package import InterlockJSON
package import InterlockModel

extension ControlFile {
    package static let maximumBytes = 4 << 20

    package var json: JSONValue {
        var object: JSONObject = [
            "counts": .array(counts.map(\.json)),
            "frameworks": .object(
                JSONObject(
                    distinct: frameworks.map { map in
                        (map.id, JSONValue.array(map.items.map(JSONValue.string)))
                    })),
            "gaps": .array(gaps.map(\.json)), "id": .string(id.rawValue),
            "policy": .array(policies.map { .string($0.prefixed) }),
            "samples": .array(samples.map(\.json)), "statement": .string(statement),
            "status": .string(status.text), "tests": .array(tests.map(\.json)),
        ]
        object["reviewer"] = reviewer?.json
        return .object(object)
    }

    /// Reads a control file that this version writes.
    ///
    /// - Throws: for bytes that are not canonical, and for a member, a control or a rule that is not known.
    package init(parsing bytes: [UInt8]) throws(FormError) {
        let value = try StrictFields.canonicalValue(bytes, limit: Self.maximumBytes)
        let fields = try StrictFields(
            value,
            required: [
                "counts", "frameworks", "gaps", "id", "policy", "samples", "statement", "status",
                "tests",
            ], optional: ["reviewer"])
        id = try fields.made("id", "a control", ControlID.init(rawValue:))
        statement = try fields.string("statement", length: 1...4096)
        status = try fields.made("status", "a status") { ControlStatus($0) }
        policies = try fields.list("policy", count: 0...10_000, "a digest") {
            Digest(prefixed: $0)
        }
        tests = try fields.array("tests", count: 0...10_000).map { one throws(FormError) in
            try Test(json: one)
        }
        counts = try fields.array("counts", count: 0...10_000).map { one throws(FormError) in
            try Count(json: one)
        }
        samples = try fields.array("samples", count: 0...10_000).map { one throws(FormError) in
            try EvidenceSample(json: one)
        }
        // One more says how many are left out.
        gaps = try fields.array("gaps", count: 0...ControlGap.mostListed + 1).map {
            one throws(FormError) in try ControlGap(json: one)
        }
        reviewer = try fields.has("reviewer") ? Reviewer(json: fields.value("reviewer")) : nil
        guard let maps = try fields.value("frameworks").object else {
            throw fields.bad("frameworks", "an object")
        }
        var found: [(id: String, items: [String])] = []
        for (id, list) in maps.members {
            let items = (list.array ?? []).compactMap(\.string)
            guard let all = list.array, all.count == items.count else {
                throw fields.bad("frameworks", "lists of ids")
            }
            found.append((id, items))
        }
        frameworks = found
    }
}

extension ControlFile.Test {
    fileprivate var json: JSONValue {
        var object: JSONObject = [
            "id": .string(id), "result": .string(passed ? "pass" : "fail"),
        ]
        switch origin {
        case .release(let build):
            object["build"] = .string(build.prefixed)
            object["where"] = "release"
        case .deployment(let at):
            object["at"] = .string(at.rfc3339(fractionDigits: 0))
            object["where"] = "deployment"
        }
        return .object(object)
    }

    fileprivate init(json: JSONValue) throws(FormError) {
        let fields = try StrictFields(
            json, at: "tests", required: ["id", "result", "where"], optional: ["at", "build"])
        id = try fields.string("id", length: 1...256)
        let result = try fields.string("result")
        passed = sameBytes(result, "pass")
        guard passed || sameBytes(result, "fail"), fields.has("build") != fields.has("at") else {
            throw .badMember("tests", "`pass` or `fail` of a build or at a time")
        }
        if fields.has("build") {
            try fields.expect("where", "release")
            origin = .release(build: try fields.digest("build"))
        } else {
            try fields.expect("where", "deployment")
            origin = .deployment(at: try fields.time("at", fractionDigits: 0))
        }
    }
}

extension ControlFile.Count {
    package var number: Int {
        switch self {
        case .leaf(_, let number), .check(_, let number): number
        }
    }

    fileprivate var json: JSONValue {
        switch self {
        case .leaf(let query, let number): ["leaf": query.json, "n": .integer(Int64(number))]
        case .check(let check, let number):
            ["check": .string(check.rawValue), "n": .integer(Int64(number))]
        }
    }

    fileprivate init(json: JSONValue) throws(FormError) {
        let fields = try StrictFields(
            json, at: "counts", required: ["n"], optional: ["leaf", "check"])
        let number = Int(try fields.integer("n", in: 0...JSONValue.largestInteger))
        guard fields.has("leaf") != fields.has("check") else {
            throw .badMember("counts", "of records or of a rule")
        }
        if fields.has("leaf") {
            self = .leaf(try LeafQuery(json: try fields.value("leaf")), number)
        } else {
            self = .check(
                try fields.made("check", "a known rule", RecordCheck.init(rawValue:)), number)
        }
    }
}

extension LeafQuery {
    fileprivate init(json: JSONValue) throws(FormError) {
        guard let object = json.object, object.count <= 2, let type = object["t"]?.string else {
            throw .badMember("counts.leaf", "a type and at most one field")
        }
        let other = object.members.first { !sameBytes($0.key, "t") }
        if let other {
            guard let value = other.value.string else {
                throw .badMember("counts.leaf", "texts")
            }
            self.init(type, other.key, value)
        } else {
            self.init(type)
        }
    }
}

extension EvidenceSample {
    fileprivate init(json: JSONValue) throws(FormError) {
        let fields = try StrictFields(json, at: "samples", required: ["index", "kind", "leaf"])
        self.init(
            index: try fields.made("index", "a number") { text in
                UInt64(text).flatMap { String($0) == text ? $0 : nil }
            },
            leaf: try fields.digest("leaf"), kind: try fields.string("kind"))
    }
}

extension ControlFile.Reviewer {
    fileprivate var json: JSONValue {
        var object: JSONObject = [
            "on": .string(day.text), "review": .string(review), "scope": .string(scope),
            "who": .string(who),
        ]
        if !earlier.isEmpty { object["earlier"] = .array(earlier.map { .string($0) }) }
        return .object(object)
    }

    fileprivate init(json: JSONValue) throws(FormError) {
        let fields = try StrictFields(
            json, at: "reviewer", required: ["on", "review", "scope", "who"],
            optional: ["earlier"])
        self.init(
            day: try fields.made("on", "a day") { CivilDate($0) },
            review: try fields.string("review"), scope: try fields.string("scope"),
            who: try fields.string("who", length: 1...4096),
            earlier: try fields.has("earlier")
                ? fields.list("earlier", count: 1...5_000, "an id") { $0 } : [])
    }
}

extension ControlGap {
    var json: JSONValue {
        var object: JSONObject = ["text": .string(text)]
        object["due"] = due.map { .string($0.text) }
        object["owner"] = owner.map { .string($0.address) }
        return .object(object)
    }

    fileprivate init(json: JSONValue) throws(FormError) {
        let fields = try StrictFields(
            json, at: "gaps", required: ["text"], optional: ["due", "owner"])
        self.init(
            try fields.string("text", length: 1...4096),
            owner: try fields.has("owner")
                ? fields.made("owner", "an address") { Person.written($0) } : nil,
            due: try fields.has("due") ? fields.made("due", "a day") { CivilDate($0) } : nil)
    }
}
