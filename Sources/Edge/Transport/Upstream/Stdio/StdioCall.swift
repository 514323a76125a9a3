import InterlockGateway
import InterlockJSON
import InterlockMCP
import InterlockModel

/// One tools/call to a child, from the port's `call` to its answer. On the session's loop.
final class StdioCall: @unchecked Sendable {
    private let call: UpstreamCall
    private let session: StdioSession
    private var continuation: CheckedContinuation<UpstreamAnswer, Never>?
    private var process: StdioProcess?
    private var id: Int64 = 0
    private var idleTimer: LoopTimer?
    private var hardTimer: LoopTimer?
    /// The child was killed for this call's halt; the call ends with it.
    private var isHalted = false

    init(
        _ call: UpstreamCall, session: StdioSession,
        _ continuation: CheckedContinuation<UpstreamAnswer, Never>
    ) {
        self.call = call
        self.session = session
        self.continuation = continuation
    }

    func start() {
        call.cancel.onCancel { [weak self] cause in
            guard let self else { return }
            self.session.loop.perform { self.cancel(cause) }
        }
        hardTimer = session.loop.schedule(after: call.hardLimit) { [weak self] in self?.timeOut() }
        session.ready { result in
            switch result {
            case .success(let process): self.send(to: process)
            case .failure(let trouble):
                self.finish(.failed(.notExecuted, reason: trouble.description))
            }
        }
    }

    private func send(to process: StdioProcess) {
        guard continuation != nil else { return }
        self.process = process
        id = session.shared.nextID()
        let message = UpstreamMessages.callTool(
            id: id, name: call.address.tool.text, arguments: call.arguments,
            wantsProgress: call.progress != nil)
        awaitSign()
        process.request(
            id, message,
            progress: { params in
                self.awaitSign()
                self.call.progress?(params)
            },
            reply: { self.end($0) })
    }

    private func awaitSign() {
        if let idleTimer { session.loop.cancel(idleTimer) }
        guard continuation != nil else { return }
        idleTimer = session.loop.schedule(after: call.idleLimit) { [weak self] in self?.timeOut() }
    }

    private func end(_ reply: StdioProcess.Reply) {
        switch reply {
        case .result(let result): finish(.result(result, bytes: result.serialized()))
        case .error(let error): finish(.rpcError(code: error.code, message: error.message))
        case .ended(_, let wasSent) where isHalted: finish(.cancelled(confirmed: !wasSent))
        case .ended(let reason, let wasSent):
            finish(.failed(wasSent ? .unknown : .notExecuted, reason: reason))
        }
    }

    private func timeOut() {
        finish(.timedOut(abandon("timeout") ? .unknown : .notExecuted))
    }

    private func cancel(_ cause: CancelToken.Cause) {
        guard continuation != nil else { return }
        guard cause == .halt, let process else {
            return finish(.cancelled(confirmed: !abandon("the caller has cancelled")))
        }
        // A server that reads one call after the other would go on with those in its pipe.
        if process.halt(id) { return finish(.cancelled(confirmed: true)) }
        isHalted = true
    }

    /// - Returns: whether the server may have got the call; then it has been told.
    private func abandon(_ reason: String) -> Bool {
        guard continuation != nil, let process, process.forget(id) else { return false }
        process.notify(UpstreamMessages.cancelled(id: id, reason: reason))
        return true
    }

    private func finish(_ answer: UpstreamAnswer) {
        guard let continuation else { return }
        self.continuation = nil
        for timer in [idleTimer, hardTimer] {
            if let timer { session.loop.cancel(timer) }
        }
        continuation.resume(returning: answer)
        session.rest()
    }
}
