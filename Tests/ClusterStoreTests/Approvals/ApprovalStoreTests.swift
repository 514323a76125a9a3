import InterlockApprovals
import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockPorts
import Testing

/// The contract of the port of approvals, which SQLite and PostgreSQL keep alike.
@Suite(.serialized) struct ApprovalStoreTests {
    /// One server for all, since each takes a second. The listings come last, with ids after all others.
    @Test(arguments: StoreKind.installed)
    func `a store of approvals keeps the contract of its port`(_ kind: StoreKind) async throws {
        let stores = try await OpenStores(kind)
        defer { stores.stop() }
        try await isReadAsWritten(stores)
        try await changesFromItsStatesAlone(stores)
        try await isUsedByOneOfMany(stores)
        try await consumesNoncesOnce(stores)
        try await listsTheNewest(stores)
    }

    /// Makes changes, each of which must be made.
    @discardableResult
    private func make(
        _ changes: [ApprovalChange], of sample: inout ApprovalSample, in store: OpenStores.Store
    ) async throws -> JSONValue {
        var last = sample.body()
        for change in changes {
            let (row, body) = try await sample.make(change, in: store)
            try #require(
                try await store.write(change, to: row, body: body) == .done, "\(change)")
            last = body
        }
        return last
    }

    private func open(
        _ id: ApprovalID, in store: OpenStores.Store
    ) async throws -> (version: Int, body: JSONValue)? {
        try await store.rows(refusedSince: ApprovalSample.start).open.first {
            $0.body["request"]?["review"]?["request"] == .string(id.text)
        }
    }

    private func withoutLatest(_ body: JSONValue) -> JSONValue {
        var request = body["request"]?.object ?? [:]
        request["latest"] = nil
        return .object(request)
    }

    /// A process or node reads what another one has written, after each change of a request. A store may forget when a use
    /// was.
    private func isReadAsWritten(_ stores: OpenStores) async throws {
        func check(_ sample: ApprovalSample, _ body: JSONValue, _ step: String) async throws {
            let id = sample.request.id
            let found = try #require(try await open(id, in: stores.second), "\(step)")
            #expect(found.version == sample.row.version, "\(step)")
            #expect(withoutLatest(found.body) == withoutLatest(body), "\(step)")
            #expect(found.body["votes"] == body["votes"], "\(step)")
            let read = try ApprovalSample.read(found.body)
            #expect(read.votes == sample.request.votes && read.used == sample.request.used)
        }
        var sample = try ApprovalSample(1, uses: 2)
        let changes: [ApprovalChange] = [
            .ask, .vote(isLast: false), .reissue, .vote(isLast: false), .revise,
            .vote(isLast: true), .useAgain,
        ]
        for change in changes {
            let body = try await make([change], of: &sample, in: stores.first)
            try await check(sample, body, "\(change)")
        }
        #expect(sample.request.used == 1 && sample.request.revision == 2)
        try await make([.use], of: &sample, in: stores.first)
        if stores.usesAreFinal {
            #expect(try await open(sample.request.id, in: stores.second) == nil)
        }

        // A vote whose credential was revoked does not count any more, and others make the quorum.
        var lapsed = try ApprovalSample(2)
        try await make([.ask, .vote(isLast: false)], of: &lapsed, in: stores.first)
        let (row, body) = try lapsed.lapse(0)
        #expect(try await stores.first.write(.revise, to: row, body: body) == .done)
        try await check(lapsed, body, "lapse")
        for (member, isLast) in [(1, false), (2, true)] {
            let change = ApprovalChange.vote(isLast: isLast)
            let (row, body) = try await lapsed.make(change, in: stores.first, by: member)
            #expect(try await stores.first.write(change, to: row, body: body) == .done)
            try await check(lapsed, body, "vote after lapse")
        }
    }

    /// The states that the changes of docs/specs/approvals.md, section 4, start from.
    private static let possible: [(ApprovalChange, [ApprovalRowState])] = [
        (.ask, []), (.vote(isLast: false), [.pending]), (.vote(isLast: true), [.pending]),
        (.reissue, [.pending]), (.revise, [.pending, .approved]), (.end(.denied), [.pending]),
        (.end(.withdrawn), [.pending]), (.end(.expired), [.pending, .approved]),
        (.end(.void), [.pending, .approved]), (.use, [.approved]),
        (.settle(isRecorded: true), [.using, .pending, .approved]),
        (.settle(isRecorded: false), [.using, .pending, .approved]),
    ]

    private static func path(to state: ApprovalRowState) -> [ApprovalChange] {
        let vote = ApprovalChange.vote(isLast: true)
        return switch state {
        case .pending: [.ask]
        case .approved: [.ask, vote]
        case .using: [.ask, vote, .use]
        case .used: [.ask, vote, .use, .settle(isRecorded: true)]
        case .denied: [.ask, .end(.denied)]
        case .expired: [.ask, .end(.expired)]
        case .withdrawn: [.ask, .end(.withdrawn)]
        case .void: [.ask, .end(.void)]
        }
    }

    /// A change is made from its states alone, whatever the version, and is known when it is repeated.
    private func changesFromItsStatesAlone(_ stores: OpenStores) async throws {
        var number = 100
        var (changed, expected): (Set<String>, Set<String>) = ([], [])
        for state in ApprovalRowState.allCases {
            // No change leaves this request, so it serves for all of them.
            number += 1
            let fresh = try ApprovalSample(number, quorum: 1)
            var closed = fresh
            try await make(Self.path(to: state), of: &closed, in: stores.first)
            let id = closed.request.id
            let version = try #require(try await stores.first.version(of: id))
            for (change, origins) in Self.possible {
                let isSettling = if case .settle = change { true } else { false }
                if isSettling, stores.usesAreFinal { continue }
                guard origins.contains(state) else {
                    let row = ApprovalRow(
                        id: id, revision: change == .ask ? 0 : 1,
                        version: change == .ask ? 0 : version)
                    let body = change == .ask ? fresh.body() : closed.body(intent: 9)
                    let written = try await stores.first.write(change, to: row, body: body)
                    #expect(written == .superseded, "\(change) of \(state)")
                    continue
                }
                number += 1
                var sample = try ApprovalSample(
                    number, quorum: change == .vote(isLast: false) ? 2 : 1)
                try await make(Self.path(to: state), of: &sample, in: stores.first)
                let (row, body) = try await sample.make(change, in: stores.first)
                for (revision, version) in [(0, -1), (1, 0)] {
                    let wrong = ApprovalRow(
                        id: row.id, revision: row.revision + revision,
                        version: row.version + version)
                    let written = try? await stores.first.write(change, to: wrong, body: body)
                    #expect(written != .done, "\(change) of another version")
                }
                for _ in 0..<2 {
                    let written = try await stores.first.write(change, to: row, body: body)
                    #expect(written == .done, "\(change) of \(state)")
                }
                #expect(
                    try await stores.second.version(of: row.id) == row.version + 1,
                    "\(change) of \(state)")
                let after = change.result ?? state
                if !after.isFinal, !(stores.usesAreFinal && after == .using) {
                    expected.insert(row.id.text)
                }
                changed.insert(row.id.text)
            }
            #expect(try await stores.first.version(of: id) == version, "\(state)")
        }
        #expect(try await stores.first.version(of: ApprovalSample.id(99)) == nil)
        let open = try await stores.second.rows(refusedSince: ApprovalSample.start).open
        let ids = open.compactMap { $0.body["request"]?["review"]?["request"]?.string }
        #expect(changed.intersection(ids) == expected)
    }

    /// A grant is used once by any of several nodes, and a log that has the record of a use agrees with the store.
    private func isUsedByOneOfMany(_ stores: OpenStores) async throws {
        var sample = try ApprovalSample(200, quorum: 1)
        try await make([.ask, .vote(isLast: true)], of: &sample, in: stores.first)
        let (row, _) = try await sample.make(.use, in: stores.first)
        let used = sample
        let both = [stores.first, stores.second]
        let winners = try await withThrowingTaskGroup(of: ApprovalWrite.self) { group in
            for caller in 0..<8 {
                let store = both[caller % 2]
                let body = used.body(intent: UInt8(caller))
                group.addTask { try await store.write(.use, to: row, body: body) }
            }
            return try await group.reduce(0) { $0 + ($1 == .done ? 1 : 0) }
        }
        #expect(winners == 1)
        for store in both {
            #expect(
                try await store.write(.use, to: used.row, body: used.body(intent: 9))
                    == .superseded, "by one who knows of that use")
        }
        let (last, body) = try await sample.make(.settle(isRecorded: true), in: stores.first)
        #expect(
            try await stores.second.write(.settle(isRecorded: true), to: last, body: body) == .done)
        let found = try await stores.first.endedRows(most: 1).bodies.first
        #expect(found?["request"]?["state"] == "used")
    }

    private func consumesNoncesOnce(_ stores: OpenStores) async throws {
        let end = ApprovalSample.start + .seconds(600)
        #expect(try await stores.first.consume(nonce: "a", expires: end))
        for store in [stores.first, stores.second] {
            #expect(try await !store.consume(nonce: "a", expires: end))
        }
        #expect(try await stores.second.consume(nonce: "b", expires: end))
    }

    /// Requests that were denied or ran out lately are found again, oldest first, and those that ended, newest first.
    private func listsTheNewest(_ stores: OpenStores) async throws {
        let first = 10_000
        let ends: [ApprovalRowState] = [
            .denied, .expired, .pending, .void, .used, .denied, .withdrawn, .approved, .denied,
        ]
        for (place, end) in ends.enumerated() {
            var sample = try ApprovalSample(first + 1000 * place, quorum: 1)
            try await make(Self.path(to: end), of: &sample, in: stores.first)
        }
        func places(_ bodies: [JSONValue]) throws -> [Int] {
            try bodies.map { body -> Int in
                let id = try #require(body["request"]?["review"]?["request"]?.string)
                return try #require(
                    ends.indices.first { ApprovalSample.id(first + 1000 * $0).text == id })
            }
        }
        func refused(_ since: Int) async throws -> [JSONValue] {
            let time = Timestamp(microseconds: Int64(first + 1000 * since) * 1000)
            return try await stores.second.rows(refusedSince: time).refused
        }
        #expect(try places(try await refused(0)) == [0, 1, 5, 8])
        #expect(try places(try await refused(1)) == [1, 5, 8])
        #expect(try places(try await refused(9)) == [])
        let answers = try await refused(0).map {
            RefusedQuestion(json: $0["request"] ?? .null, hashing: OpenSSLHashing())?.answer
        }
        #expect(answers == [.denied, .unanswered, .denied, .denied])
        #expect(
            try places(try await stores.second.endedRows(most: 6).bodies) == [8, 6, 5, 4, 3, 1])
        #expect(try places(try await stores.second.endedRows(most: 2).bodies) == [8, 6])
        #expect(try await stores.second.endedRows(most: 0).bodies == [])
    }
}
