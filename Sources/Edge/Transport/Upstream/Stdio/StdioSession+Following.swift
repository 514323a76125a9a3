import InterlockJSON
import InterlockMCP

extension StdioSession {
    /// Handles an update of a resource; must be called on the loop.
    func heard(_ uri: String) {
        guard let listener = self.listener else {
            shared.note(.strayUpdate)
            return
        }
        listener.heard(uri)
    }

    /// Follows resources; the child is kept running while any are followed.
    func follow(_ listener: ResourceUpdateListener) async {
        await Task(executorPreference: loop) {
            self.callBegan()
            self.listener = listener
            if let process = await self.child(for: listener) {
                if process.version?.isModern == true {
                    await self.followModern(listener, process)
                } else {
                    await self.followLegacy(listener, process)
                }
            }
            self.listener = nil
            self.callEnded()
        }.value
    }

    /// INVARIANT: a halt takes effect before children are ended, on this loop; so a later request detects it here.
    private func child(for listener: ResourceUpdateListener) async -> StdioProcess? {
        await withCheckedContinuation { continuation in
            guard shared.mayBeAsked, !listener.wanted.isEmpty else {
                return continuation.resume(returning: nil)
            }
            ready { continuation.resume(returning: try? $0.get()) }
        }
    }

    private func isThere(_ process: StdioProcess) -> Bool {
        self.process === process && process.isRunning
    }

    private func followModern(_ listener: ResourceUpdateListener, _ process: StdioProcess) async {
        guard let version = process.version else { return }
        while isThere(process), shared.mayBeAsked {
            let wanted = listener.wanted
            guard !wanted.isEmpty else { return }
            let id = shared.nextID()
            var isOver = false
            let listen = UpstreamMessages.listen(
                id: id, to: [], resources: wanted.sorted().texts, shared.envelope(version))
            process.request(id, listen) { _ in
                isOver = true
                listener.wake()
            }
            while isThere(process), !isOver, listener.wanted == wanted { await listener.wait() }
            guard isThere(process), !isOver else { return }
            _ = process.forget(id)
            process.notify(
                UpstreamMessages.cancelled(id: id, reason: "other resources are followed"))
            await loop.sleep(for: ResourceUpdateListener.gathering)
        }
    }

    private func followLegacy(_ listener: ResourceUpdateListener, _ process: StdioProcess) async {
        let asked = Asked(limits.firstRetry)
        while isThere(process), shared.mayBeAsked {
            let wanted = listener.wanted
            for uri in asked.tries.over(wanted) {
                asked.tries.forget(uri)
                subscription(.unsubscribe, to: uri, process) { _ in }
            }
            while let uri = asked.tries.next(of: wanted, at: loop.now) {
                subscription(.subscribe, to: uri, process) { [loop] stands in
                    if stands { return asked.tries.stands() }
                    asked.tries.fails(uri, at: loop.now)
                    listener.wake()
                }
            }
            if wanted.isEmpty { return }
            if isThere(process), listener.wanted == wanted {
                await listener.wait(
                    asked.tries.pauseLeft(at: loop.now) ?? ResourceUpdateListener.longestSleep)
            }
        }
    }

    /// The subscriptions that were requested. Used on the loop; answers arrive later.
    private final class Asked: @unchecked Sendable {
        var tries: SubscriptionTries
        init(_ firstPause: Duration) { tries = SubscriptionTries(firstPause: firstPause) }
    }

    /// Sends the request without waiting for its answer: updates count even from a child that does not answer.
    ///
    /// - Parameter then: receives true if the subscription is active, or if the server does not know the resource,
    ///   which is not retried.
    private func subscription(
        _ method: CallMethod, to uri: String, _ process: StdioProcess,
        _ then: @escaping (_ stands: Bool) -> Void
    ) {
        let id = shared.nextID()
        ask(
            process, id, UpstreamMessages.subscription(method, id: id, uri: uri),
            patience: limits.subscribing
        ) { [shared] answer in
            switch answer {
            case .reply(.error(let error)) where error.code == JSONRPCError.methodNotFound:
                shared.refusesSubscriptions()
            case .reply(.error(let error)) where error.code == JSONRPCError.internalError:
                then(false)
            case .late:
                shared.report(
                    .failed(shared.server, reason: "\(method.rawValue): no answer in time"))
                then(false)
            case .reply: then(true)
            }
        }
    }
}
