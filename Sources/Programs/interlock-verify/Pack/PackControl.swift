/// A control file of an evidence pack: what was enforced, and what shows it.
struct PackControl {
    enum Status { case enforced, guidance, gap }

    struct Test {
        let id: Octets
        let isPassed: Bool
        let isRelease: Bool
        /// The build of a test of the release.
        let build: Octets?
        /// The time of a test of the deployment.
        let at: UInt64?
    }

    enum Count {
        /// The number of records that have all of these values, each as written.
        case leaf([(name: Octets, value: [UInt8])], UInt64)
        /// The number that a named rule of docs/evidence.md finds.
        case check(Octets, UInt64)
        /// Decisions made again, which needs the keys of payloads.
        case replay(Octets)
    }

    struct Sample {
        let index: UInt64
        let leaf: Digest
        let kind: Octets
    }

    let id: Octets
    let status: Status
    let policies: [Digest]
    let tests: [Test]
    let counts: [Count]
    let samples: [Sample]
    /// The ids of the reviews that the control names.
    let reviews: [Octets]
    let gaps: Int
    /// The ids of frameworks that the control names.
    let frameworks: [(id: Octets, items: [Octets])]

    static let maximumBytes = 4 << 20
    static let maximumList = 10_000

    init(_ bytes: [UInt8]) throws(Fault) {
        let fields = try PackForm.object(
            bytes,
            [
                "counts", "frameworks", "gaps", "id", "policy", "samples", "statement", "status",
                "tests",
            ],
            optional: ["reviewer"])
        guard let id = fields.text("id"), fields.text("statement") != nil,
            let status = fields.text("status").flatMap({ Status($0) }),
            let policies = PackForm.texts(fields, "policy"), let tests = fields.objects("tests"),
            let counts = fields.objects("counts"), let samples = fields.objects("samples"),
            let gaps = fields.objects("gaps"), let frameworks = fields.object("frameworks"),
            max(tests.count, counts.count, samples.count) <= PackControl.maximumList
        else { throw Fault("it is no control") }
        self.id = id
        self.status = status
        self.policies = policies.compactMap(PackForm.digest)
        self.tests = tests.compactMap(Test.init)
        self.counts = counts.compactMap(Count.init)
        self.samples = samples.compactMap(Sample.init)
        self.gaps = gaps.count
        var named: [(id: Octets, items: [Octets])] = []
        for member in frameworks.members {
            guard let items = PackControl.items(frameworks, member.value) else {
                throw Fault("its frameworks are malformed")
            }
            named.append((id: Octets(frameworks.bytes[member.key]), items: items))
        }
        self.frameworks = named
        reviews = try PackControl.reviews(fields)
        guard self.policies.count == policies.count, self.tests.count == tests.count,
            self.counts.count == counts.count, self.samples.count == samples.count,
            gaps.allSatisfy({ $0.text("text") != nil })
        else { throw Fault("one of its tests, counts, samples or gaps is malformed") }
    }

    private static func reviews(_ fields: JSONObject) throws(Fault) -> [Octets] {
        guard fields.range("reviewer") != nil else { return [] }
        guard let reviewer = fields.object("reviewer"), let newest = reviewer.text("review"),
            let earlier = reviewer.range("earlier") == nil
                ? [] : PackForm.texts(reviewer, "earlier")
        else { throw Fault("its reviewer is malformed") }
        return [newest] + earlier
    }

    private static func items(_ fields: JSONObject, _ range: Range<Int>) -> [Octets]? {
        guard
            let elements = try? JSONScanner.elements(of: fields.bytes, in: range, fields.form)
        else { return nil }
        let items = elements.compactMap { JSONObject.text(fields.bytes[$0]) }
        return items.count == elements.count ? items : nil
    }
}

extension PackControl.Status {
    init?(_ text: Octets) {
        if text == Octets("gap") {
            self = .gap
        } else if text == Octets("guidance") {
            self = .guidance
        } else if text.bytes.starts(with: Array("enforced at ".utf8)) {
            self = .enforced
        } else {
            return nil
        }
    }
}

extension PackControl.Test {
    init?(_ fields: JSONObject) {
        guard let id = fields.text("id"), let result = fields.text("result"),
            let place = fields.text("where")
        else { return nil }
        self.id = id
        isPassed = result == Octets("pass")
        isRelease = place == Octets("release")
        build = fields.text("build")
        at = PackForm.time(fields, "at")
        let isWhole =
            isRelease
            ? fields.hasExactly("build", "id", "result", "where") && build != nil
            : fields.hasExactly("at", "id", "result", "where") && at != nil
        guard isWhole, isPassed || result == Octets("fail"),
            isRelease || place == Octets("deployment")
        else { return nil }
    }
}

extension PackControl.Count {
    /// Returns the type that records with these values have, or nil if the values do not name it.
    static func recordType(in values: [(name: Octets, value: [UInt8])]) -> Octets? {
        values.first { $0.name == Octets("t") }.flatMap { JSONObject.text($0.value[...]) }
    }

    init?(_ fields: JSONObject) {
        if let leaf = fields.object("leaf"), fields.hasExactly("leaf", "n"),
            let count = fields.integer("n"), !leaf.members.isEmpty
        {
            let values = leaf.members.map { member in
                (name: Octets(leaf.bytes[member.key]), value: Array(leaf.bytes[member.value]))
            }
            self = .leaf(values, count)
        } else if let check = fields.text("check"), fields.hasExactly("check", "n"),
            let count = fields.integer("n")
        {
            self = .check(check, count)
        } else if let replay = fields.text("replay"),
            fields.hasExactly("decisions", "differ", "replay"),
            fields.integer("decisions") != nil, fields.integer("differ") != nil
        {
            self = .replay(replay)
        } else {
            return nil
        }
    }
}

extension PackControl.Sample {
    init?(_ fields: JSONObject) {
        guard fields.hasExactly("index", "kind", "leaf"),
            let index = PackForm.number(fields, "index"),
            let leaf = fields.text("leaf").flatMap(PackForm.digest),
            let kind = fields.text("kind")
        else { return nil }
        self.init(index: index, leaf: leaf, kind: kind)
    }
}
