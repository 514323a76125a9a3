import InterlockJSON
import InterlockMCP
import InterlockPorts

/// Passes the requests for input that a legacy server makes during a call to the caller, one after the other. Used on
/// one loop.
///
/// INVARIANT: a server's question reaches only the caller of its call, and only if the call declared it. Kept by
/// `LegacyQuestionTests`, `StdioEraTests`, `InputRoundsTests`.
final class CallQuestions: @unchecked Sendable {
    /// The call; its clock is paused while people answer.
    protocol Host: AnyObject, Sendable {
        func pause()
        func resume()
        /// Sends an answer to the server.
        func tell(_ answer: [UInt8])
        /// Ends and cancels the call upstream, because the caller is gone.
        func abandon(_ reason: String)
    }

    private let input: any InputSink
    private let loop: EventLoop
    private weak var host: (any Host)?
    private var waiting: [InputRequest] = []
    /// The ids of the waiting requests, for their answers.
    private var ids: [RequestID] = []
    private var isAsking = false
    private var count = 0

    /// - Parameter input: nil if no requests for input are allowed; the initializer then returns nil.
    init?(_ input: (any InputSink)?, host: any Host, loop: EventLoop) {
        guard let input else { return nil }
        self.input = input
        self.host = host
        self.loop = loop
    }

    /// - Returns: false if the request is not an allowed request for input; the caller must then answer it.
    func take(_ asked: JSONRPCRequest) -> Bool {
        guard let method = InputRequest.Method(rawValue: asked.method),
            input.declared[method.capability] != nil, count < InputRounds.maximum
        else { return false }
        count += 1
        waiting.append(
            // A key of our own: the ids of servers are not passed on.
            InputRequest(key: "input-\(count)", method: method, params: asked.params))
        ids.append(asked.id)
        next()
        return true
    }

    private func next() {
        guard !isAsking, let request = waiting.first, let host else { return }
        waiting.removeFirst()
        let id = ids.removeFirst()
        isAsking = true
        host.pause()
        Task(executorPreference: loop) {
            let round = await self.input.ask([request])
            self.heard(round, to: request, id)
        }
    }

    private func heard(_ round: InputRound, to request: InputRequest, _ id: RequestID) {
        isAsking = false
        guard let host else { return }
        host.resume()
        switch round {
        case .abandoned(let reason): host.abandon(reason)
        case .answered(let answers):
            let answer = answers[request.key] ?? .refused(.unknownMethod(request.method.rawValue))
            host.tell(UpstreamMessages.answer(to: id, answer))
            next()
        }
    }
}
