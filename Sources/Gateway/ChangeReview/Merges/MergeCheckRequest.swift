package import InterlockJSON
package import InterlockModel
import InterlockProvenance

/// The question which contents runs wrote.
package struct WrittenContentsRequest: Sendable, Hashable {
    /// The most contents of one request.
    package static let mostContents = 4000
    package static let mostRuns = 2000

    /// SHA-256 of each.
    package let contents: [Digest]
    /// Runs that are asked for by name.
    package let runs: [RunID]

    package init(contents: [Digest], runs: [RunID]) {
        self.contents = contents
        self.runs = runs
    }

    package init(_ value: JSONValue) throws(FormError) {
        let fields = try StrictFields(value, required: ["contents", "runs"])
        contents = try fields.list(
            "contents", count: 0...Self.mostContents, "64 hexadecimal digits"
        ) { Digest(hex: $0) }
        runs = try fields.list("runs", count: 0...Self.mostRuns, "the id of a run") { RunID($0) }
    }

    package var json: JSONValue {
        [
            "contents": .array(contents.map { .string($0.hex) }),
            "runs": .array(runs.map { .string($0.text) }),
        ]
    }
}

/// The log's knowledge of the contents and runs of a request.
struct WrittenContentsAnswer: Sendable {
    let runs: [AgentContents.Run]
    let contents: [(content: Digest, runs: [RunID])]
    let unread: [(run: RunID, reason: String)]

    /// The most runs that are listed as unread; the check fails for one as for all.
    private static let mostUnread = 200

    private static func json(_ run: AgentContents.Run) -> JSONValue {
        var object: JSONObject = [
            "run": .string(run.run.text), "agent": .string(run.agent.text),
            "record": .string(run.record.hex),
        ]
        object["host"] = run.host.map(JSONValue.string)
        return .object(object)
    }

    var json: JSONValue {
        [
            "runs": .array(runs.map(Self.json)),
            "contents": .array(
                contents.map { found in
                    [
                        "sha256": .string(found.content.hex),
                        "runs": .array(found.runs.map { .string($0.text) }),
                    ]
                }),
            "unread": .array(
                unread.prefix(Self.mostUnread).map {
                    ["run": .string($0.run.text), "reason": .string($0.reason)]
                }),
        ]
    }
}

/// The answer of a check that a command is about to print.
package struct MergeCheckedRequest: Sendable, Hashable {
    private static let mostCount: Int64 = 1_000_000_000
    /// The most findings of one record.
    package static let mostFindings = 200
    private static let mostFindingsBytes = 128 << 10

    let result: GateResult
    let head: GitObjectID
    let base: GitObjectID
    let merger: Person?
    let commits: Int64
    let files: Int64
    let assisted: Int64
    let gateFiles: Int64
    let approvals: Int64
    let codes: [String]
    let findings: [JSONValue]
    /// Nil if the review file does not name the change.
    let change: CheckedChange<Person>?

    package init(_ value: JSONValue) throws(FormError) {
        let fields = try StrictFields(
            value,
            required: [
                "result", "head", "base", "commits", "files", "assisted", "gate", "approvals",
                "codes", "findings",
            ], optional: ["merger", "change"])
        result = try fields.made("result", "pass, refused, unknown or pending") {
            GateResult(rawValue: $0)
        }
        head = try fields.made("head", "the name of a commit") { GitObjectID($0) }
        base = try fields.made("base", "the name of a commit") { GitObjectID($0) }
        merger =
            fields.has("merger")
            ? try fields.made("merger", "an e-mail address") { Person($0) } : nil
        commits = try fields.integer("commits", in: 0...Self.mostCount)
        files = try fields.integer("files", in: 0...Self.mostCount)
        assisted = try fields.integer("assisted", in: 0...Self.mostCount)
        gateFiles = try fields.integer("gate", in: 0...Self.mostCount)
        approvals = try fields.integer("approvals", in: 0...Self.mostCount)
        codes = try fields.list("codes", count: 0...64, "the code of a finding") { text in
            isLowerName(text) ? ExactText(text) : nil
        }.map(\.text)
        var rows: [JSONValue] = []
        for (number, row) in try fields.array("findings", count: 0...Self.mostFindings)
            .enumerated()
        {
            let finding = try StrictFields(
                row, at: "findings[\(number)]", required: ["code", "effect", "at", "message"],
                optional: ["file"])
            for name in ["code", "effect", "at", "message", "file"] where finding.has(name) {
                _ = try finding.string(name, length: 1...17_000)
            }
            rows.append(row)
        }
        findings = rows
        change =
            fields.has("change")
            ? try CheckedChange<Person>(
                try fields.value("change"), at: "change", name: { Person($0) }) : nil
        guard payload.count <= Self.mostFindingsBytes else {
            throw .badMember("findings", "at most \(Self.mostFindingsBytes) bytes")
        }
    }

    /// The plaintext of the payload `findings`.
    var payload: [UInt8] { JSONValue.array(findings).serialized() }
}
