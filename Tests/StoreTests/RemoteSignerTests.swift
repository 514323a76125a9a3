import Glibc
import InterlockCredentials
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockStore

/// A signer in memory that a test can break: it remembers the tree that it signed last, as the process does.
private final class MemorySigner: LogSigner {
    enum Fault: Sendable {
        case none
        /// It does not answer, and signs nothing.
        case gone
        /// It signs, and its answer is lost.
        case lost
        /// Its signature is that of another text.
        case wrong
    }

    private struct State {
        var range = CompactRange()
        var root: Digest
        var fault = Fault.none
        var asked = 0
    }

    private let secret: Ed25519PrivateKey
    private let state: Mutex<State>
    private let tree = TreeHash(TestLog.hashing)
    let user: UInt32

    init(user: UInt32 = geteuid()) throws {
        secret = try #require(Ed25519PrivateKey(seed: Array(0..<32)))
        self.user = user
        state = Mutex(State(root: TreeHash(TestLog.hashing).emptyRoot))
    }

    var fault: Fault {
        get { state.withLock { $0.fault } }
        set { state.withLock { $0.fault = newValue } }
    }
    var asked: Int { state.withLock { $0.asked } }
    var size: UInt64 { state.withLock { $0.range.size } }

    /// Sets the tree that was signed last, as `interlock signer move` does.
    func remember(_ range: CompactRange) {
        let root = range.root(tree)
        state.withLock { state in
            state.range = range
            state.root = root
        }
    }

    private var key: LogKey {
        let secret = secret
        return LogKey(name: TestLog.origin, publicKey: secret.publicKey) { secret.sign($0) }
    }

    private func signed(_ text: String) throws(LogSigningFailure) -> [UInt8] {
        guard
            let id = VerifierKey(
                name: TestLog.origin, publicKey: secret.publicKey.bytes, hashing: TestLog.hashing)?
                .id
        else { throw LogSigningFailure("no key") }
        return SignedNote.sign(text, id: id, with: key)
    }

    func status() throws(LogSigningFailure) -> LogSignerStatus {
        guard fault != .gone else { throw LogSigningFailure("gone") }
        let (size, root) = state.withLock { ($0.range.size, $0.root) }
        return LogSignerStatus(
            head: Checkpoint(origin: TestLog.origin, size: size, root: root),
            key: secret.publicKey, user: user)
    }

    func sign(_ growth: TreeGrowth) throws(LogSigningFailure) -> [UInt8] {
        let fault = state.withLock { state in
            state.asked += 1
            return state.fault
        }
        if case .gone = fault { throw LogSigningFailure("gone") }
        let tree = tree
        let isFine = state.withLock { state -> Bool in
            if state.range.size == growth.head.size { return state.root == growth.root }
            guard state.range.size == growth.from else { return false }
            for hash in growth.leafHashes { state.range.append(hash, tree) }
            state.root = state.range.root(tree)
            return state.root == growth.root
        }
        guard isFine else { throw LogSigningFailure("a fork") }
        if case .lost = fault { throw LogSigningFailure("the answer is lost") }
        if case .wrong = fault { return try signed("another text\n") }
        return try signed(growth.head.text)
    }

    func sign(_ heads: SignedHeads.Statement) throws(LogSigningFailure) -> [UInt8] {
        if case .gone = fault { throw LogSigningFailure("gone") }
        return try signed(heads.text)
    }
}

/// The tree of a log as it is opened.
private final class Follower: DurableFollower {
    let range = Mutex(CompactRange())

    func begin(at range: CompactRange) { self.range.withLock { $0 = range } }

    func extend(by leafHashes: [Digest], checkpoint: [UInt8]) {
        range.withLock { range in
            for hash in leafHashes { range.append(hash, TreeHash(TestLog.hashing)) }
        }
    }
}

@Suite(.serialized) struct RemoteSignerTests {
    private let test: TestLog
    private let signer: MemorySigner

    /// A log whose key another process holds from now on.
    init() throws {
        test = try TestLog()
        signer = try MemorySigner()
        try test.create()
        let follower = Follower()
        var configuration = test.configuration
        configuration.follower = follower
        try WriteAheadLog.open(configuration, test.tools).close()
        signer.remember(follower.range.withLock { $0 })
    }

    private var tools: LedgerTools {
        LedgerTools(
            hashing: test.tools.hashing, signer: test.tools.signer, verifier: test.tools.verifier,
            clock: test.tools.clock, remote: signer)
    }

    private func open() throws -> WriteAheadLog {
        try WriteAheadLog.open(test.configuration, tools)
    }

    private func code(_ body: () throws -> Void) -> LedgerFailure.Code? {
        do {
            try body()
            return nil
        } catch { return (error as? LedgerFailure)?.code }
    }

    @Test func `each frame is signed by the signer, and the log verifies`() async throws {
        let log = try open()
        for run in 0..<5 { _ = try await log.append(try Draft.intent(run)) }
        let asked = signer.asked
        #expect(asked >= 5)
        log.close()
        #expect(signer.size == log.status.size)
        #expect(try test.verify().faults == [])
        try open().close()
        #expect(try test.verify().faults == [])
    }

    /// Appends a record that waits until its signer signs, or the log is closed.
    private func waiting(
        _ log: WriteAheadLog, _ draft: RecordDraft
    ) async -> Task<Bool, Never> {
        let task = Task { (try? await log.append(draft)) != nil }
        _ = await eventually { log.status.refusing == "audit.unavailable" }
        return task
    }

