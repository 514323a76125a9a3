import InterlockJSON
import InterlockMCP
import InterlockPatterns
import InterlockTesting
import Testing

private let suite = TestFiles.root(from: #filePath) + "/.build/vectors/jsonschema"
private let isThere = !TestFiles.list(suite).isEmpty

/// The public JSON Schema test suite, as packaged in PyPI `jsonschema` (`scripts/fetch-jsonschema-suite`).
@Suite(.enabled(if: isThere || TestFiles.isCI, "run scripts/fetch-jsonschema-suite first"))
struct `JSON Schema test suite` {
    /// Files about unsupported features, by name, with the reason.
    static let skippedFiles: [String: String] = [
        "refRemote.json": "references to other documents are refused",
        "vocabulary.json": "own vocabularies are another dialect",
        "optional/cross-draft.json": "another dialect within a document is refused",
        "optional/format-assertion.json": "format is an annotation",
        "optional/ecmascript-regex.json": "patterns are RE2's",
        "optional/dependencies-compatibility.json": "draft-07 keyword in 2020-12 is unknown",
        "optional/content.json": "content keywords are annotations",
    ]
    /// Single skipped cases, by the group's description.
    static let skippedGroups: [String: String] = [:]

    struct Tally {
        var passed = 0
        var failed: [String] = []
        var skipped: [String: Int] = [:]
    }

    @Test(arguments: ["draft7", "draft2020-12"])
    func `all cases but the listed ones come out as the suite says`(draft: String) throws {
        let files =
            TestFiles.list("\(suite)/\(draft)", suffix: ".json")
            + TestFiles.list("\(suite)/\(draft)/optional", suffix: ".json")
        try #require(files.count > 30, "the suite is not at \(suite)")
        var tally = Tally()
        for file in files {
            let name = String(file.dropFirst("\(suite)/\(draft)/".utf8.count))
            let bytes = try #require(TestFiles.read(file))
            let groups = try #require(try JSONValue(parsing: bytes, limits: .upstream).array)
            for group in groups {
                let cases = group["tests"]?.array ?? []
                if let reason = Self.skippedFiles[name] {
                    tally.skipped[reason, default: 0] += cases.count
                } else {
                    run(group, cases, name, draft, &tally)
                }
            }
        }
        print("\(draft): \(tally.passed) passed, \(tally.failed.count) failed")
        for (reason, count) in tally.skipped.sorted(by: { $0.key < $1.key }) {
            print("\(draft): \(count) skipped: \(reason)")
        }
        #expect(tally.passed > 800)
        #expect(tally.failed == [])
    }

    private func run(
        _ group: JSONValue, _ cases: [JSONValue], _ file: String, _ draft: String,
        _ tally: inout Tally
    ) {
        let title = group["description"]?.string ?? ""
        if let reason = Self.skippedGroups[title] {
            tally.skipped[reason, default: 0] += cases.count
            return
        }
        let compiled: CompiledSchema
        do {
            compiled = try CompiledSchema(
                dialected(group["schema"] ?? .null, draft), patterns: RE2Compiler())
        } catch .remoteReference {
            tally.skipped["references to other documents are refused", default: 0] += cases.count
            return
        } catch {
            tally.failed.append("\(file): \(title): \(error)")
            return
        }
        for test in cases {
            let verdict = compiled.validate(test["data"] ?? .null)
            if test["valid"] == .bool(verdict == nil) {
                tally.passed += 1
            } else {
                tally.failed.append(
                    "\(file): \(title): \(test["description"]?.string ?? ""): "
                        + (verdict.map(\.description) ?? "valid"))
            }
        }
    }

    /// Schemas of draft-07 do not name their dialect.
    private func dialected(_ schema: JSONValue, _ draft: String) -> JSONValue {
        guard draft == "draft7", case .object(var object) = schema, object["$schema"] == nil else {
            return schema
        }
        object["$schema"] = "http://json-schema.org/draft-07/schema#"
        return .object(object)
    }
}
