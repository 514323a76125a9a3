import InterlockJSON
import InterlockLedger
import InterlockLimits
import InterlockModel
import InterlockPorts
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The limit on different recipients of a tool.
@Suite struct RecipientLimitTests {
    private let tool = ToolAddress(dotted: "desk.mail").unwrapped
    private let agent = AgentName("clerk").unwrapped
    private let now = Timestamp(microseconds: 1_795_000_000_000_000)

    private func service(_ store: MemoryRecipients, most: String = "2/d") -> RecipientLimitService {
        let limit = RecipientLimit(path: ["to", "address"], most: PaceRate(most).unwrapped)
            .unwrapped
        return RecipientLimitService([tool: limit], store: store) { bytes in
            var sum: UInt64 = 7
            for byte in bytes { sum = sum &* 31 &+ UInt64(byte) }
            return Digest(words: (sum, 0, 0, 0))
        }
    }

    private func call(_ recipients: String...) -> JSONValue {
        ["to": .array(recipients.map { ["address": .string($0)] })]
    }

    private func take(
        _ service: RecipientLimitService, _ arguments: JSONValue, at seconds: Int = 0
    ) async -> String {
        do {
            try await service.take(arguments, of: agent, to: tool, at: now + .seconds(seconds))
            return "taken"
        } catch {
            switch error {
            case .exceeded(let exceeded): return "exceeded \(exceeded.taken)"
            case .unreadable: return "unreadable"
            case .notStored(let reason): return reason
            }
        }
    }

    @Test func `each recipient counts once, also over a restart`() async throws {
        let store = MemoryRecipients()
        let first = service(store)
        #expect(await take(first, call("a@x", "b@x")) == "taken")
        #expect(await take(first, call("c@x"), at: 1) == "exceeded 2")
        let second = service(store)
        try await second.restore(at: now + .seconds(2))
        #expect(await take(second, call("c@x"), at: 2) == "exceeded 2")
        #expect(await take(second, call("b@x"), at: 3) == "taken")
        #expect(second.status(of: agent, at: now + .seconds(3)).map(\.taken) == [2])
        #expect(await take(second, call("c@x"), at: 86_401) == "taken")
    }

    @Test func `another tool has no limit, and another agent its own`() async throws {
        let service = service(MemoryRecipients(), most: "1/h")
        let other = ToolAddress(dotted: "desk.look").unwrapped
        try await service.take(call(), of: agent, to: other, at: now)
        #expect(await take(service, call("a@x")) == "taken")
        try await service.take(
            call("b@x"), of: AgentName("reader").unwrapped, to: tool, at: now)
        #expect(await take(service, call("b@x")) == "exceeded 1")
    }

    @Test(arguments: [
        "{}", #"{"to":null}"#, #"{"to":[]}"#, #"{"to":"a@x"}"#, #"{"to":{"address":1.5}}"#,
        #"{"to":{"address":[true]}}"#,
    ])
    func `a call that names none that can be read is refused`(arguments: String) async throws {
        let value = try JSONValue(parsing: Array(arguments.utf8), limits: .agent)
        #expect(await take(service(MemoryRecipients()), value) == "unreadable")
    }

    @Test func `a call above the limit, or that names none, is refused before it is on record`()
        async throws
    {
        let look = ToolAddress(dotted: "desk.look").unwrapped
        let limit = RecipientLimit(path: ["text"], most: PaceRate("2/d").unwrapped).unwrapped
        let store = MemoryRecipients()
        let bench = try Bench(
            recipients: RecipientLimitService([look: limit], store: store) { bytes in
                Digest(words: (UInt64(bytes.count), UInt64(bytes.last ?? 0), 0, 0))
            })
        let client = try await Client.open(bench)
        check(await client.call("look", ["text": "a"]), .text("done"))
        store.isBroken = true
        check(await client.call("look", ["text": "b"]), .refused(4030, "unavailable"))
        store.isBroken = false
        check(await client.call("look", ["text": "b"]), .text("done"))
        check(await client.call("look", ["text": "c"]), .refused(4290, "limit"))
        check(await client.call("look"), .refused(4290, "limit"))
        let codes = bench.ledger.drafts(of: .callDenied).compactMap { $0.fields["code"]?.string }
        #expect(codes == ["limits.unavailable", "policy.limit", "policy.limit"], "\(codes)")
        #expect(bench.upstreams.sent.count == 2)
    }

    @Test func `more than are read is refused, whatever the limit`() async {
        let many = JSONValue.object([
            "to": .array((0..<100).map { ["address": .string("\($0)@x")] })
        ])
        #expect(await take(service(MemoryRecipients(), most: "1000/d"), many) == "unreadable")
    }

    @Test func `a store that does not take them permits nothing, and they count`() async {
        let store = MemoryRecipients()
        let service = service(store)
        store.isBroken = true
        #expect(await take(service, call("a@x")) == "the disk is gone")
        store.isBroken = false
        #expect(await take(service, call("b@x", "c@x")) == "exceeded 1")
        #expect(await take(service, call("b@x")) == "taken")
        #expect(await take(service, call("a@x")) == "taken")
        #expect(store.kept.count == 2)
    }
}

private final class MemoryRecipients: RecipientStore {
    private let state = Mutex((kept: [NamedRecipient](), isBroken: false))
    var kept: [NamedRecipient] { state.withLock { $0.kept } }
    var isBroken: Bool {
        get { state.withLock { $0.isBroken } }
        set { state.withLock { $0.isBroken = newValue } }
    }

    func recipients(since time: Timestamp) async throws(StoreFailure) -> [NamedRecipient] {
        kept.filter { $0.at > time }
    }

    func keep(
        recipients: [NamedRecipient], removingBefore time: Timestamp
    ) async throws(StoreFailure) {
        guard !isBroken else { throw StoreFailure(reason: "the disk is gone") }
        state.withLock { state in
            state.kept.removeAll { one in
                one.at <= time || recipients.contains { $0.digest == one.digest }
            }
            state.kept += recipients
        }
    }
}
