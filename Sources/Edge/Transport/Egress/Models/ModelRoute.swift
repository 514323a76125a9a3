import InterlockEgress
import InterlockJSON
package import InterlockPorts

/// Serves `/model/<name>/…` of one run's proxy: a request goes to the provider of that entry of `models` with its key,
/// which is never inside (docs/specs/sandbox.md, section 7). Each request is one connection that the gateway decides and
/// records.
///
/// Everything happens on the loop of the proxy. May be created on any thread.
package final class ModelRoute: RequestHandler, @unchecked Sendable {
    let parts: EgressProxyParts
    let loop: EventLoop
    let authorities: TLSAuthorities?
    let client: HTTPClient
    private let providers: [ModelProvider]

    // Used only on the loop.
    private var calls: [UInt64: ModelCall] = [:]
    /// The refusals that are being reported.
    private var reports = 0
    private var lastNumber = ModelRoute.firstNumber
    private var isStopped = false
    /// The callers that wait until nothing is left.
    private var idlers: [CheckedContinuation<Void, Never>] = []

    /// The largest answer, in bytes.
    package static let answerLimitBytes = 32 << 20
    /// The numbers of the proxy's own connections are smaller.
    private static let firstNumber: UInt64 = 1 << 31
    private static let prefix = "/model/"

    /// - Parameters:
    ///   - parts: those of the proxy; its `routes` are not used.
    ///   - loops: a single loop, that of the proxy.
    ///   - authorities: certificate authorities in addition to those of the system.
    package init(
        _ providers: [ModelProvider], _ parts: EgressProxyParts, loops: LoopGroup,
        authorities: TLSAuthorities? = nil
    ) {
        self.providers = providers
        self.parts = parts
        self.authorities = authorities
        loop = loops.loops[0]
        client = HTTPClient(loop: loop)
    }

    /// Returns whether a request is one of this route.
    package static func serves(_ head: RequestHead) -> Bool { head.path.hasPrefix(prefix) }

    /// Ends all calls. Nothing is sent to any provider after the return; outcomes may still be on their way to the
    /// authorizer.
    package func stop() async {
        await withCheckedContinuation { continuation in
            loop.perform {
                self.isStopped = true
                for call in self.calls.values { call.stop(.stopped) }
                continuation.resume()
            }
        }
    }

    /// Returns once the authorizer has all outcomes.
    package func waitUntilIdle() async {
        await withCheckedContinuation { continuation in
            loop.perform {
                if self.isIdle { return continuation.resume() }
                self.idlers.append(continuation)
            }
        }
    }

    private var isIdle: Bool { calls.isEmpty && reports == 0 }

    private func resumeIfIdle() {
        guard isIdle else { return }
        let idlers = idlers
        self.idlers = []
        for idler in idlers { idler.resume() }
    }

    // MARK: requests

    package func judge(_ head: RequestHead) -> HeadDecision {
        guard let host = head["host"], host.utf8.elementsEqual(OwnRoute.authority.utf8) else {
            return .refuse(.plain(421, "this Host is not served here"))
        }
        guard let (name, _) = Self.place(of: head) else {
            return .refuse(.plain(404, "no such path; models are at /model/<name>/"))
        }
        guard ["GET", "POST"].contains(where: { sameBytes($0, head.method) }) else {
            return .refuse(.plain(405, "a model is asked with GET or POST", ("allow", "GET, POST")))
        }
        guard provider(name) != nil else {
            report(EgressRefusal(.noRule, "no entry of `models` has this name"))
            return .refuse(
                .plain(EgressReason.noRule.httpStatus, EgressReason.noRule.rawValue))
        }
        return .readBody(limitBytes: ModelPrompt.limits.bytes)
    }

    package func handle(_ head: RequestHead, body: [UInt8], _ exchange: any Exchange) async {
        guard !isStopped, let (name, path) = Self.place(of: head), let provider = provider(name)
        else { return exchange.respond(.plain(503, "the run ends")) }
        lastNumber += 1
        let number = lastNumber
        let call = ModelCall(self, provider, number: number, path: path, head, body, exchange)
        calls[number] = call
        await call.run()
        loop.perform {
            self.calls[number] = nil
            self.resumeIfIdle()
        }
    }

    /// The name of the entry, and the path at its provider.
    private static func place(of head: RequestHead) -> (name: String, path: String)? {
        let target = head.path + (head.query.map { "?" + $0 } ?? "")
        guard case .model(let name, let path)? = OwnRoute(target: target) else { return nil }
        return (name, path)
    }

    private func provider(_ name: String) -> ModelProvider? {
        providers.first { sameBytes($0.upstream.name, name) }
    }

    /// Reports a request that names no provider.
    private func report(_ refusal: EgressRefusal) {
        reports += 1
        Task(executorPreference: loop) {
            await self.parts.authorizer.refused(nil, refusal)
            self.loop.perform {
                self.reports -= 1
                self.resumeIfIdle()
            }
        }
    }
}
