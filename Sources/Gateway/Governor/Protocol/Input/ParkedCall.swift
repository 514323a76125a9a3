import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts
import Synchronization

/// A modern call whose server may ask for input. The call runs on while its requests come and go: each request waits
/// for the next turn, which is the call's end or input requests that another request answers.
final class ParkedCall: SearchedInputSink {
    enum Turn: Sendable {
        case ended(CallEnd)
        case asked([SearchedInput])
    }
    private struct State {
        var turn: Turn?
        var waiting: CheckedContinuation<Turn, Never>?
        /// The round that waits for a retry, by the keys that the client knows.
        var wait: InputWait?
        var asked: [SearchedInput] = []
        /// The answers that came with the call itself, for the first round.
        var offered: JSONObject
        /// The caller of the open request, or of the last one.
        var caller: Caller?
    }

    let id: CallID
    let owner: SessionOwner
    let declared: JSONObject
    let era = Era.modern
    let cancel: CancelToken
    let notices: CallNotifier
    private let service: InputRequestService
    private let state: Mutex<State>

    /// - Parameter offered: the `inputResponses` of a call that retries no parked call; they are used if the server
    ///   asks for exactly these, and pass the same checks as all answers.
    init(
        _ id: CallID, _ kinds: Set<InputKind>, owner: SessionOwner, cancel: CancelToken,
        service: InputRequestService, notices: CallNotifier, offered: JSONObject = [:]
    ) {
        state = Mutex(State(offered: offered))
        self.id = id
        self.owner = owner
        declared = InputKind.capabilities(kinds)
        self.cancel = cancel
        self.service = service
        self.notices = notices
    }

    /// Returns the input requests as the response to the open request, and continues with its retry. If too many calls
    /// of the caller are parked, declines them.
    func ask(_ requests: [SearchedInput]) async -> InputRound {
        if let answers = takeOffered(requests) { return .answered(answers) }
        return await park(requests.map { $0.identified(as: nil) })
            ?? .answered(
                Dictionary(
                    uniqueKeysWithValues: requests.map {
                        (ExactText($0.key), $0.request.declined)
                    }))
    }

    /// Answers the open request with `shown` and waits for its retry. If `shown` is empty, waits only for the retry.
    ///
    /// - Returns: nil if too many calls of the caller are parked.
    func park(_ shown: [SearchedInput]) async -> InputRound? {
        guard service.parking.enter(self) else { return nil }
        defer { service.parking.leave(self) }
        let wait = InputWait(for: shown.map(\.key))
        cancel.onCancel { _ in wait.abandon("the call was cancelled") }
        state.withLock { state in
            state.wait = wait
            state.asked = shown
        }
        notices.rest()
        give(.asked(shown))
        let round = await wait.value(atMost: service.patience)
        state.withLock { state in
            state.wait = nil
            state.asked = []
        }
        return round
    }

    /// Returns the offered answers if the call brought one for each request of its first round.
    private func takeOffered(_ requests: [SearchedInput]) -> [ExactText: InputResponse]? {
        let offered = state.withLock { state in
            defer { state.offered = [:] }
            return state.offered
        }
        return offered.isEmpty ? nil : Self.answers(offered, to: requests)
    }

    /// The input requests that wait for a retry; is nil while the call runs or after it has ended.
    var asked: [SearchedInput]? { state.withLock { $0.wait == nil ? nil : $0.asked } }

    /// The request that is open now, if one is.
    var caller: Caller? {
        get { state.withLock { $0.caller } }
        set { state.withLock { $0.caller = newValue } }
    }

    /// - Returns: an answer to each input request, or nil if one is missing or not an object. Other responses are
    ///   ignored.
    static func answers(
        _ responses: JSONObject, to asked: [SearchedInput]
    ) -> [ExactText: InputResponse]? {
        var answers: [ExactText: InputResponse] = [:]
        for request in asked.map(\.request) {
            guard let response = responses[request.key]?.object else { return nil }
            answers[request.key] = request.answer(response)
        }
        return answers
    }

    func resume(_ answers: [ExactText: InputResponse]) {
        let wait = state.withLock { $0.wait }
        for (key, answer) in answers { wait?.answer(key.text, answer) }
        wait?.goOn()
    }

    func finish(_ end: CallEnd) { give(.ended(end)) }

    /// Waits for the next turn; only one request may wait at a time.
    func turn() async -> Turn {
        await withCheckedContinuation { continuation in
            let turn = state.withLock { state -> Turn? in
                if let turn = state.turn {
                    state.turn = nil
                    return turn
                }
                state.waiting = continuation
                return nil
            }
            if let turn { continuation.resume(returning: turn) }
        }
    }

    private func give(_ turn: Turn) {
        let waiting = state.withLock { state in
            defer { state.waiting = nil }
            if state.waiting == nil { state.turn = turn }
            return state.waiting
        }
        waiting?.resume(returning: turn)
    }
}
