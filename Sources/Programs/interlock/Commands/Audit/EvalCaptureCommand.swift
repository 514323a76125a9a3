import InterlockCommandLine
import InterlockDeployment
import InterlockEvalCommands
import InterlockEvals
import InterlockEvidence
import InterlockJSON
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockStore

extension Command {
    static let evalCapture = Command(
        "eval capture [EVENT]", "make a case from a record of the log, or confirm one",
        example: "interlock eval capture 1042 --by paul@acme.example",
        options: Option.logSource + CaseCapture.options,
        exits: [.data, .notFound, .unavailable, .cannotCreate, .io, .notPermitted],
        notes: """
            EVENT is a record of a call, as in `audit show`. The case is a draft, which is not run before a person other \
            than the agent's owner has confirmed what should have been decided: --confirm FILE --expect VERDICT --by EMAIL. \
            With --run it is an agent case of the run up to that call: its request, and a fixture with its results; \
            a reviewer states in the file what should have happened, and confirms it without --expect. \
            That the log is read is recorded first. 66: no such record, or no such agent or suite. 69: the gateway does not \
            run.
            """
    ) { invocation in
        guard !invocation.has("confirm") else {
            guard !invocation.has("incident") else {
                throw Failure(.usage, "`--incident` cannot be used with `--confirm`")
            }
            return try CaseConfirmation(invocation).run()
        }
        guard let event = invocation.positional.first, !invocation.has("expect") else {
            throw Failure(
                .usage, "missing EVENT, or `--expect` without `--confirm`",
                help: "interlock eval capture EVENT, or --confirm FILE --expect VERDICT")
        }
        let name = try RecordName(argument: event)
        let capture = try CaseCapture(invocation)
        var search = try RecordSearch.telling(AuditLog(invocation))
        let found = try search.named(name)
        guard !found.isEmpty else {
            throw Failure(.notFound, "there is no record `\(event)`")
        }
        let named = try LoggedCall.record(of: found, &search)
        let trace = try CallTrace(of: named, &search)
        guard search.unproved.isEmpty else {
            throw Failure(
                .data, "the index names records of the call that are not in the log",
                help: "remove the index; the gateway builds it anew")
        }
        let recorded = try LoggedCall(trace, search.log.log)
        let agent = recorded.captured.agent
        try capture.check(agent)
        let run =
            try invocation.has("run")
            ? LoggedRun(
                of: recorded.run, agent: agent, until: UInt64(recorded.leaf), &search) : nil
        try AuditExport.record(
            kind: .capture, count: 1, query: invocation.query, from: search.log.log)
        let origin = CaseOrigin(
            log: search.log.checkpoint.origin, leaf: recorded.leaf, run: recorded.run,
            capturedAt: capture.now, by: capture.person, under: recorded.policy)
        guard let run else {
            return try capture.write(recorded.captured, origin, policy: recorded.bundle)
        }
        if run.omitted > 0 {
            Output.error(
                "note: \(run.omitted) calls of the run are of no server's tool, and not in the case"
            )
        }
        return try capture.write(run.captured, origin)
    }
}

/// A call as its records tell it: the decision, and what is left of its payloads.
private struct LoggedCall {
    let captured: CapturedCall
    let leaf: Int64
    let run: String?
    /// The policy that decided.
    let policy: Digest
    /// The files of that policy, or nil if they were not kept.
    let bundle: [UInt8]?

