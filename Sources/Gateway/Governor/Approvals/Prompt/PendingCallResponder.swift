import InterlockApprovals
import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts

/// One call that waits for people, toward its caller: what is shown, how long the answer stays open, and
/// what the caller says to it.
struct PendingCallResponder {
    /// Of the gateway's own, in one call: to a client that answered so often at once it is over.
    static let mostRounds = 3
    /// As often as the transport sends a comment.
    static let progressEvery: Duration = .seconds(15)

    private let call: Call
    private let id: ApprovalID
    private let gateway: Gateway
    private let way: PendingCallDelivery
    private let window: Duration
    private var desk: any CallApprovals { gateway.approvals }

    init(_ recorded: RecordedCall, _ id: ApprovalID, _ gateway: Gateway) {
        call = recorded.call
        self.id = id
        self.gateway = gateway
        let settings = gateway.settings
        window = call.notices?.wantsProgress == true ? settings.longHold : settings.hold
        let kinds = call.input.map { InputKind.declared($0.declared, in: .modern) } ?? []
        way =
            gateway.approvals[id].map {
                PendingCallDelivery(
                    kinds, about: $0, pages: settings.approvalPages,
                    takesConsent: gateway.approvals.takesConsent)
            } ?? .hold
    }

    /// Waits for people, at most as long as the caller is held.
    func end(_ caller: Caller) async -> WaitOutcome {
        guard let input = call.input, way != .hold else { return await wait(caller) }
        let isModern = caller.version.isModern
        let prompt = desk[id].flatMap {
            ApprovalPrompt(way, about: $0, elicitation: isModern ? nil : gateway.input.newNonce())
        }
        // Who was told a moment ago is not asked again for repeating the call.
        let shown = prompt.flatMap { desk.mayPrompt(about: id, each: window) ? $0 : nil }
        if let parked = input as? ParkedCall { return await inRounds(parked, shown, caller) }
        guard let legacy = input as? LegacyInput, let shown else { return await wait(caller) }
        return await onStream(legacy, shown, caller)
    }

    /// In the legacy eras a client that goes away has not cancelled: its request goes on, the attempt ends.
    /// `notifications/cancelled` withdraws the request.
    private func wait(_ caller: Caller) async -> WaitOutcome {
        caller.startStream()
        let telling = call.notices.flatMap { sink in
            sink.wantsProgress ? Task { await tellWaiting(sink) } : nil
        }
        defer { telling?.cancel() }
        return await desk.wait(for: id, atMost: window, cancel: call.cancel, caller.exchange)
    }

    /// Progress for whoever asked for it, until it is cancelled. The steps are so small that whatever the server
    /// says later is more.
    private func tellWaiting(_ sink: any NotificationSink) async {
        var step: Int64 = 0
        while !Task.isCancelled {
            step += 1
            guard let progress = JSONNumber(Double(step) / 1_000_000) else { return }
            sink.progress([
                "progress": .number(progress),
                "message": .string("\(id.shown) waits for people to decide"),
            ])
            try? await Task.sleep(for: Self.progressEvery)
        }
    }

    /// The caller is asked on the stream on which it waits; people may be first.
    private func onStream(
        _ input: LegacyInput, _ prompt: ApprovalPrompt, _ caller: Caller
    ) async -> WaitOutcome {
        caller.startStream()
        let asking = Task { await take(prompt.meaning(of: await input.put([prompt.request]))) }
        let end = await wait(caller)
        asking.cancel()
        if case .decided = end, let elicitation = prompt.elicitation {
            input.complete(elicitation)
        }
        return end
    }

    /// The caller's request is answered with what it is shown, and its retry is held. A page's caller may
    /// come back twice more with nothing but the state, and is held each time.
    private func inRounds(
        _ parked: ParkedCall, _ prompt: ApprovalPrompt?, _ caller: Caller
    ) async -> WaitOutcome {
        var rounds = 0
        if let prompt, let round = await parked.park([prompt.request]) {
            rounds = 1
            await take(prompt.meaning(of: round))
            guard case .answered = round else { return .outOfTime }
        }
        while true {
            let end = await wait(parked.caller ?? caller)
            guard case .outOfTime = end, case .page = way, rounds < Self.mostRounds,
                case .answered? = await parked.park([])
            else { return end }
            rounds += 1
        }
    }

    private func take(_ answer: ApprovalPrompt.Answer) async {
        switch answer {
        case .goOn: break
        case .declined: _ = await desk.change(id, .withdraw(.declined))
        case .consented(let bind):
            if desk.takesConsent { _ = await desk.change(id, .consent(bind: bind)) }
        }
    }
}
