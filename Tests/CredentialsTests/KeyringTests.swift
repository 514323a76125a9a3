import InterlockAdministration
import InterlockGovernor
import InterlockLedger
import InterlockModel
import InterlockPorts
import Synchronization
import Testing

@testable import InterlockCredentials

/// Payload keys as the gateway uses them.
@Suite struct KeyringTests {
    private let scratch = Scratch()
    private let clock = FixedClock(1_795_169_731)
    private var keys: String { scratch.path + "/keys" }

    private func keyring() throws -> PayloadKeyring {
        if run("test -d '\(keys)'") == nil {
            _ = run("mkdir -m 700 '\(keys)'")
            try PayloadKeyring.create(in: keys, entropy: SystemEntropy())
        }
        return try PayloadKeyring(keys, clock: clock, entropy: SystemEntropy()) { job in
            job()
            return true
        }
    }

    private func newRun(day: Int64 = 0) -> RunID {
        RunID(
            milliseconds: 1_795_169_731_500 + day * 86_400_000, random: SystemEntropy().bytes(10))
    }

    private func name(_ owner: PayloadOwner) -> PayloadName {
        PayloadName(owner: owner, scope: owner.text, field: "args")
    }

    private func isKept(_ keyring: PayloadKeyring, _ owner: PayloadOwner) -> Bool {
        keyring.seal([1, 2, 3], in: "args", as: name(owner), salt: nil).commitment.stored != nil
    }

    private func opens(_ payload: SealedPayload, _ owner: PayloadOwner) -> [UInt8]? {
        guard case .key(let key) = BucketReader(keys).key(of: name(owner)) else { return nil }
        return OpenSSLPayloadCipher().open(payload.blob.span, key: key).map {
            Array($0.dropFirst(PayloadForm.saltBytes))
        }
    }

    @Test func `what the gateway seals, a command opens, also after a restart`() async throws {
        let id = newRun()
        let owner = PayloadOwner.run(id)
        let keyring = try keyring()
        #expect(!keyring.isOpen(id))
        await keyring.prepare(id, isNew: true)
        #expect(keyring.isOpen(id))
        let payload = keyring.seal([7, 8, 9], in: "args", as: name(owner), salt: nil)
        #expect(opens(payload, owner) == [7, 8, 9])
        let again = try self.keyring().seal([4], in: "args", as: name(owner), salt: nil)
        #expect(opens(again, owner) == [4])
    }

    @Test func `a key is on disk before anything is sealed with it`() throws {
        let id = newRun()
        let keyring = try keyring()
        keyring.open(id, isNew: true)
        guard case .key = BucketReader(keys).key(of: name(.run(id))) else {
            Issue.record("the key is not in its bucket")
            return
        }
    }

    @Test func `a run with records and no key gets none`() throws {
        let id = newRun()
        let keyring = try keyring()
        keyring.open(id, isNew: false)
        #expect(!isKept(keyring, .run(id)))
        keyring.open(id, isNew: true)
        #expect(!isKept(keyring, .run(id)))
        #expect(keyring.status.lostRuns == 1)
    }

    @Test(arguments: [2, 3000, -31, -20_000] as [Int64])
    func `a run whose id names a day far off gets no key`(day: Int64) throws {
        let id = newRun(day: day)
        let keyring = try keyring()
        keyring.open(id, isNew: true)
        #expect(!isKept(keyring, .run(id)))
    }

    @Test func `records outside runs have a key of their day`() throws {
        let keyring = try keyring()
        let day = try #require(CivilDate("2026-11-20"))
        #expect(isKept(keyring, .day(day)))
        #expect(try !isKept(keyring, .day(#require(CivilDate("2031-01-01")))))
    }

    @Test func `payloads above the limit and without a name are committed to and not kept`() throws
    {
        let id = newRun()
        let keyring = try keyring()
        keyring.open(id, isNew: true)
        let large = [UInt8](repeating: 0, count: PayloadForm.maximumBytes + 1)
        #expect(
            keyring.seal(large, in: "res", as: name(.run(id)), salt: nil).commitment.stored == nil)
        #expect(keyring.seal([1], in: "res", as: nil, salt: nil).commitment.stored == nil)
    }

    @Test func `a given salt is the one that is committed to`() throws {
        let id = newRun()
        let keyring = try keyring()
        keyring.open(id, isNew: true)
        let salt = [UInt8](repeating: 5, count: 32)
        let kept = keyring.seal([1], in: "bind", as: name(.run(id)), salt: salt)
        let alone = keyring.seal([1], in: "bind", as: nil, salt: salt)
        #expect(kept.commitment.content == alone.commitment.content)
    }

    @Test func `an erased run is not sealed any more, in this process and the next`() throws {
        let id = newRun()
        let other = newRun()
        let keyring = try keyring()
        for id in [id, other] { keyring.open(id, isNew: true) }
        #expect(try keyring.eraseNow(runs: [id], days: []))
        #expect(!isKept(keyring, .run(id)))
        #expect(isKept(keyring, .run(other)))
        #expect(BucketReader(keys).key(of: name(.run(id))) == .erased)
        let next = try self.keyring()
        next.open(id, isNew: true)
        #expect(!isKept(next, .run(id)))
        #expect(isKept(next, .run(other)))
    }

    @Test func `many new runs at once share what one flush makes durable`() async throws {
        let jobs = WaitingJobs()
        _ = try keyring()
        let keyring = try PayloadKeyring(
            keys, clock: clock, entropy: SystemEntropy(), blocking: jobs.add)
        let ids = (0..<40).map { _ in newRun() }
        await withTaskGroup(of: Void.self) { group in
            for id in ids { group.addTask { await keyring.prepare(id, isNew: true) } }
            group.addTask {
                while !ids.allSatisfy(keyring.isOpen) {
                    jobs.runAll()
                    await Task.yield()
                }
            }
        }
        #expect(ids.allSatisfy { isKept(keyring, .run($0)) })
    }
}

/// A worker thread whose jobs a test runs.
private final class WaitingJobs: Sendable {
    private let jobs = Mutex<[@Sendable () -> Void]>([])

    @Sendable func add(_ job: @escaping @Sendable () -> Void) -> Bool {
        jobs.withLock { $0.append(job) }
        return true
    }

    func runAll() {
        let waiting = jobs.withLock { jobs in
            defer { jobs = [] }
            return jobs
        }
        for job in waiting { job() }
    }
}