    /// - Throws: exit 65 if the records have no decision about one call, or a payload is gone without an erasure.
    init(_ trace: CallTrace, _ log: AuditLog) throws {
        guard let shown = trace.decision, shown.record.text("call") != nil,
            let leaf = Int64(exactly: shown.index), let verdict = Self.verdict(of: shown.record)
        else { throw Failure(.data, "the record is of no single call that was decided") }
        let record = shown.record
        try CaseCapture.checkGate(record)
        let place = "record \(shown.index)"
        let (decision, facts) = try Self.decision(of: record, log, place)
        guard let agent = record.text("agent").flatMap({ AgentName($0) }) ?? decision?.agent,
            let call = decision?.address
                ?? record.text("tool").flatMap({ ToolAddress(itemWireName: $0) })
        else { throw Failure(.data, "\(place) names no agent, or no tool") }
        guard let policy = record.digest("pol") ?? decision?.policy,
            let at = decision?.now ?? record.time
        else { throw Failure(.data, "\(place) was refused before the policy decided") }
        guard decision?.completes == nil else {
            throw Failure(.data, "\(place) is a request for completions, which is no case")
        }
        self.leaf = leaf
        self.policy = policy
        run = record.text("run")
        captured = CapturedCall(
            agent: agent, call: call, arguments: try Self.arguments(of: record, log, place),
            at: at, verdict: verdict, rule: record.text("rule") ?? record.text("code") ?? "",
            facts: facts)
        var kept: [UInt8]?
        if let digest = decision?.basis.bundle, let archive = log.deployment?.policyArchive {
            do throws(StoreFailure) { kept = try archive.bundle(digest) } catch {
                throw Failure(.io, error.reason)
            }
        }
        bundle = kept
    }

    /// The record that names the call: one of these, or the intent that an approval is about.
    fileprivate static func record(
        of found: [ProvedRecord], _ search: inout RecordSearch
    ) throws -> ProvedRecord {
        if let one = found.first(where: { $0.record.text("call") != nil }) { return one }
        var records = found
        if let approval = found.compactMap({ $0.record.text("appr") }).first {
            records += try search.named(.approval(approval))
        }
        guard let intent = records.compactMap({ $0.record.digest("intent") }).first,
            let one = try search.named(.hash(intent)).first
        else { throw Failure(.data, "the record is of no single call that was decided") }
        return one
    }

    private static func verdict(of record: StoredRecord) -> Verdict? {
        switch record.text("dec") {
        case "allow": return .allow
        case "deny": return .deny
        case "approve":
            guard let need = record["need"]?.integer, (1...9).contains(need) else { return nil }
            return .approve(Int(need))
        default: return nil
        }
    }

    /// The recorded input of the decision; nil if it was erased, or the call was refused without one.
    private static func decision(
        of record: StoredRecord, _ log: AuditLog, _ place: String
    ) throws -> (RecordedDecision?, CapturedFacts) {
        guard let bytes = try opened("in", of: record, log, place) else { return (nil, .unknown) }
        let decision: RecordedDecision
        do throws(FormError) { decision = try RecordedDecision(parsing: bytes) } catch {
            throw Failure(.data, "the input of \(place) cannot be read: \(error)")
        }
        guard DecisionReplay.contradictions(of: record.object, with: decision).isEmpty,
            let facts = (try? JSONValue(parsing: bytes, limits: .upstream))?["facts"]?.object
        else { throw Failure(.data, "the input of \(place) is of another call") }
        return (decision, CapturedFacts(recorded: facts))
    }

    /// The arguments; nil if they were erased.
    private static func arguments(
        of record: StoredRecord, _ log: AuditLog, _ place: String
    ) throws -> JSONValue? {
        guard record.commitment("args") != nil else {
            throw Failure(.data, "the arguments of \(place) were not recorded")
        }
        guard let bytes = try opened("args", of: record, log, place) else { return nil }
        guard let value = try? JSONValue(parsing: bytes, limits: .upstream), value.object != nil
        else { throw Failure(.data, "the arguments of \(place) are no JSON object") }
        return value
    }

    /// A payload; nil if it was erased, or the record has none of the name.
    private static func opened(
        _ field: String, of record: StoredRecord, _ log: AuditLog, _ place: String
    ) throws -> [UInt8]? {
        switch try log.payload(field, of: record).answer {
        case .opened(let bytes): return bytes
        case .erased, .missing(.commitment): return nil
        case .missing(let what):
            throw Failure(.data, "payload `\(field)` of \(place) is not here: \(what)")
        case .bad(let fault):
            throw Failure(.data, "payload `\(field)` of \(place) is damaged: \(fault)")
        }
    }
}
