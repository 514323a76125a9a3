import Glibc
import InterlockApprovalCommands
import InterlockApprovals
import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockJSON
import InterlockLogReading
import InterlockModel

extension Command {
    static let approvalsVerify = Command(
        "approvals verify [FILE|ID]",
        "check an approval from the log's bytes: place, signatures, people, use",
        example: "interlock approvals verify --all",
        options: [.directory, .log] + Option.logKeys + [
            Option("--all", "recompute the log, and check every approval and approved call in it"),
            .json,
        ],
        exits: [.no, .data, .notFound, .io],
        notes: """
            ID is a request; its records are read from the log and proved, without the gateway. What was \
            shown and signed is opened with this deployment's keys; of the log of somebody else it stays \
            closed, and is named as not checked. FILE is the evidence bundle of a run: `interlock-verify` \
            checks all approvals in it; a foreign one needs --vkey or --trust.
            """
    ) { invocation in
        guard let name = invocation.positional.first else {
            guard invocation.has("all") else {
                throw Failure(
                    .usage, "missing argument FILE or ID", help: "`--all` checks the whole log")
            }
            return try WholeLogApprovals(in: try AuditLog(invocation)).show(invocation)
        }
        guard !invocation.has("all") else {
            throw Failure(.usage, "`--all` cannot be used with FILE or ID")
        }
        if unsafe access(name, F_OK) == 0 { return try verifyBundle(name, invocation) }
        let id = try approvalID(invocation)
        let found = try ApprovalRecords(of: id, in: try AuditLog(invocation))
        var check = ApprovalCheck(id, found)
        check.run()
        check.print(json: invocation.isJSON)
        return check.faults.isEmpty ? .ok : .no
    }
}

/// Replaces this process by `interlock-verify`, which shares no code with this program.
private func verifyBundle(_ path: String, _ invocation: Invocation) throws -> Exit {
    guard !invocation.has("log"), !invocation.isJSON else {
        throw Failure(.usage, "--log and --json are for a request's ID, `\(path)` is a file")
    }
    var words = [path] + invocation.all("vkey").flatMap { ["--vkey", $0] }
    if let trust = invocation["trust"] { words += ["--trust", trust] }
    if !invocation.has("vkey"), !invocation.has("trust") {
        words += try AuditLog(invocation).keys().flatMap { ["--vkey", "\($0)"] }
    }
    throw SmallVerifier.replaceProcess(words)
}

extension ApprovalCheck {
    func print(json: Bool) {
        let digest = shown?.review?.call.digest(OpenSSLHashing()).prefixed
        if json {
            var object: JSONObject = [
                "good": .bool(faults.isEmpty), "request": .string(id.text),
                "state": .string(state), "votes": .integer(people),
                "need": .integer(need), "signatures": .count(signed),
                "consents": .count(consents),
                "objections": .count(objections),
                "break_glass": .count(broken),
                "uses": .count(uses), "records": .count(found.records.count),
                "faults": .strings(faults),
                "not_checked": .strings(open),
            ]
            object["digest"] = digest.map(JSONValue.string)
            return Output.json(.object(object))
        }
        for fault in faults { Output.error("fault: \(TerminalEscaping.shown(fault))") }
        let parts = [
            "\(id.shown) \(state)", "\(people) of \(need) agreed",
            "\(signed) signatures verified",
            consents > 0 ? "\(consents) by a client's consent, which no person signed" : nil,
            objections > 0 ? "\(objections) denials that need no signature" : nil,
            broken > 0 ? "\(broken) uses of break-glass, \(orders) orders verified" : nil,
            digest.map { "call \($0)" },
            found.records.statement,
        ]
        Output.line(
            (faults.isEmpty ? "ok: " : "BAD: ") + parts.compactMap(\.self).joined(separator: ", "))
        for left in open { Output.error("not checked: \(TerminalEscaping.shown(left))") }
    }
}
