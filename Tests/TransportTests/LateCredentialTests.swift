import InterlockAdministration
import InterlockGovernor
import InterlockMCP
import InterlockModel
import InterlockPorts
import InterlockTransport
import Synchronization
import Testing

/// Credentials that are never available without waiting.
private final class LateCredentials: UpstreamCredentials {
    private let value = Mutex<String?>("Bearer late")
    func end() { value.withLock { $0 = nil } }

    func known(_ agent: AgentName?) -> KnownCredential { .toGet }
    func get(
        _ agent: AgentName?
    ) async -> Result<UpstreamCredential?, CredentialFailure> {
        guard let value = value.withLock({ $0 }) else {
            return .failure(CredentialFailure("it is gone"))
        }
        return .success(UpstreamCredential(header: "Authorization", value: value))
    }
    func refused(
        _ credential: UpstreamCredential?, of agent: AgentName?, status: Int,
        _ challenge: BearerChallenge?
    ) async -> CredentialVerdict { .giveUp }
    func exhausted(_ credential: UpstreamCredential?, of agent: AgentName?) {}
}

@Suite(.serialized, .timeLimit(.minutes(2))) struct LateCredentialTests {
    private static func unproven(_ upstream: FakeUpstream) -> [String] {
        upstream.requests.withLock { requests in
            requests.filter { request in
                !request.head.headers.contains { $0.name.lowercased() == "authorization" }
            }.map(\.method)
        }
    }

    @Test(arguments: [true, false])
    func `a message of a session waits for its credential, and does not leave without`(
        isThere: Bool
    ) async throws {
        let credentials = LateCredentials()
        let arrived = Signal()
        let gone = Signal()
        let upstream = FakeUpstream(onCall: { _, exchange in
            arrived.set()
            await gone.wait()
            exchange.respond(HTTPResponse(status: 202))
        })
        var limits = UpstreamLimits()
        limits.cancelling = isThere ? .seconds(60) : .milliseconds(300)
        try await HTTPUpstreamTests.withUpstream(upstream, limits: limits, credentials: credentials)
        {
            pool in
            let cancel = CancelToken()
            let call = try Names.call(cancel: cancel)
            let answer = Task { await pool.call(call) }
            await arrived.wait()
            if !isThere { credentials.end() }
            cancel.cancel(.client)
            #expect(await answer.value.summary == "cancelled false")
            gone.set()
            for _ in 0..<(isThere ? 30_000 : 50)
            where !upstream.methods().contains("notifications/cancelled") {
                try await Task.sleep(for: .milliseconds(2))
            }
            #expect(upstream.methods().contains("notifications/cancelled") == isThere)
        }
        #expect(Self.unproven(upstream) == [])
    }
}
