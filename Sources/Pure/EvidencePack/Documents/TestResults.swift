package import InterlockJSON
package import InterlockModel

/// Results of tests by id, as `tests/release.json` and `tests/deployment.json` state them in their payloads.
package struct TestResults: Sendable, Hashable {
    package struct Result: Sendable, Hashable {
        package let id: String
        package let passed: Bool

        package init(id: String, passed: Bool) {
            self.id = id
            self.passed = passed
        }
    }

    package let results: [Result]

    package static let most = 20_000

    package init(_ results: [Result]) { self.results = results }

    /// - Returns: nil if there is no result of the test.
    package func passed(_ id: String) -> Bool? {
        results.first { sameBytes($0.id, id) }?.passed
    }

    /// The value of the member `tests`.
    package var json: JSONValue {
        .array(
            results.map { ["id": .string($0.id), "result": .string($0.passed ? "pass" : "fail")] })
    }

    /// Reads the member `tests`. A result that is not `pass` counts as failed.
    ///
    /// - Throws: for an entry without id and result, and for two of one id.
    package init(json: JSONValue?) throws(FormError) {
        guard let rows = json?.array, rows.count <= Self.most else {
            throw .badMember("tests", "a list of at most \(Self.most) results")
        }
        var seen: Set<ExactText> = []
        var results: [Result] = []
        for row in rows {
            guard let id = row["id"]?.string, let result = row["result"]?.string,
                seen.insert(id).inserted
            else { throw .badMember("tests", "a list of results with distinct ids") }
            results.append(Result(id: id, passed: sameBytes(result, "pass")))
        }
        self.results = results
    }
}

/// The signed results of the tests of a release, which count for its build alone.
package struct ReleaseResults: Sendable, Hashable {
    package let build: Digest
    package let tests: TestResults

    package static let payloadLimit = 4 << 20

    package init(build: Digest, tests: TestResults) {
        self.build = build
        self.tests = tests
    }

    /// Reads the payload: `{"build":"sha256:...","tests":[...]}`, with further members.
    package init(payload: [UInt8]) throws(FormError) {
        let value = try StrictFields.canonicalValue(payload, limit: Self.payloadLimit)
        guard let text = value["build"]?.string, let build = Digest(prefixed: text) else {
            throw .badMember("build", "sha256: and 64 digits")
        }
        self.build = build
        tests = try TestResults(json: value["tests"])
    }

    /// Reads what the tests of a build reported, before it is signed: the members `build` and `tests` and no others, as any
    /// JSON.
    package init(report: [UInt8]) throws(FormError) {
        let limits = JSONLimits(bytes: Self.payloadLimit)
        guard let value = try? JSONValue(parsing: report, limits: limits),
            let members = value.object, members.count == 2, let text = value["build"]?.string,
            let build = Digest(prefixed: text)
        else { throw .badMember("build", "sha256: and 64 digits, beside `tests` alone") }
        self.build = build
        tests = try TestResults(json: value["tests"])
    }

    /// The payload of `tests/release.json`.
    package var payload: JSONValue {
        [
            "build": .string(build.prefixed), "kind": "interlock.test-results",
            "tests": tests.json, "v": 1,
        ]
    }
}

/// The self-test of a deployment that is newest when a pack is built.
package struct DeploymentResults: Sendable, Hashable {
    /// The time of the record.
    package let at: Timestamp
    package let index: UInt64
    package let leaf: Digest
    package let tests: TestResults
    /// The observation and the remedy of each part that did not pass, by id.
    package let reasons: [ExactText: String]

    /// The age from which a self-test shows nothing any more.
    package static let maximumAge = Duration.seconds(7 * 24 * 3600)
    private static let longestReason = 800

    package init(
        at: Timestamp, index: UInt64, leaf: Digest, tests: TestResults,
        reasons: [ExactText: String] = [:]
    ) {
        self.at = at
        self.index = index
        self.leaf = leaf
        self.tests = tests
        self.reasons = reasons
    }

    /// Reads the report of a record `selftest.result`. An act that could not be made on this machine has no result.
    ///
    /// - Returns: nil if the report has another form.
    package init?(report: [UInt8], at: Timestamp, index: UInt64, leaf: Digest) {
        let limits = JSONLimits(bytes: ReleaseResults.payloadLimit)
        guard let value = try? JSONValue(parsing: report, limits: limits),
            let acts = value["acts"]?.array, let checks = value["checks"]?.array
        else { return nil }
        let made = (acts + checks).filter { row in
            !(row["text"]?.string?.hasPrefix("not tested") ?? false)
        }
        guard let tests = try? TestResults(json: .array(made)) else { return nil }
        var reasons: [ExactText: String] = [:]
        for row in made {
            guard let id = row["id"]?.string, tests.passed(id) == false else { continue }
            let seen = row["text"]?.string.map { ": \($0)" } ?? ""
            let remedy = row["remedy"]?.string.map { " Remedy: \($0)." } ?? ""
            reasons[ExactText(id)] = String((seen + "." + remedy).prefix(Self.longestReason))
        }
        self.init(at: at, index: index, leaf: leaf, tests: tests, reasons: reasons)
    }

    /// The results of the newest self-test on record, or the reason why there are none.
    ///
    /// - Parameters:
    ///   - report: nil if it cannot be opened.
    ///   - index: the place of its record; 0 if that is not asked for.
    package static func known(
        report: [UInt8]?, at: Timestamp, index: UInt64 = 0, leaf: Digest
    ) -> Result<DeploymentResults, EvidenceProblem> {
        guard let report,
            let results = DeploymentResults(report: report, at: at, index: index, leaf: leaf)
        else {
            return .failure(
                EvidenceProblem("The report of the newest self-test cannot be opened."))
        }
        return .success(results)
    }

    package func isFresh(at built: Timestamp) -> Bool {
        at <= built && built - at < Self.maximumAge
    }

    /// The payload of `tests/deployment.json`.
    package var payload: JSONValue {
        [
            "at": .string(at.rfc3339(fractionDigits: 0)), "index": .string(String(index)),
            "kind": "interlock.test-results", "leaf": .string(leaf.prefixed),
            "tests": tests.json, "v": 1,
        ]
    }
}
