import InterlockCredentials
import InterlockGovernor
import InterlockLimits
import InterlockModel
import InterlockPorts
import InterlockSafety
import InterlockTesting
import Testing

@testable import InterlockScanning

/// The queue of the search under the limits of time and number that calls and hooks have
/// (docs/decisions/0135-agents-take-turns-in-the-search.md).
@Suite(.requirement("R082"), .timeLimit(.minutes(2))) struct SearchShareTests {
    private static let most = 4

    private let ada = AgentName("ada")!
    private let thread = HeldThread()
    private let shares = ShareLimiter<AgentName>(most: Self.most)

    private func search() throws -> ResultSearch {
        ResultSearch(
            try CompiledRules.builtIn(hashing: OpenSSLHashing()),
            for: BrokerValueReader(on: globalConcurrentExecutor) { (_) throws(ScanFailure) in
                (BrokeredValues(key: (3, 4)), [0])
            },
            hashing: OpenSSLHashing(), on: thread, most: 2 * Self.most)
    }

    /// The thread searches nothing meanwhile, so no turn gives anything back.
    @Test func `late searches give the share of their agent back, and leave the queue`()
        async throws
    {
        let search = try search()
        for number in 1...2 * Self.most {
            let answer = await search.inspect(
                ["text"], within: .milliseconds(50), of: ada, in: shares)
            #expect(answer == .failed(.late), "search \(number)")
            // It ends on a task of its own.
            while shares.count > 0 { await Task.yield() }
            #expect(search.waiting == 0)
        }
        #expect(thread.waiting == 1, "it has not begun")
    }

    @Test func `searches that wait are the share of their agent until they have ended`()
        async throws
    {
        let search = try search()
        let waiting = (1...Self.most).map { [ada, shares] number in
            Task {
                await search.inspect(
                    ["text \(number)"], within: .seconds(60), of: ada, in: shares)
            }
        }
        while search.waiting < Self.most { await Task.yield() }
        #expect(
            await search.inspect(["text"], within: .seconds(60), of: ada, in: shares)
                == .failed(.busy))
        #expect(await thread.run() == 1)
        for task in waiting { #expect(await task.value == .clean) }
        while shares.count > 0 { await Task.yield() }
        let last = Task { [ada, shares] in
            await search.inspect(["text"], within: .seconds(60), of: ada, in: shares)
        }
        await thread.run()
        #expect(await last.value == .clean)
    }
}
