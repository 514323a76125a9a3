import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockMCP
import InterlockModel
import InterlockPorts
import InterlockSafety
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The search of progress and log messages before an agent gets them (docs/specs/output-safety.md, sections 2 and 6).
@Suite(.requirement("R082")) struct NoticeSearchTests {
    private static let secret = "canary-value"

    private static let mark: String = {
        let message = Array(NameAuthenticator.run(of: "clerk").text.utf8) + [0] + Array(secret.utf8)
        let suffix = Hex.encode(OpenSSLHashing().sha256(message).bytes.prefix(4))
        return "[redacted:canary-rule:\(suffix)]"
    }()

    private static func log(_ data: JSONValue, logger: JSONValue = "db") -> JSONObject {
        ["level": "error", "logger": logger, "data": data]
    }

    private static func progress(_ number: Int64, _ message: JSONValue) -> JSONObject {
        ["progress": .integer(number), "message": message]
    }

    /// Makes a call during which the server sends these notifications, and returns what the agent got of them.
    private func told(
        _ bench: Bench, _ notices: @escaping @Sendable (any NotificationSink) -> Void
    ) async throws -> [JSONValue] {
        bench.upstreams.answer { call in
            if let sink = call.notices { notices(sink) }
            return .done
        }
        let client = try await Client.open(bench)
        await client.send("logging/setLevel", id: client.nextID(), ["level": "debug"])
        let exchange = await client.call("look", token: 7)
        check(exchange, .text("done"))
        return exchange.messages.compactMap { $0["params"] }
    }

    private func bench(_ inspector: StubInspector = .finding(secret)) throws -> Bench {
        try Bench(results: inspector) { $0.resultSearchLimit = .seconds(30) }
    }

    private func outcome(_ bench: Bench) throws -> JSONObject {
        try #require(bench.ledger.drafts(of: .callOutcome).last).fields
    }

    private func text(_ values: [JSONValue]) -> String {
        String(decoding: JSONValue.array(values).serialized(), as: UTF8.self)
    }

    @Test func `a value in a message is replaced, and the record counts it`() async throws {
        let bench = try bench()
        let told = try await told(bench) { sink in
            sink.progress(Self.progress(1, .string("a \(Self.secret) b")))
            sink.log(Self.log(.string("c \(Self.secret)")))
            sink.log(Self.log(["deep": [.string(Self.secret), 5]]))
            sink.log(Self.log("plain"))
        }
        try #require(told.count == 4)
        #expect(told[0]["message"] == .string("a \(Self.mark) b"))
        #expect(told[1]["data"] == .string("c \(Self.mark)"))
        #expect(told[2]["data"] == ["deep": [.string(Self.mark), 5]])
        #expect(told[3]["data"] == "plain" && told[3]["logger"] == "db")
        let outcome = try outcome(bench)
        #expect(outcome["nfind"] == ["token": 3] && outcome["ndrop"] == nil)
        #expect(outcome["find"] == nil, "the result has none")
    }

    @Test func `a call without findings has no such fields`() async throws {
        let bench = try bench()
        #expect(try await told(bench) { $0.log(Self.log("plain")) }.count == 1)
        let outcome = try outcome(bench)
        #expect(outcome["nfind"] == nil && outcome["ndrop"] == nil)
    }

    /// Notices with a value that no copy can replace.
    static let unreplaceable: [JSONObject] = [
        log("x", logger: .string(secret)), log(["canary-value": 1]),
    ]

    @Test(arguments: NoticeSearchTests.unreplaceable)
    func `a value that cannot be replaced drops the notice`(_ notice: JSONObject) async throws {
        let bench = try bench()
        let told = try await told(bench) { sink in
            sink.log(notice)
            sink.log(Self.log("after"))
        }
        #expect(told.map { $0["data"] } == ["after"])
        let outcome = try outcome(bench)
        #expect(outcome["nfind"] == ["token": 1] && outcome["ndrop"] == 1)
        #expect(bench.gateway.counters.noticesDropped.value == 1)
    }

    @Test func `a value in a number drops the notice`() async throws {
        let bench = try bench(.finding("31415926"))
        let told = try await told(bench) { sink in
            sink.progress(["progress": 1, "total": 31_415_926])
            sink.progress(["progress": 2])
        }
        #expect(told.map { $0["progress"] } == [2])
        #expect(try outcome(bench)["ndrop"] == 1)
    }

    @Test func `a value over several notices is found with its last part`() async throws {
        let bench = try bench()
        let told = try await told(bench) { sink in
            sink.log(Self.log("x can"))
            sink.progress(Self.progress(1, "ary"))
            sink.progress(Self.progress(2, "-value"))
            sink.log(Self.log(["-va", "lue"]))
            sink.log(Self.log("after"))
        }
        #expect(!text(told).contains("lue"))
        #expect(told.last?["data"] == "after" && told.count == 3)
        let outcome = try outcome(bench)
        #expect(outcome["nfind"] == ["token": 2] && outcome["ndrop"] == 2)
    }

    @Test func `the lines of a value that are notices are found`() async throws {
        let inspector = StubInspector.atOnce { texts in
            guard let rule = RuleID("canary-rule"),
                let first = texts.firstIndex(of: "BEGIN"), texts[first...].contains("END")
            else { return .clean }
            return .found([
                ResultFinding(rule: rule, secretClass: .privateKey, extent: .everywhere)
            ])
        }
        let bench = try bench(inspector)
        let told = try await told(bench) { sink in
            for line in ["BEGIN", "key", "END"] { sink.log(Self.log(.string(line))) }
        }
        #expect(told.compactMap { $0["data"] } == ["BEGIN", "key"])
        #expect(try outcome(bench)["nfind"] == ["private_key": 1])
    }

    @Test func `a value at the cut of a long text is found before it is cut`() async throws {
        let bench = try bench()
        // Half of the value would be within the size that is shown.
        let long = String(repeating: "m", count: LogMessage.maximumBytes - 11) + Self.secret
        let told = try await told(bench) { sink in
            sink.progress(Self.progress(1, .string(long)))
            sink.log(Self.log(.string(long)))
            sink.log(Self.log(["a": .string(long)]))
        }
        #expect(told.count == 3)
        #expect(!text(told).contains("canary-v") && text(told).contains("mmm"))
        #expect(try outcome(bench)["nfind"] == ["token": 3])
    }

    @Test func `a value in a text that is not whole drops the notice`() async throws {
        let bench = try bench()
        let long = Self.secret + String(repeating: "m", count: 64 << 10)
        let told = try await told(bench) { $0.log(Self.log(.string(long))) }
        #expect(told.isEmpty)
        #expect(try outcome(bench)["ndrop"] == 1)
    }

    @Test func `a copy in which something is found is dropped`() async throws {
        let inspector = StubInspector.atOnce { texts in
            guard let rule = RuleID("canary-rule"),
                let place = texts.firstIndex(where: { $0.contains("[redacted:") || $0 == "v" })
            else { return .clean }
            return .found([
                ResultFinding(
                    rule: rule, secretClass: .token, extent: .part(text: place, bytes: 0..<1))
            ])
        }
        let bench = try bench(inspector)
        #expect(try await told(bench) { $0.log(Self.log("v")) }.isEmpty)
        #expect(try outcome(bench)["ndrop"] == 1)
    }

    @Test(arguments: ResultInspectionFailure.allCases)
    func `without an answer of the search a notice is dropped`(_ failure: ResultInspectionFailure)
        async throws
    {
        let failing = StubInspector.atOnce { $0.contains("n") ? .failed(failure) : .clean }
        let bench = try bench(failing)
        #expect(try await told(bench) { $0.log(Self.log("n")) }.isEmpty)
        #expect(try outcome(bench)["ndrop"] == 1)
    }

    @Test func `a notice does not wait for a search`() async throws {
        let bench = try bench(StubInspector { _ in .clean })
        #expect(try await told(bench) { $0.log(Self.log("n")) }.isEmpty)
        #expect(try outcome(bench)["ndrop"] == 1)
    }

    @Test func `nothing follows the record of the call`() async throws {
        let bench = try bench()
        let gate = Gate()
        bench.ledger.hold(.callOutcome, at: gate)
        let client = try await Client.open(bench)
        let call = client.begin("look", token: 7)
        while gate.arrived < 1 { await Task.yield() }
        bench.upstreams.calls.last?.notices?.progress(Self.progress(1, .string(Self.secret)))
        gate.open()
        let exchange = await call.answer()
        check(exchange, .text("done"))
        #expect(exchange.messages.count == 1)
    }

    @Test func `a parked call's texts are one history, whichever request is open`() async throws {
        let bench = try Bench(policy: Asking.asks, results: StubInspector.finding(Self.secret))
        bench.upstreams.answer { call in
            call.notices?.progress(Self.progress(1, "canary"))
            guard case .answered? = await call.input?.ask([Asking.form()]) else {
                return .cancelled(confirmed: false)
            }
            call.notices?.progress(Self.progress(1, "-value"))
            return .done
        }
        let client = `Questions to modern callers`.client(bench)
        let opened = await client.send(client.call("look", ["text": "a"], token: "one"))
        #expect(opened.messages.first?["params"]?["message"] == "canary")
        let state = try #require(opened.message?["result"]?["requestState"]?.string)
        var second = `Questions to modern callers`.retry(client, state)
        second.params["_meta"] = client.call("look", token: "two").params["_meta"]
        let ended = await client.send(second)
        check(ended, .text("done"))
        #expect(ended.messages.count == 1)
        #expect(try outcome(bench)["ndrop"] == 1)
    }

    @Test func `parts in the names of loggers are found too`() async throws {
        let bench = try bench()
        let told = try await told(bench) { sink in
            for part in ["canary", "-value", "other"] {
                sink.log(Self.log("x", logger: .string(part)))
            }
        }
        #expect(told.compactMap { $0["logger"] } == ["canary", "other"])
        #expect(try outcome(bench)["ndrop"] == 1)
    }

    @Test func `the history has the last bytes, from the start of a character on`() throws {
        var tail = TextTail()
        tail.add(["first", String(repeating: "é", count: 3000)])
        #expect(tail.texts.count == 2 && tail.bytes == 6005)
        tail.add(["", String(repeating: "x", count: 3001)])
        // One byte less than the limit, since a character has two.
        #expect(tail.bytes == TextTail.longestBytes - 1)
        #expect(tail.bytes == tail.texts.reduce(0) { $0 + $1.utf8.count })
        #expect(tail.texts.count == 2 && tail.texts[0].allSatisfy { $0 == "é" })
        tail.add(Array(repeating: "y", count: 3 * TextTail.longestBytes))
        #expect(tail.bytes == TextTail.longestBytes && tail.texts.allSatisfy { $0 == "y" })
    }

    @Test func `a notice with a mark is given as it is, and not counted`() async throws {
        let bench = try bench(.marking("plain"))
        let told = try await told(bench) { $0.log(Self.log("plain")) }
        #expect(told.count == 1 && told.first?["data"] == "plain")
        let outcome = try outcome(bench)
        #expect(outcome["nfind"] == nil && outcome["ndrop"] == nil)
    }
}
