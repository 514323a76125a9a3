import InterlockGovernor
import InterlockLedger
import InterlockLimits
import InterlockModel
import InterlockPatterns
import InterlockPolicy
import InterlockStore
import InterlockYAML
import InterlockZones

/// Measures how long a start takes to count the agents' use of their limits from a log without a snapshot.
enum Counting {
    /// The policy for the calls of `Writer`: each agent has one limit on its calls and two on its tool.
    private static func policy(agents: Int) -> String {
        var text = """
            interlock: 1
            org: bench
            kill_switch: org-wide, tested monthly
            servers:
              tickets:
                tools:
                  close_ticket: {class: read}
            agents:

            """
        for number in 0..<agents {
            text += """
                  agent-\(number):
                    owner: li@bench.example
                    purpose: Closes tickets
                    tier: low
                    stage: trusted
                    review_by: "2037-02-01"
                    limits: {calls: 1000000/h, tickets.close_ticket: 10000000/d}
                    mcp_scopes: {tickets: [close_ticket]}

                """
        }
        return text
    }

    /// - Returns: the number of records read, and how long reading took.
    static func measured(_ bench: BenchLog) throws -> (records: UInt64, took: Duration) {
        let file = PolicyFile(
            path: "policy.yaml", role: .single, bytes: Array(policy(agents: 320).utf8))
        let reading = PolicyReader.read([file])
        guard let document = reading.document else {
            throw Misuse.damaged(reading.findings.reported.map(\.text).joined(separator: "\n"))
        }
        let snapshot = try PolicySnapshot(
            compiling: document,
            with: PolicyEngines(patterns: RE2Compiler(), zones: SystemZones()),
            at: bench.tools.clock.now.wall, hashing: bench.tools.hashing)
        var counting = LimitReading(LimitMap(snapshot))
        var isReadable = true
        let took = try ContinuousClock().measure {
            try bench.reader.forEachRecord(from: 0) { index, bytes in
                isReadable = isReadable && counting.take(bytes, at: index)
                return isReadable
            }
        }
        guard isReadable, let status = counting.status,
            !status.limits.table.slotUnits.isEmpty
        else { throw Misuse.damaged("the log's calls were not counted") }
        return (status.next, took)
    }
}
