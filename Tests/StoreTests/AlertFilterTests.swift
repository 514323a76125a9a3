import InterlockAdministration
import InterlockAlerts
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockStore

/// A search of alerts in the store finds those that a filter matches one by one.
@Suite struct AlertFilterTests {
    private static let start = Timestamp(microseconds: 1_795_000_000_000_000)

    private func alarm(_ number: Int) -> RaisedAlert {
        var alarm = RaisedAlert(
            id: AlertID(milliseconds: 1, random: [UInt8](repeating: UInt8(number), count: 10)),
            code: number % 2 == 0 ? "detector.calls" : "it's \"%_' OR 1=1 --",
            subject: "x", at: Self.start + .seconds(Int64(number)))
        alarm.agent = number % 3 == 0 ? nil : AgentName(number % 3 == 1 ? "clerk" : "other")
        alarm.severity = number % 4 == 0 ? .high : .low
        if number % 5 == 0 {
            alarm.finding = AlertDisposition(
                .fault, at: Self.start, by: Pseudonym(text: "a"), reason: "x")
        }
        alarm.window = AlertWindow(
            seconds: 60, count: number, expected: 3, before: [1, 2],
            readings: [
                AlertWindow.Reading(
                    detector: "ewma", statistic: 1.5, threshold: .infinity, isOver: false)
            ])
        return alarm
    }

    @Test func `a filter leaves what it names, the newest first, cut where it is asked`()
        async throws
    {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        let store = try SQLiteStore(path: folder + "/interlock.db")
        let all = (1...30).map(alarm)
        for one in all { try await store.keep(one) }
        let clerk = try #require(AgentName("clerk"))
        let filters: [(AlertFilter, Set<AgentName>?)] = [
            (AlertFilter(), nil), (AlertFilter(code: "detector.calls"), nil),
            (AlertFilter(code: "it's \"%_' OR 1=1 --"), nil),
            (AlertFilter(agent: clerk, severity: .high), nil),
            (AlertFilter(isDisposed: true), nil), (AlertFilter(isDisposed: false), [clerk]),
            (AlertFilter(), []), (AlertFilter(severity: .page), nil),
        ]
        for (filter, agents) in filters {
            let expected = all.reversed().filter { alarm in
                filter.passes(alarm)
                    && (agents.map { names in alarm.agent.map(names.contains) ?? false } ?? true)
            }
            for first in [0, 3, 100] {
                let slice = try await store.alarms(
                    since: Self.start, filter, of: agents, from: first, most: 4)
                #expect(slice.count == expected.count, "\(filter)")
                #expect(slice.alarms.map(\.id) == expected.dropFirst(first).prefix(4).map(\.id))
            }
        }
        let late = try await store.alarms(
            since: Self.start + .seconds(29), AlertFilter(), of: nil, from: 0, most: 50)
        #expect(late.count == 2 && late.unread == 0)
        store.close()
    }

