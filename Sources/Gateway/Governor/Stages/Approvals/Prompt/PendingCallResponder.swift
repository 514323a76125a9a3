import InterlockApprovals
import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts

/// Serves the caller of one call that waits for people: displays the prompt, holds the response open, and takes the
/// caller's answer.
struct PendingCallResponder {
    /// The most rounds of the gateway itself in one call; a client that answers each at once gets no more.
    static let mostRounds = 3
    /// The interval of progress messages, equal to that of the transport's keep-alive comments.
    static let progressEvery: Duration = .seconds(15)

    private let call: Call
    private let id: ApprovalID
    private let gateway: Gateway
    private let way: PendingCallDelivery
    private let window: Duration
    private var service: any CallApprovals { gateway.approvals }

    init(_ recorded: RecordedCall, _ id: ApprovalID, _ gateway: Gateway) {
        call = recorded.call
        self.id = id
        self.gateway = gateway
        let settings = gateway.settings
        let held = call.notices?.wantsProgress == true ? settings.longHold : settings.hold
        window = call.host.map { min($0.patience, held) } ?? held
        let kinds = call.input.map { InputKind.declared($0.declared, in: .modern) } ?? []
        way =
            gateway.approvals[id].map {
                PendingCallDelivery(
                    kinds, about: $0, pages: settings.approvalPages,
                    takesConsent: gateway.approvals.takesConsent)
            } ?? .hold
    }

    /// Waits for people, at most as long as the caller may be held.
    func end(_ caller: Caller) async -> WaitOutcome {
        guard let input = call.input, way != .hold else { return await wait(caller) }
        let isModern = caller.version.isModern
        let prompt = service[id].flatMap {
            ApprovalPrompt(way, about: $0, elicitation: isModern ? nil : gateway.input.newNonce())
        }
        // A caller that was prompted recently is not prompted again for repeating the call.
        let shown = prompt.flatMap { service.mayPrompt(about: id, each: window) ? $0 : nil }
        if let parked = input as? ParkedCall { return await inRounds(parked, shown, caller) }
        guard let legacy = input as? LegacyInput, let shown else { return await wait(caller) }
        return await onStream(legacy, shown, caller)
    }

    /// Waits for people's decision, and sends progress meanwhile. If a client of the legacy eras disconnects, its
    /// request stays open and only the attempt ends. `notifications/cancelled` withdraws the request.
    private func wait(_ caller: Caller) async -> WaitOutcome {
        caller.startStream()
        let telling = call.notices.flatMap { sink in
            sink.wantsProgress ? Task { await tellWaiting(sink) } : nil
        }
        defer { telling?.cancel() }
        return await service.wait(for: id, atMost: window, cancel: call.cancel, caller.exchange)
    }

    /// Sends progress until it is cancelled. The steps are so small that the server's own later progress is always
    /// larger.
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

    /// Prompts the caller on the stream on which it waits; people may decide first.
    private func onStream(
        _ input: LegacyInput, _ prompt: ApprovalPrompt, _ caller: Caller
    ) async -> WaitOutcome {
        caller.startStream()
        let asking = Task { await take(prompt.meaning(of: await input.put([.own(prompt)]))) }
        let end = await wait(caller)
        asking.cancel()
        if case .decided = end, let elicitation = prompt.elicitation { input.complete(elicitation) }
        return end
    }

    /// Answers the caller's request with the prompt, and holds its retry. The caller of a page may retry twice more
    /// with only the state, and is held each time.
    private func inRounds(
        _ parked: ParkedCall, _ prompt: ApprovalPrompt?, _ caller: Caller
    ) async -> WaitOutcome {
        var rounds = 0
        if let prompt, let round = await parked.park([.own(prompt)]) {
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

    private func take(_ answer: ApprovalPrompt.Choice) async {
        switch answer {
        case .goOn: break
        case .declined: _ = await service.change(id, .withdraw(.declined))
        case .consented(let bind):
            if service.takesConsent { _ = await service.change(id, .consent(bind: bind)) }
        }
    }
}
