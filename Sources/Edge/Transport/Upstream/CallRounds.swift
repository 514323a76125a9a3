import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts

/// The rounds of one call in which its server requests input before it continues, and the step after each of its
/// responses. Used on one loop.
///
/// INVARIANT: a call whose stream was interrupted at its server is never sent again for that. Kept by
/// `InterruptionTests`, `test_resumption.py`.
final class CallRounds: @unchecked Sendable {
    protocol Host: CallQuestions.Host {
        /// True until the call is answered.
        var isWaiting: Bool { get }
        var isCancelled: Bool { get }
        /// Sends the next round.
        func proceed()
        func finish(_ answer: UpstreamResponse)
    }

    private let input: (any InputSink)?
    private let loop: EventLoop
    private weak var host: (any Host)?
    private var rounds = InputRounds()

    init(_ input: (any InputSink)?, host: any Host, loop: EventLoop) {
        self.input = input
        self.host = host
        self.loop = loop
    }

    /// The capabilities that the server may request input for.
    var declared: JSONObject { input?.declared ?? [:] }
    /// The input for the next request, or nil in the first round.
    var retry: InputRetry? { rounds.retry }

    /// Handles a result of a modern server.
    func take(_ result: JSONObject) {
        let declared = declared
        go { (rounds: inout InputRounds) throws(UpstreamProtocolError) in
            try rounds.take(result, declared: declared)
        } complete: {
            .result(result, bytes: result.serialized())
        }
    }

    /// Handles an error of a legacy server.
    func take(_ error: JSONRPCError) {
        let declared = declared
        go { (rounds: inout InputRounds) throws(UpstreamProtocolError) in
            try rounds.take(error, declared: declared) ?? .complete
        } complete: {
            .rpcError(code: error.code, message: error.message)
        }
    }

    private func go(
        _ next: (inout InputRounds) throws(UpstreamProtocolError) -> InputRounds.Step,
        complete: () -> UpstreamResponse
    ) {
        guard let host else { return }
        let step: InputRounds.Step
        do throws(UpstreamProtocolError) { step = try next(&rounds) } catch {
            return host.finish(.failed(.unknown, reason: error.description))
        }
        switch step {
        case .complete: host.finish(complete())
        // The caller cancelled in the meantime, so no input is requested.
        case .again where host.isCancelled, .ask where host.isCancelled:
            host.finish(.cancelled(confirmed: false))
        // Only the scheduled step keeps the call alive.
        case .again(let pause): _ = loop.schedule(after: pause) { host.proceed() }
        case .ask(let requests):
            guard let input else { return host.finish(complete()) }
            host.pause()
            Task(executorPreference: loop) {
                let round = await input.ask(requests)
                self.heard(round, host)
            }
        }
    }

    private func heard(_ round: InputRound, _ host: any Host) {
        guard host.isWaiting, !host.isCancelled else { return }
        host.resume()
        switch round {
        case .abandoned(let reason): host.finish(.failed(.unknown, reason: reason))
        case .answered(let answers):
            do throws(UpstreamProtocolError) { try rounds.answered(answers) } catch {
                return host.finish(.failed(.failed, reason: error.description))
            }
            host.proceed()
        }
    }
}
