import InterlockJSON
import InterlockMCP
import InterlockModel
import Synchronization

extension HTTPSession {
    /// The response that carries notifications of changes. Used on its client's loop.
    private final class Listening: @unchecked Sendable {
        var isOver = false
        var hasBegun = false
        /// The refusal of the stream, if any.
        var refusal: (status: Int, head: ClientHead)?
        let ready: Ready

        init(_ ready: Ready) { self.ready = ready }
    }

    func heard(_ uri: String) {
        guard let listener = self.listener.withLock({ $0 }) else {
            shared.note(.strayUpdate)
            return
        }
        listener.heard(uri)
    }

    func follow(_ listener: ResourceUpdateListener) async {
        self.listener.withLock { $0 = listener }
        await clients.onLoop { client in
            guard self.mayAsk, !listener.wanted.isEmpty,
                case .success(let opened) = await self.open(client)
            else { return }
            if opened.version.isModern {
                await self.followModern(listener, client, opened)
            } else {
                await self.followLegacy(listener, client, opened)
            }
        }
        self.listener.withLock { $0 = nil }
    }

    private var mayAsk: Bool { !hasEnded && shared.mayBeAsked }

    /// Returns the credential for the next request only, since a stream outlives its credential. Returns nil if no
    /// request may be sent, which is checked again at the end because fetching a credential may take long.
    private func ready(_ opened: Opened) async -> Ready? {
        guard mayAsk, case .success(let credential) = await credential(), mayAsk else {
            return nil
        }
        return Ready(opened: opened, credential: credential)
    }

    /// Sends one listen request for all wanted resources; a changed set requires a new one.
    private func followModern(
        _ listener: ResourceUpdateListener, _ client: HTTPClient, _ opened: Opened
    )
        async
    {
        while !listener.wanted.isEmpty, let ready = await ready(opened) {
            let wanted = listener.wanted
            guard !wanted.isEmpty else { return }
            let listening = Listening(ready)
            let post = listen(listener, to: wanted, client, listening)
            while !listening.isOver, mayAsk, listener.wanted == wanted { await listener.wait() }
            post.cancel()
            if listening.isOver { return await renew(listening) }
            await client.loop.sleep(for: ResourceUpdateListener.gathering)
        }
    }

    /// Opens the session's standing stream, then subscribes to each resource. Only new resources are requested; failed
    /// ones are retried later.
    private func followLegacy(
        _ listener: ResourceUpdateListener, _ client: HTTPClient, _ opened: Opened
    )
        async
    {
        guard let ready = await ready(opened), !listener.wanted.isEmpty else { return }
        let listening = Listening(ready)
        let post = listen(listener, to: nil, client, listening)
        defer { post.cancel() }
        // A server sends no updates before its stream exists.
        let end = client.loop.nowNanoseconds + limits.subscribing.nanosecondsClamped
        while !listening.hasBegun, !listening.isOver, client.loop.nowNanoseconds < end {
            await listener.wait(limits.subscribing)
        }
        var tries = SubscriptionTries(firstPause: limits.firstRetry)
        while !listening.isOver, mayAsk {
            let wanted = listener.wanted
            for uri in tries.over(wanted) {
                switch await subscription(.unsubscribe, to: uri, listener, client, opened) {
                case .stands, .trouble: tries.forget(uri)
                case .unwanted: continue
                case .over: return
                }
            }
            while !listening.isOver, let uri = tries.next(of: wanted, at: client.loop.now) {
                switch await subscription(.subscribe, to: uri, listener, client, opened) {
                case .stands: tries.stands()
                case .trouble: tries.fails(uri, at: client.loop.now)
                case .unwanted: tries.forget(uri)
                case .over: return
                }
                guard listener.wanted == wanted else { break }
            }
            if wanted.isEmpty { return }
            if !listening.isOver, mayAsk, listener.wanted == wanted {
                await listener.wait(
                    tries.pauseLeft(at: client.loop.now) ?? ResourceUpdateListener.longestSleep)
            }
        }
        await renew(listening)
    }

    /// Renews a rejected credential, so that the next request uses another one.
    private func renew(_ listening: Listening) async {
        var tries = CredentialTries()
        guard let (status, head) = listening.refusal, tries.take(status) else { return }
        _ = await verdict(listening.ready.credential, status, head)
    }

    /// - Parameter resources: nil for the standing stream of the legacy eras.
    private func listen(
        _ listener: ResourceUpdateListener, to resources: Set<ExactText>?, _ client: HTTPClient,
        _ listening: Listening
    ) -> MCPPostExchange {
        let opened = listening.ready.opened
        let id = shared.nextID()
        let post = MCPPostExchange(
            client: client, id: resources == nil ? nil : id,
            onMessage: { self.take($0, client, in: opened) },
            onOutcome: { head, outcome in
                listening.isOver = true
                if case .refused(let status, _) = outcome { listening.refusal = (status, head) }
                _ = self.contradiction(opened, in: outcome)
                listener.wake()
            })
        post.onHead = {
            listening.hasBegun = true
            listener.wake()
        }
        post.start(self.listening(opened, id, resources: resources, listening.ready.credential))
        return post
    }

    private enum Asked {
        /// The subscription is active, or the server does not know the resource, which is not retried.
        case stands
        case trouble
        /// Not sent: the listener meanwhile wants the opposite.
        case unwanted
        /// The session was replaced, or no request may be sent any more.
        case over
    }

    private func subscription(
        _ method: CallMethod, to uri: String, _ listener: ResourceUpdateListener,
        _ client: HTTPClient,
        _ opened: Opened
    ) async -> Asked {
        guard let ready = await ready(opened) else { return .over }
        guard listener.wanted.contains(uri) == (method == .subscribe) else { return .unwanted }
        let id = shared.nextID()
        var asked = request(
            UpstreamMessages.subscription(method, id: id, uri: uri), in: opened, ready.credential)
        asked.hardLimit = limits.subscribing
        let whole = asked
        let outcome: MCPPostExchange.Outcome = await withCheckedContinuation { continuation in
            MCPPostExchange(
                client: client, id: id, onMessage: { self.take($0, client, in: opened) },
                onOutcome: { continuation.resume(returning: $1) }
            ).start(whole)
        }
        guard case .none = contradiction(opened, in: outcome) else { return .over }
        switch outcome {
        case .error(let error) where error.code == JSONRPCError.methodNotFound,
            .refused(_, let error?) where error.code == JSONRPCError.methodNotFound:
            shared.refusesSubscriptions()
            return .over
        case .error(let error) where error.code != JSONRPCError.internalError: return .stands
        case .result: return .stands
        case .error, .accepted, .refused, .failed, .garbage, .exceeded, .interrupted:
            shared.report(.failed(shared.server, reason: "\(method.rawValue): \(trouble(outcome))"))
            return .trouble
        }
    }
}