    @Test func `an order is of all alerts that match, and the same values are the newest first`()
        async throws
    {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        let store = try SQLiteStore(path: folder + "/interlock.db")
        var all = (1...30).map(alarm)
        for place in [3, 17] { all[place].severity = nil }
        for one in all.shuffled() { try await store.keep(one) }
        for text in AlertFilter.Sorting.texts {
            let order = try #require(AlertFilter.Sorting(text))
            for filter in [AlertFilter(order: order), AlertFilter(isDisposed: false, order: order)]
            {
                let expected = filter.sorted(all.reversed().filter(filter.passes)).map(\.id)
                for first in [0, 5, 28] {
                    let slice = try await store.alarms(
                        since: Self.start, filter, of: nil, from: first, most: 9)
                    #expect(slice.count == expected.count, "\(text)")
                    #expect(
                        slice.alarms.map(\.id) == Array(expected.dropFirst(first).prefix(9)),
                        "\(text) from \(first)")
                }
            }
        }
        func found(_ order: String) async throws -> [RaisedAlert] {
            try await store.alarms(
                since: Self.start, AlertFilter(order: AlertFilter.Sorting(order)), of: nil, from: 0,
                most: 30
            ).alarms
        }
        let oldest = try await found("at").map(\.id)
        #expect(oldest == all.map(\.id))
        #expect(try await found("-severity").prefix(6).allSatisfy { $0.severity == .high })
        for order in ["agent", "-agent"] {
            #expect(try await found(order).suffix(10).allSatisfy { $0.agent == nil }, "\(order)")
        }
        store.close()
    }

    @Test func `rows that cannot be read are counted, and where none can be the look fails`()
        async throws
    {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        let store = try SQLiteStore(path: folder + "/interlock.db")
        let all = (1...4).map(alarm)
        for one in all { try await store.keep(one) }
        func spoil(_ body: String, _ places: ClosedRange<Int>) throws {
            for place in places {
                try Database(folder + "/interlock.db").run(
                    "UPDATE alarm SET body = ? WHERE id = ?", .text(body),
                    .text(all[place].id.text))
            }
        }
        func look(_ order: String = "-at") async throws -> AlertSlice {
            try await store.alarms(
                since: Self.start, AlertFilter(order: AlertFilter.Sorting(order)), of: nil, from: 0,
                most: 9)
        }
        try spoil("{", 0...0)
        try spoil("{}", 1...1)
        for order in AlertFilter.Sorting.texts {
            let slice = try await look(order)
            #expect(slice.alarms.count == 2 && slice.unread == 2, "\(order)")
        }
        #expect(try await store.alarms(since: Self.start, most: 9).count == 2)
        for body in ["{}", "{"] {
            try spoil(body, 0...3)
            await #expect(throws: StoreFailure.self) { try await look() }
            await #expect(throws: StoreFailure.self) {
                try await store.alarms(since: Self.start, most: 9)
            }
        }
        store.close()
    }

    /// The rows are written at once, because each alert by itself waits for the disk.
    @Test func `an alert without an answer is found below any number of newer ones`() async throws {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        let store = try SQLiteStore(path: folder + "/interlock.db")
        func alert(_ number: Int, _ change: (inout RaisedAlert) -> Void = { _ in }) -> RaisedAlert {
            var alarm = RaisedAlert(
                id: AlertID(milliseconds: Int64(number), random: [UInt8](repeating: 1, count: 10)),
                code: "detector.calls", subject: "x", at: Self.start + .seconds(Int64(number)))
            alarm.severity = .high
            change(&alarm)
            return alarm
        }
        let waiting = [alert(1), alert(2) { $0.severity = .page }]
        let others = [
            alert(3) { $0.severity = .low }, alert(4) { $0.isEscalated = true },
            alert(5) {
                $0.finding = AlertDisposition(
                    .fault, at: Self.start, by: Pseudonym(text: "a"), reason: "x")
            },
        ]
        let newer = (10..<10_200).map { alert($0) { $0.severity = .low } }
        let rows = (waiting + others + newer).map { alarm in
            (
                alarm.id.text, alarm.at.microseconds, alarm.finding == nil ? 0 : 1,
                String(decoding: alarm.json.serialized(), as: UTF8.self)
            )
        }
        try await store.perform { database throws(DatabaseError) in
            try database.transaction { () throws(DatabaseError) in
                for (id, at, disposed, body) in rows {
                    try database.run(
                        "INSERT INTO alarm (id, at, disposed, body) VALUES (?, ?, ?, ?)", .text(id),
                        .integer(at), .integer(Int64(disposed)), .text(body))
                }
                try database.run(
                    "INSERT INTO alarm (id, at, disposed, body) VALUES ('x', ?, 0, '{')",
                    .integer(Self.start.microseconds))
            }
        }
        let end = Self.start + .seconds(20_000)
        func found(until end: Timestamp, most: Int = 10) async throws -> [AlertID] {
            try await store.unanswered(since: Self.start, until: end, most: most).map(\.id)
        }
        #expect(try await found(until: end) == waiting.map(\.id))
        #expect(try await found(until: Self.start + .seconds(1)) == [waiting[0].id])
        #expect(try await found(until: end, most: 1) == [waiting[0].id])
        // A store that reads the newest alerts alone does not reach them.
        let newest = try await store.alarms(since: Self.start, most: AlertFilter.mostRead)
        #expect(!newest.contains { $0.id == waiting[0].id })
    }
}