    @Test func `without its signer no permit is accepted, and then it goes on`() async throws {
        let log = try open()
        _ = try await log.append(try Draft.intent(1))
        signer.fault = .gone
        let task = await waiting(log, try Draft.intent(2))
        #expect(log.status.refusing == "audit.unavailable")
        await #expect(throws: LedgerRefusal(code: "audit.unavailable", detail: "")) {
            try await log.append(try Draft.intent(3))
        }
        signer.fault = .none
        let isKept = await task.value
        #expect(isKept)
        _ = await eventually { log.status.refusing == nil }
        _ = try await log.append(try Draft.intent(4))
        log.close()
        #expect(try test.verify().faults == [])
        #expect(try test.types().contains("alarm.raised"))
    }

    @Test func `a signature that does not verify is never written`() async throws {
        let log = try open()
        signer.fault = .wrong
        let task = await waiting(log, try Draft.intent(2))
        signer.fault = .none
        let isKept = await task.value
        #expect(isKept)
        log.close()
        try open().close()
        #expect(try test.verify().faults == [])
    }

    @Test func `what was signed while the gateway died is completed by the next start`()
        async throws
    {
        let log = try open()
        let intent = try await log.append(try Draft.intent(1))
        signer.fault = .lost
        let task = await waiting(log, try Draft.outcome(of: intent, 1))
        // The signer has signed the frame, and the log is closed without it, as by a crash.
        log.close()
        let isKept = await task.value
        #expect(!isKept)
        signer.fault = .none
        #expect(signer.size == log.status.size + 1)
        let next = try open()
        #expect(next.status.openIntents == 0)
        _ = try await next.append(try Draft.intent(2))
        next.close()
        #expect(signer.size == next.status.size)
        #expect(try test.verify().faults == [])
        #expect(try test.types().contains("call.outcome"))
    }

    @Test func `an older copy of the log is refused`() async throws {
        let old = test.folder + "/old"
        #expect(copyFolder(test.configuration.directory, to: old))
        let log = try open()
        for run in 0..<3 { _ = try await log.append(try Draft.intent(run)) }
        log.close()
        removeFolder(test.configuration.directory)
        #expect(copyFolder(old, to: test.configuration.directory))
        // The guard would find it too; here it is rolled back with the log.
        var configuration = test.configuration
        configuration.guardLost = true
        _ = unsafe unlink(configuration.guardFile)
        #expect(code { try WriteAheadLog.open(configuration, tools).close() } == .rolledBack)
    }

    @Test func `an older copy of the signer's folder is refused`() async throws {
        let log = try open()
        _ = try await log.append(try Draft.intent(1))
        log.close()
        signer.remember(CompactRange())
        #expect(code { try open().close() } == .rolledBack)
    }

    @Test func `a start without the signer is refused`() throws {
        signer.fault = .gone
        #expect(code { try open().close() } == .io)
        signer.fault = .none
        try open().close()
    }

    @Test func `keys that were moved meanwhile refuse a start under the lock`() throws {
        var configuration = test.configuration
        configuration.locked = { () throws(LedgerFailure) in
            throw LedgerFailure(.configuration, "the key was moved")
        }
        let asked = signer.asked
        #expect(code { try WriteAheadLog.open(configuration, tools).close() } == .configuration)
        #expect(signer.asked == asked)
        var isDone = false
        try WriteAheadLog.whileClosed(test.configuration.directory) {
            isDone = true
            #expect(code { try open().close() } == .locked)
        }
        #expect(isDone)
        let log = try open()
        #expect(code { try WriteAheadLog.whileClosed(test.configuration.directory) {} } == .locked)
        log.close()
    }

    @Test func `the first record names whether the signer is another user`() throws {
        func isolation() throws -> [String] {
            var found: [String] = []
            try test.reader.scan {
                if $0.record?.type == RecordType.logStarted.rawValue {
                    found.append($0.record?.text("iso") ?? "?")
                }
                return true
            }
            return found
        }
        try open().close()
        let (range, other) = (Follower(), try MemorySigner(user: geteuid() + 1))
        var configuration = test.configuration
        configuration.follower = range
        try WriteAheadLog.open(configuration, tools).close()
        other.remember(range.range.withLock { $0 })
        let foreign = LedgerTools(
            hashing: test.tools.hashing, signer: test.tools.signer, verifier: test.tools.verifier,
            clock: test.tools.clock, remote: other)
        try WriteAheadLog.open(test.configuration, foreign).close()
        #expect(try isolation() == ["same-uid", "same-uid", "same-uid", "uid"])
    }

    @Test func `a close without the signer ends, and nothing is acknowledged`() async throws {
        let log = try open()
        signer.fault = .gone
        let task = await waiting(log, try Draft.intent(7))
        log.close()
        let isKept = await task.value
        #expect(!isKept)
        signer.fault = .none
        try open().close()
        #expect(try test.verify().faults == [])
    }
}

private func copyFolder(_ from: String, to: String) -> Bool {
    _ = unsafe mkdir(to, 0o700)
    for name in (try? Folder.names(from)) ?? [] {
        let (source, target) = ("\(from)/\(name)", "\(to)/\(name)")
        if (try? Folder.names(source)) != nil {
            guard copyFolder(source, to: target) else { return false }
        } else {
            guard let bytes = try? Folder.contents(source, limit: 64 << 20),
                let file = try? FileDescriptor(target, O_RDWR | O_CREAT),
                (try? file.write(bytes, at: 0)) != nil
            else { return false }
        }
    }
    return true
}
