import InterlockCommandLine
import InterlockDeployment
import InterlockEvidence
import InterlockJSON
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockStore

extension Command {
    static let safetyTaint = Command(
        "safety taint RUN", "show what a run has read, and where its values come from",
        example: "interlock safety taint 01kag0q9m2c4e6g8j0k2n4p6r8",
        options: Option.logSource + [.json],
        exits: [.no, .data, .notFound, .unavailable, .io],
        notes: """
            Prints the level of the run with the calls that raised it, the markers of injections in its last 20 calls, and
            for each of these what was found where, and the labels of its values: U in the user's request, P of the policy,
            T of a trusted source, M made by the model, N of an untrusted source that the user named, X untrusted. The level
            never falls. The level of an open run comes from the gateway; that of another one, and all calls, from the log.
            Each record is proved before it is shown, and that you look is recorded first.
            """
    ) { invocation in
        let text = invocation.positional[0]
        guard let run = RunID(text) else {
            throw Failure(.usage, "invalid run id `\(TerminalEscaping.shown(text))`")
        }
        let current = try RunLevelReport.current(run, invocation)
        var search = try RecordSearch.telling(AuditLog(invocation))
        let calls = try RunCalls(of: run, &search)
        guard current != nil || calls.agent != nil || !calls.calls.isEmpty else {
            throw Failure(.notFound, "the gateway and the log know no run `\(run.text)`")
        }
        let taint = try RunLevelReport(run, current, calls, &search)
        try AuditExport.record(
            kind: .show, count: calls.calls.count, query: invocation.query, from: search.log.log)
        invocation.print(taint.json, taint.lines.joined(separator: "\n"))
        return search.unproved.isEmpty ? .ok : .no
    }
}

/// The level of a run, with its sources and last calls.
private struct RunLevelReport {
    /// The answer of `GET /runs/{run}/taint`, or what the log says in the same form.
    private var known: JSONObject
    private let calls: RunCalls

    /// Returns what the gateway knows of an open run; nil if it knows nothing, or other files are read.
    static func current(_ run: RunID, _ invocation: Invocation) throws -> JSONObject? {
        guard !invocation.has("log") else { return nil }
        do throws(Failure) {
            return try invocation.gateway().get("/v1/runs/\(run.text)/taint").object
        } catch {
            guard error.exit == .notFound else { throw error }
            return nil
        }
    }

    init(
        _ run: RunID, _ current: JSONObject?, _ calls: RunCalls, _ search: inout RecordSearch
    ) throws {
        self.calls = calls
        if let current {
            known = current
        } else {
            known = ["run": .string(run.text)]
            known["agent"] = calls.agent.map(JSONValue.string)
            known["level"] = .string((calls.level ?? .clean).name)
            // Times of one form are in the order of their texts.
            known["sources"] = .array(
                (calls.contents.reversed().map(\.source) + calls.raising.map(\.source))
                    .sorted { ($0["at"]?.string ?? "") < ($1["at"]?.string ?? "") })
        }
        var sources: [JSONValue] = []
        for source in known["sources"]?.array ?? [] {
            sources.append(try Self.located(source, &search))
        }
        known["sources"] = .array(sources)
    }

    /// Returns a source with the number of the record that ends its call, and its tool, as far as the log has them.
    private static func located(
        _ source: JSONValue, _ search: inout RecordSearch
    ) throws -> JSONValue {
        guard var object = source.object, let call = object["call"]?.string else { return source }
        for found in try search.named(.call(call)) {
            switch RecordType(rawValue: found.record.type) {
            case .callOutcome, .callUnknown: object["record"] = .count(found.index)
            case .callIntent where object["tool"] == nil:
                let address = found.record.text("tool").flatMap { ToolAddress(itemWireName: $0) }
                object["server"] = address.map { .string($0.server.text) }
                object["tool"] = address.map { .string($0.tool.text) }
            default: break
            }
        }
        return .object(object)
    }

    var json: JSONValue {
        var object = known
        object["markers"] = .integer(calls.markers)
        object["calls"] = .array(calls.calls.map(\.json))
        return .object(object)
    }

    var lines: [String] {
        let head = "\(known["run"]?.string ?? "-"): \(known["level"]?.string ?? "-")"
        let sources = (known["sources"]?.array ?? []).map(Self.line)
        let scope = calls.isCut ? "the last \(calls.calls.count) calls" : "all calls"
        return [head] + sources
            + ["markers of injections in \(scope): \(calls.markers)"]
            + calls.calls.map(\.line)
    }

    private static func line(_ source: JSONValue) -> String {
        let place = [source["server"]?.string, source["tool"]?.string].compactMap { $0 }
            .map(TerminalEscaping.shown)
        let name = place.isEmpty ? "an untrusted source" : place.joined(separator: ".")
        let time = source["at"]?.string ?? "-"
        if let cause = source["cause"]?.string.flatMap({ TaintCause(rawValue: $0) }) {
            let run = source["from"]?.string.map { ", run \(TerminalEscaping.shown($0))" } ?? ""
            return "  \(cause.words)\(run), at \(time)"
        }
        let kinds = source["markers"]?.array?.compactMap(\.string) ?? []
        let record = source["record"]?.integer.map { ", record \($0)" } ?? ""
        return
            "  \(name) at \(time) in call \(source["call"]?.string ?? "-")"
            + record + (kinds.isEmpty ? "" : ", with \(kinds.joined(separator: ", "))")
    }
}

extension RunCalls.Content {
    /// The record as a source of the level of its run.
    fileprivate var source: JSONValue {
        let time = (record.time ?? Timestamp(microseconds: 0)).rfc3339(fractionDigits: 0)
        var object: JSONObject = ["at": .string(time), "record": .count(index)]
        object["cause"] = record["code"]
        object["from"] = record["ofrun"]
        return .object(object)
    }
}

extension RunCalls.Call {
    /// The call as a source of the level of its run.
    fileprivate var source: JSONValue {
        var object: JSONObject = ["at": .string(time)]
        object["call"] = record["call"]
        let kinds = report?.mark?.kinds ?? []
        object["markers"] = .array(kinds.map(JSONValue.string))
        return .object(object)
    }
}
