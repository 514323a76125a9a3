import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockStore

/// Counts of an agent's records by the index equal those of the log.
@Suite(.requirement("R134")) struct AgentActivityIndexTests {
    private func expected(
        _ entries: [LedgerEntry], _ agent: AgentName, since: Int64
    ) -> [String: Int] {
        var counts: [String: Int] = [:]
        for record in entries.compactMap(\.record) {
            guard record.text("agent") == agent.text, (record["ts"]?.integer ?? 0) >= since
            else { continue }
            counts["\(record.type) \(record.text("dec") ?? "")", default: 0] += 1
        }
        return counts
    }

    @Test(arguments: [IndexParts.smallest, 5, 1])
    func `counts are those of the log, in any part and since any time`(
        partRows: UInt64
    ) async throws {
        var log = try await IndexedLog()
        log.partRows = partRows
        let index = try log.build()
        let entries = try log.entries()
        let names = Set(entries.compactMap { $0.record?.text("agent") })
        #expect(names.count > 1)
        let times = entries.compactMap { $0.record?["ts"]?.integer }
        for name in names {
            let agent = try #require(AgentName(name))
            for since in [0, times[times.count / 2], (times.max() ?? 0) + 1] {
                let time = Timestamp(microseconds: since)
                let found = try index.activity(of: agent, since: time)
                let counts = Dictionary(
                    uniqueKeysWithValues: found.map {
                        ("\($0.type) \($0.decision ?? "")", $0.count)
                    })
                #expect(counts == expected(entries, agent, since: since))
                let later = entries.compactMap(\.record).count {
                    $0.type == "call.denied" && $0.text("agent") == name && $0["intent"] != nil
                        && ($0["ts"]?.integer ?? 0) >= since
                }
                #expect(try index.laterDenials(of: agent, since: time) == later)
            }
        }
        let nobody = try #require(AgentName("nobody"))
        #expect(try index.activity(of: nobody, since: Timestamp(microseconds: 0)) == [])
        #expect(try index.laterDenials(of: nobody, since: Timestamp(microseconds: 0)) == 0)
    }
}
