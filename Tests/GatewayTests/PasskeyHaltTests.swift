import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Orders by passkey at the halt service. A halt takes effect before anything is stored; a release stores the counters
/// first.
@Suite struct PasskeyHaltTests {
    private struct Held {
        let bench: Bench
        let passkeys: Passkeys

        /// The same order, signed by these people's passkeys.
        func signed(
            _ envelope: Envelope, by names: String..., counter: UInt8 = 8
        ) throws -> Envelope {
            let challenge = envelope.challenge(OpenSSLHashing()).bytes
            return Envelope(
                payloadType: envelope.payloadType, payload: envelope.payload,
                signatures: try names.map { name in
                    .passkey(
                        try PasskeyAssertion(
                            credential: Passkeys.id(of: name), authenticatorData: [counter],
                            clientDataJSON: challenge, signature: Array(name.utf8)))
                })
        }

        func halt(counter: UInt8 = 8, number: UInt64 = 1) throws -> Envelope {
            try signed(
                try People.all.halt(.org, number: number, at: bench.clock.now.wall), by: "kim",
                counter: counter)
        }

        func release(
            _ halt: OrderID, by name: String, number: UInt64 = 2, counter: UInt8 = 9
        ) throws -> Envelope {
            try signed(
                try People.all.release(
                    [halt], after: bench.kill.epoch, by: name, number: number), by: name,
                counter: counter)
        }

        /// Waits until the counter is stored, which a halt postpones; returns false if it is not stored in time.
        func counted(_ name: String, _ counter: UInt32) async -> Bool {
            _ = await eventually { passkeys.counter(of: name) == counter }
            return passkeys.counter(of: name) == counter
        }
    }

    private func held() throws -> Held {
        let passkeys = Passkeys("kim", "joe")
        return Held(bench: try Bench(passkeys: passkeys), passkeys: passkeys)
    }

    private func refusal(_ body: () async throws -> Void) async -> OrderRefusal? {
        await thrown(body)
    }

    @Test func `one person stops by passkey, two resume`() async throws {
        let held = try held()
        let bench = held.bench
        let client = try await Client.open(bench)
        let halt = try await bench.kill.halt(try held.halt(), source: "console").order.id
        check(await client.call("look"), .error(4230))
        #expect(await held.counted("kim", 8))
        let first = try held.release(halt, by: "kim")
        #expect(try await bench.kill.propose(first) == .waiting(have: 1, need: 2))
        #expect(held.passkeys.counter(of: "kim") == 9)
        #expect(bench.kill.releases.map(\.order.id) == [People.order(2)])
        guard
            case .ready = try await bench.kill.confirm(
                People.order(2), try held.release(halt, by: "joe"))
        else { return #expect(Bool(false), "two people are enough") }
        #expect(held.passkeys.counter(of: "joe") == 9)
        check(await client.call("look"), .text("done"))
        let record = bench.ledger.drafts(of: .killRequested).first
        #expect(record?.fields["src"] == "console")
    }

    @Test func `the second signature may be by key`() async throws {
        let held = try held()
        let bench = held.bench
        let halt = try await bench.kill.halt(try held.halt(), source: "console").order.id
        _ = try await bench.kill.propose(try held.release(halt, by: "kim"))
        let second = try People.all.release([halt], after: bench.kill.epoch, by: "joe", number: 2)
        guard case .ready = try await bench.kill.confirm(People.order(2), second) else {
            return #expect(Bool(false), "two people are enough")
        }
        #expect(bench.gateway.halts.halts.isEmpty)
    }

    @Test func `one person is one person, by key and by passkey`() async throws {
        let held = try held()
        let bench = held.bench
        let halt = try await bench.kill.halt(try held.halt(), source: "console").order.id
        _ = try await bench.kill.propose(try held.release(halt, by: "kim"))
        let byKey = try People.all.release([halt], after: bench.kill.epoch, by: "kim", number: 2)
        #expect(
            await refusal { _ = try await bench.kill.confirm(People.order(2), byKey) }
                == .samePerson)
        #expect(!bench.gateway.halts.halts.isEmpty)
    }

    @Test func `an order that is sent twice is done once and costs nobody the passkey`()
        async throws
    {
        let held = try held()
        let bench = held.bench
        let order = try held.halt()
        let halt = try await bench.kill.halt(order, source: "console").order.id
        #expect(await held.counted("kim", 8))
        _ = try await bench.kill.halt(order, source: "console")
        #expect(bench.ledger.drafts(of: .killRequested).count == 1)
        let first = try held.release(halt, by: "kim")
        for _ in 0..<2 {
            #expect(try await bench.kill.propose(first) == .waiting(have: 1, need: 2))
        }
        let second = try held.release(halt, by: "joe")
        for _ in 0..<2 {
            guard case .ready = try await bench.kill.propose(second) else {
                return #expect(Bool(false), "two people are enough")
            }
        }
        #expect(bench.ledger.drafts(of: .killReleased).count == 1)
        #expect(held.passkeys.suspended.isEmpty)
        #expect(bench.ledger.drafts(of: .killRefused).isEmpty)
    }

    @Test func `a release that is sent again after a restart suspends nobody`() async throws {
        let held = try held()
        let halt = try await held.bench.kill.halt(try held.halt(), source: "console").order.id
        #expect(await held.counted("kim", 8))
        let first = try held.release(halt, by: "kim")
        _ = try await held.bench.kill.propose(first)
        held.passkeys.restart(at: held.bench.clock.now.wall)
        let bench = try Bench(passkeys: held.passkeys)
        _ = try await bench.kill.halt(
            try People.all.halt(.org, number: 1, at: bench.clock.now.wall), source: "cli")
        for _ in 0..<2 {
            #expect(
                await refusal { _ = try await bench.kill.propose(first) }
                    == .badAssertion(.counterWentBack))
        }
        #expect(held.passkeys.suspended.isEmpty && bench.kill.releases.isEmpty)
    }

    @Test func `whoever signs by key and by passkey keeps the passkey`() async throws {
        let held = try held()
        let bench = held.bench
        let halt = try await bench.kill.halt(try held.halt(), source: "console").order.id
        #expect(await held.counted("kim", 8))
        _ = try await bench.kill.propose(
            try People.all.release([halt], after: bench.kill.epoch, by: "kim", number: 2))
        let byPasskey = try held.release(halt, by: "kim")
        for _ in 0..<2 {
            #expect(
                await refusal { _ = try await bench.kill.confirm(People.order(2), byPasskey) }
                    == .samePerson)
        }
        #expect(held.passkeys.suspended.isEmpty && held.passkeys.counter(of: "kim") == 8)
    }

    @Test func `a counter that went back suspends the passkey and stops nothing`() async throws {
        let held = try held()
        let order = try held.halt(counter: 7)
        #expect(
            await refusal { _ = try await held.bench.kill.halt(order, source: "console") }
                == .copiedPasskey(Passkeys.id(of: "kim")))
        #expect(held.passkeys.suspended == [Passkeys.id(of: "kim")])
        #expect(held.bench.gateway.halts.halts.isEmpty)
    }

    @Test func `a halt stands whose counter nobody keeps; a release does not`() async throws {
        let held = try held()
        let bench = held.bench
        held.passkeys.fail()
        let halt = try await bench.kill.halt(try held.halt(), source: "console").order.id
        #expect(bench.gateway.halts.halts.halt(of: .org)?.id == halt)
        let release = try held.release(halt, by: "kim")
        #expect(
            await refusal { _ = try await bench.kill.propose(release) } == .notRecorded("store"))
        #expect(bench.kill.releases.isEmpty)
    }
}
