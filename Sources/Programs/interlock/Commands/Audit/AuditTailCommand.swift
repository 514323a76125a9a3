import InterlockGateway
import InterlockLedger
import InterlockStore

extension Command {
    static let auditTail = Command(
        path: ["audit", "tail"], summary: "print the newest durable records",
        options: Option.logSource + [
            .json,
            Option(name: "n", value: "COUNT", help: "how many (default: 50)"),
            Option(name: "agent", value: "AGENT", help: "of this agent alone"),
            Option(name: "run", value: "RUN", help: "of this run alone"),
            Option(
                name: "type", value: "TYPE", help: "of this type alone, for instance call.denied"),
        ],
        exits: [.data, .notFound, .unavailable, .io]
    ) { invocation in
        guard let count = Int(invocation["n"] ?? "50"), (1...1_000_000).contains(count) else {
            throw Failure(.usage, "-n takes a count from 1 to 1000000")
        }
        let filters = [
            ("agent", invocation["agent"]), ("run", invocation["run"]), ("t", invocation["type"]),
        ]
        var kept: [LedgerEntry] = []
        let log = try AuditLog(invocation)
        try reading {
            try log.reader.scan { entry in
                let record = entry.record
                guard
                    filters.allSatisfy({ name, wanted in
                        wanted.map { record?.text(name) == $0 } ?? true
                    })
                else { return true }
                kept.append(entry)
                if kept.count >= 2 * count { kept.removeFirst(kept.count - count) }
                return true
            }
        }
        kept.removeFirst(max(0, kept.count - count))
        try AuditExport.record(kind: .tail, count: kept.count, query: invocation.query, from: log)
        for entry in kept {
            RecordText.printLine(entry, json: invocation.has("json"))
        }
        return .ok
    }
}
