import InterlockMCP

extension StdioSession {
    /// On the loop.
    func heard(_ uri: String) {
        guard let ear = self.ear else {
            shared.note(.strayUpdate)
            return
        }
        ear.heard(uri)
    }

    /// The child stays for as long as somebody follows what it has.
    func follow(_ ear: ResourceEar) async {
        await Task(executorPreference: loop) {
            self.callBegan()
            self.ear = ear
            if let process = await self.child(for: ear) {
                if process.version?.isModern == true {
                    await self.followModern(ear, process)
                } else {
                    await self.followLegacy(ear, process)
                }
            }
            self.ear = nil
            self.callEnded()
        }.value
    }

    /// INVARIANT: a halt is in force before children are told to end, on this loop; so whatever comes after
    /// that sees it here.
    private func child(for ear: ResourceEar) async -> StdioProcess? {
        await withCheckedContinuation { continuation in
            guard shared.mayBeAsked, !ear.wanted.isEmpty else {
                return continuation.resume(returning: nil)
            }
            ready { continuation.resume(returning: try? $0.get()) }
        }
    }

    private func isThere(_ process: StdioProcess) -> Bool {
        self.process === process && process.isRunning
    }

    private func followModern(_ ear: ResourceEar, _ process: StdioProcess) async {
        guard let version = process.version else { return }
        while isThere(process), shared.mayBeAsked {
            let wanted = ear.wanted
            guard !wanted.isEmpty else { return }
            let id = shared.nextID()
            var isOver = false
            let listen = UpstreamMessages.listen(
                id: id, to: [], resources: wanted.sorted(), shared.envelope(version))
            process.request(id, listen) { _ in
                isOver = true
                ear.wake()
            }
            while isThere(process), !isOver, ear.wanted == wanted { await ear.wait() }
            guard isThere(process), !isOver else { return }
            _ = process.forget(id)
            process.notify(
                UpstreamMessages.cancelled(id: id, reason: "other resources are followed"))
            await loop.sleep(for: ResourceEar.gathering)
        }
    }

    private func followLegacy(_ ear: ResourceEar, _ process: StdioProcess) async {
        var known: Set<String> = []
        while isThere(process), shared.mayBeAsked {
            let wanted = ear.wanted
            for uri in known.subtracting(wanted).sorted() {
                subscription(.unsubscribe, to: uri, process)
            }
            for uri in wanted.subtracting(known).sorted() {
                subscription(.subscribe, to: uri, process)
            }
            known = wanted
            if wanted.isEmpty { return }
            if isThere(process), ear.wanted == wanted { await ear.wait() }
        }
    }

    /// Nobody waits for the answer: a child that gives none is heard all the same.
    private func subscription(_ method: CallMethod, to uri: String, _ process: StdioProcess) {
        let id = shared.nextID()
        ask(
            process, id, UpstreamMessages.subscription(method, id: id, uri: uri),
            patience: limits.subscribing
        ) { [shared] answer in
            switch answer {
            case .reply(.error(let error)) where error.code == JSONRPCError.methodNotFound:
                shared.refusesSubscriptions()
            case .late:
                shared.report(
                    .failed(shared.server, reason: "\(method.rawValue): no answer in time"))
            case .reply: break
            }
        }
    }
}
