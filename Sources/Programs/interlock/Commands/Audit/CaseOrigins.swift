import InterlockCommandLine
import InterlockDeployment
import InterlockEvalCommands
import InterlockEvals
import InterlockLedger
import InterlockLogReading

extension Command {
    static let evalLint = Command.makeEvalLint { invocation, origins in
        try CaseOrigins.read(origins, invocation)
    }
}

/// The records from which cases were captured, each proved before it is compared. Nothing of them is shown, so that
/// nothing is recorded.
private enum CaseOrigins {
    /// - Throws: exit 65 if the log is damaged.
    static func read(
        _ origins: [CaseOrigin], _ invocation: Invocation
    ) throws -> [OriginReading] {
        var readings = [OriginReading](repeating: .unreachable, count: origins.count)
        guard Deployment.isNamed(invocation),
            var log = try reachable({ try ProvedLog(AuditLog(invocation)) })
        else { return readings }
        for (number, origin) in origins.enumerated() where origin.log == log.checkpoint.origin {
            guard let index = UInt64(exactly: origin.leaf), index < log.size else {
                readings[number] = .absent
                continue
            }
            guard let found = try reachable({ try log.record(at: index) }) ?? nil else { continue }
            let record = found.record
            readings[number] = .found(
                OriginRecord(
                    isDecision: record.text("call") != nil && record.text("dec") != nil,
                    agent: record.text("agent"), tool: record.text("tool"),
                    run: record.text("run"), policy: record.digest("pol")))
        }
        return readings
    }

    /// Returns nil if there is no log, or a record was pruned.
    private static func reachable<Value>(_ body: () throws -> Value) throws -> Value? {
        do { return try body() } catch let failure as Failure where failure.exit == .notFound {
            return nil
        }
    }
}
