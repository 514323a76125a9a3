import InterlockCredentials
import InterlockLedger
import InterlockModel
import InterlockPorts
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockWitness

/// The gateway's log and two witnesses of it, as the heartbeat and the calls use them.
@Suite struct `Witness desk` {
    let clock = FakeClock()
    let log = FakeLog()
    let listener = FakeListener()
    let witnesses: [FakeWitness]
    let client: WitnessClient

    /// Both witnesses are asked immediately; one of them is a quorum.
    init() throws {
        (witnesses, client) = try Self.make(log, clock, quorumLimit: .seconds(20))
        client.attach(listener)
    }

    private static func make(
        _ log: FakeLog, _ clock: FakeClock, quorumLimit: Duration
    ) throws -> ([FakeWitness], WitnessClient) {
        let witnesses = [1, 2].map { FakeWitness($0, knows: log.policy, clock: clock) }
        var policy = log.policy
        var marks = ImmediateWitnessList()
        for witness in witnesses {
            policy = try policy.adding(witness.key, url: witness.url)
            marks.set(try #require(TrustName(witness.key.name)), true)
        }
        let client = WitnessClient(
            WitnessPorts(
                caller: FakeWitnesses(all: witnesses), tiles: log, clock: clock,
                hashing: OpenSSLHashing(), verifier: OpenSSLVerifier(), quorumLimit: quorumLimit),
            policy: policy, marks: marks)
        return (witnesses, client)
    }

    /// The names of the cosigners of a published note, without the log's own.
    private func published(_ note: [UInt8]) throws -> [String] {
        let signed = try SignedNote(parsing: note)
        try signed.verify([log.key], OpenSSLVerifier())
        return try client.trust.policy.cosignatures(on: signed, OpenSSLVerifier()).map(\.key.name)
    }

    @Test func `each beat's checkpoint is published with the cosignatures of all`() async throws {
        for count in [1, 5, 0, 300] {
            let note = await client.cosign(log.grow(count, client))
            #expect(try published(note) == ["acme/w1", "acme/w2"])
        }
        #expect(listener.alarms == [])
        #expect(client.memory == "a quorum of `outside` has cosigned 306 records")
    }

    @Test func `a witness that saw less than is in memory is proven to from tiles`() async throws {
        _ = await client.cosign(log.grow(3, client))
        log.grow(RecentGrowth.maximumHashes + 10, client)
        #expect(try published(await client.cosign(log.note)).count == 2)
    }

    @Test func `a restarted desk learns by 409 what is remembered`() async throws {
        _ = await client.cosign(log.grow(7, client))
        let again = WitnessClient(
            client.ports, policy: client.trust.policy, marks: client.trust.marks)
        let note = log.grow(4)
        let before = witnesses[0].questions
        #expect(try published(await again.cosign(note)).count == 2)
        #expect(witnesses[0].questions == before + 2)
    }

    @Test func `a witness that is down is told after three beats, and its line is missing`()
        async throws
    {
        witnesses[1].become(.down)
        for beat in 1...5 {
            let note = await client.cosign(log.grow(1, client))
            #expect(try published(note) == ["acme/w1"])
            #expect(listener.alarms == (beat < 3 ? [] : ["audit.witness_silent"]))
        }
        witnesses[1].become(.honest)
        #expect(try published(await client.cosign(log.grow(1, client))).count == 2)
    }

    @Test func `a false cosignature is not published, and told`() async throws {
        witnesses[0].become(.lying)
        #expect(try published(await client.cosign(log.grow(1, client))) == ["acme/w2"])
        _ = await client.cosign(log.grow(1, client))
        #expect(listener.alarms == ["audit.witness_unfit"])
        #expect(!listener.isForked)
    }

    @Test(arguments: [403, 404, 302, 400])
    func `a witness that does not take this log is told at once`(status: Int) async throws {
        witnesses[0].become(.status(status, ""))
        #expect(try published(await client.cosign(log.grow(1, client))) == ["acme/w2"])
        #expect(listener.alarms == ["audit.witness_refuses"])
    }

    @Test(arguments: [(422, "bad consistency proof\n"), (409, "999\n")])
    func `a witness that remembers another history stops permits until it is removed`(
        status: Int, text: String
    ) async throws {
        witnesses[0].become(.status(status, text))
        _ = await client.cosign(log.grow(1, client))
        #expect(listener.isForked)
        #expect(listener.alarms == ["audit.fork"])
        // A later valid response does not undo it.
        witnesses[0].become(.honest)
        _ = await client.cosign(log.grow(1, client))
        #expect(listener.isForked)
        #expect(listener.alarms == ["audit.fork"])
        let ledger = MemoryLedger()
        let store = MemoryTrustStore()
        try await client.remove("acme/w1", ledger: ledger, store: store)
        #expect(!listener.isForked)
        #expect(ledger.drafts.map(\.type) == [.configChanged])
        #expect(store.saved == [client.trust.policy.text])
        #expect(try published(await client.cosign(log.grow(1, client))) == ["acme/w2"])
    }

    /// The second answer is that of a witness that names no size, which C2SP tlog-witness permits here.
    @Test(arguments: ["7\n", "other root\n"])
    func `409 at the size that both have is a fork`(text: String) async throws {
        let note = log.grow(7, client)
        #expect(try published(await client.cosign(note)).count == 2)
        witnesses[0].become(.status(409, text))
        #expect(try published(await client.cosign(note)) == ["acme/w2"])
        #expect(listener.isForked)
        #expect(listener.alarms == ["audit.fork"])
    }

    @Test func `a log with another root at the remembered size is refused by an honest witness`()
        async throws
    {
        _ = await client.cosign(log.grow(7, client))
        let other = FakeLog(salt: 1)
        let again = WitnessClient(
            client.ports, policy: client.trust.policy, marks: client.trust.marks)
        again.attach(listener)
        #expect(try published(await again.cosign(other.grow(7, again))) == [])
        #expect(listener.isForked)
    }

    @Test(arguments: ["5", "x\n", "", "-1\n"])
    func `409 without a size is no fork`(text: String) async throws {
        witnesses[0].become(.status(409, text))
        _ = await client.cosign(log.grow(1, client))
        #expect(!listener.isForked)
        #expect(listener.alarms == ["audit.witness_unfit"])
    }

    @Test func `a clock that is far off is told once`() async throws {
        let (others, far) = try Self.make(log, FakeClock(), quorumLimit: .seconds(1))
        far.attach(listener)
        _ = await far.cosign(log.grow(1, far))
        #expect(listener.alarms == [])
        let early = WitnessClient(
            WitnessPorts(
                caller: FakeWitnesses(all: [others[0]]), tiles: log,
                clock: { () -> FakeClock in
                    let clock = FakeClock()
                    clock.advance(.seconds(301))
                    return clock
                }(),
                hashing: OpenSSLHashing(), verifier: OpenSSLVerifier(), quorumLimit: .seconds(1)),
            policy: try log.policy.adding(others[0].key, url: others[0].url),
            marks: ImmediateWitnessList())
        early.attach(listener)
        for _ in 0..<2 { _ = await early.cosign(log.grow(1)) }
        #expect(listener.alarms == ["audit.witness_clock"])
    }

    @Test func `a start is refused when a witness remembers more than was found`() async throws {
        let older = log.grow(5, client)
        _ = await client.cosign(log.grow(5, client))
        let again = WitnessClient(
            client.ports, policy: client.trust.policy, marks: client.trust.marks)
        await #expect(throws: WitnessClient.RolledBack.self) { try await again.examine(older) }
        try await again.examine(log.note)
        for witness in witnesses { witness.become(.down) }
        try await again.examine(older)
        again.attach(listener)
        #expect(listener.alarms == ["audit.witness_unasked", "audit.witness_unasked"])
    }

    // MARK: Calls that wait

    @Test func `a call waits for one of the marked witnesses, and others share its checkpoint`()
        async throws
    {
        log.grow(3, client)
        let gate = Gate()
        for witness in witnesses { witness.become(.slow(gate)) }
        let first = Task { await client.reach() }
        _ = await until { gate.arrived == 2 }
        let others = (0..<20).map { _ in Task { await client.reach() } }
        for witness in witnesses { witness.become(.honest) }
        gate.open()
        #expect(await first.value)
        for other in others { #expect(await other.value) }
        #expect(witnesses[0].questions <= 2)
        let asked = witnesses[0].questions
        #expect(await client.reach())
        #expect(witnesses[0].questions == asked)
    }

    @Test func `while a checkpoint is being published no newer one is shown, and it counts`()
        async throws
    {
        let note = log.grow(3, client)
        client.setPublishing(true)
        log.grow(2, client)
        let waiting = Task { await client.reach() }
        _ = await until { client.state.withLock { $0.waiting.isAsking } }
        #expect(try published(await client.cosign(note)).count == 2)
        #expect(witnesses[0].questions == 1)
        client.setPublishing(false)
        #expect(await waiting.value)
        // The other witness may have completed the quorum.
        #expect(await until { witnesses[0].questions == 2 })
    }

    @Test func `one slow witness does not hold up a quorum of the other`() async throws {
        let gate = Gate()
        witnesses[0].become(.slow(gate))
        for _ in 0..<3 {
            log.grow(1, client)
            #expect(await client.reach())
        }
        #expect(await until { witnesses[0].questions == 1 })
        gate.open()
    }

    @Test func `without a quorum in time a call is told so`() async throws {
        let (others, hurried) = try Self.make(log, clock, quorumLimit: .milliseconds(300))
        log.grow(1, hurried)
        for witness in others { witness.become(.down) }
        #expect(await !hurried.reach())
        others[1].become(.honest)
        // Other tests may keep the processors from this one for longer than its time limit.
        var reached = false
        for _ in 0..<100 where !reached { reached = await hurried.reach() }
        #expect(reached)
    }

    @Test func `a witness that is not marked is asked on the beat alone`() async throws {
        let (witnesses, marked) = try Self.make(log, clock, quorumLimit: .milliseconds(300))
        let unmarked = WitnessClient(
            marked.ports, policy: marked.trust.policy, marks: ImmediateWitnessList())
        log.grow(1, unmarked)
        #expect(await !unmarked.reach())
        #expect(witnesses[0].questions == 0)
        #expect(unmarked.lint?.contains("make up no quorum") == true)
        _ = await unmarked.cosign(log.note)
        #expect(await unmarked.reach())
    }
}

final class MemoryTrustStore: TrustPolicyStore, @unchecked Sendable {
    private(set) var saved: [String] = []
    func save(policy: String, marks: String) throws(TrustStoreFailure) { saved.append(policy) }
}
