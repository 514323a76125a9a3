import InterlockCommandLine
import InterlockEvals
import InterlockJSON
import InterlockLedger
import InterlockLogReading
import InterlockModel

/// A run as its records tell it, up to the decision about one call.
struct LoggedRun {
    let captured: CapturedRun
    /// The calls that no fixture can answer: of a host's own tools, resources and prompts.
    private(set) var omitted = 0

    /// - Throws: exit 65 if the record is in no run, the run has too many records, or a payload cannot be read.
    init(of run: String?, agent: AgentName, until last: UInt64, _ search: inout RecordSearch) throws
    {
        guard let run else { throw Failure(.data, "the record is in no run") }
        var filter = RecordFilter()
        filter.run = run
        let records = try search.newest(filter, limit: Self.longest)
        guard records.count < Self.longest else {
            throw Failure(.data, "the run has more than \(Self.longest - 1) records")
        }
        var request: String?
        var results: [String: JSONObject] = [:]
        for shown in records {
            let record = shown.record
            if request == nil { request = try Self.request(record, search.log.log) }
            if record.type == RecordType.callOutcome.rawValue, let call = record.text("call") {
                let field = record.commitment("out") == nil ? "res" : "out"
                results[call] = try search.log.log.payload(field, of: record).json?.object
            }
        }
        var steps: [CapturedStep] = []
        for shown in records where shown.index <= last {
            let record = shown.record
            let isDecision =
                record.type == RecordType.callIntent.rawValue
                || record.type == RecordType.callDenied.rawValue && record["intent"] == nil
            guard isDecision, let call = record.text("call") else { continue }
            guard let tool = record.text("tool").flatMap({ ToolAddress(wireName: $0) }),
                tool.server.text != "host"
            else {
                omitted += 1
                continue
            }
            let arguments = try search.log.log.payload("args", of: record).json?.object
            steps.append(
                CapturedStep(call: tool, arguments: arguments, result: results[call]))
        }
        guard let captured = CapturedRun(agent: agent, request: request, calls: steps) else {
            throw Failure(.data, "the run has no call of a server's tool up to that record")
        }
        self.captured = captured
    }

    private static let longest = 10_000

    /// The request of the user, by the record of a sandboxed run's start or of a prompt.
    private static func request(_ record: StoredRecord, _ log: AuditLog) throws -> String? {
        switch record.type {
        case RecordType.runStart.rawValue where record.commitment("setup") != nil:
            let text = try log.payload("setup", of: record).json?["request"]?.string
            return text.flatMap { $0.isEmpty ? nil : $0 }
        case RecordType.runInput.rawValue where record.text("src") == "user":
            guard case .opened(let bytes) = try log.payload("text", of: record).answer else {
                return nil
            }
            return String(validating: bytes, as: UTF8.self)
        default: return nil
        }
    }
}
