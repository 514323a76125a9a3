import InterlockJSON
import InterlockMCP
import InterlockModel
import Synchronization

/// A modern call that its server may ask about. The call runs on while its requests come and go: each
/// waits for the next turn, which is the call's end or questions to be answered by another request.
final class ParkedCall: InputSink {
    enum Turn: Sendable {
        case ended(CallEnd)
        case asked([InputRequest])
    }
    private struct State {
        var turn: Turn?
        var waiting: CheckedContinuation<Turn, Never>?
        /// The round that waits for a retry, by the keys that the client knows.
        var wait: InputWait?
        var asked: [InputRequest] = []
    }

    let id: CallID
    let owner: SessionOwner
    let declared: JSONObject
    let cancel: CancelToken
    let notices: CallNotices
    private let desk: InputDesk
    private let state = Mutex(State())

    init(
        _ id: CallID, _ kinds: Set<InputKind>, owner: SessionOwner, cancel: CancelToken,
        desk: InputDesk, notices: CallNotices
    ) {
        self.id = id
        self.owner = owner
        declared = InputKind.capabilities(kinds)
        self.cancel = cancel
        self.desk = desk
        self.notices = notices
    }

    /// Hands the questions to the request that waits and goes on with its retry. Where too many calls
    /// of the caller are parked, nobody is asked.
    func ask(_ requests: [InputRequest]) async -> InputRound {
        guard desk.parking.enter(self) else {
            return .answered(
                Dictionary(uniqueKeysWithValues: requests.map { ($0.key, $0.declined) }))
        }
        defer { desk.parking.leave(self) }
        let own = requests.enumerated().map { place, request in
            InputRequest(
                key: "input-\(place + 1)", method: request.method, params: Self.shown(request))
        }
        let wait = InputWait(for: own.map(\.key))
        cancel.onCancel { _ in wait.abandon("the call was cancelled") }
        state.withLock { state in
            state.wait = wait
            state.asked = own
        }
        notices.rest()
        give(.asked(own))
        let round = await wait.value(atMost: desk.patience)
        state.withLock { state in
            state.wait = nil
            state.asked = []
        }
        guard case .answered(let answers) = round else { return round }
        var given: [String: InputAnswer] = [:]
        for (request, shown) in zip(requests, own) { given[request.key] = answers[shown.key] }
        return .answered(given)
    }

    /// - Returns: the answers to all that was asked, checked; nil when one is missing or nothing is asked.
    func matched(_ responses: JSONObject) -> [(key: String, answer: InputAnswer)]? {
        let asked = state.withLock { $0.asked }
        guard !asked.isEmpty, responses.count == asked.count else { return nil }
        var answers: [(key: String, answer: InputAnswer)] = []
        for request in asked {
            guard let response = responses[request.key]?.object else { return nil }
            answers.append((request.key, request.answer(response)))
        }
        return answers
    }

    func resume(_ answers: [(key: String, answer: InputAnswer)]) {
        let wait = state.withLock { $0.wait }
        for (key, answer) in answers { wait?.answer(key, answer) }
    }

    func finish(_ end: CallEnd) { give(.ended(end)) }

    /// One request at a time waits.
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

    private static func shown(_ request: InputRequest) -> JSONObject {
        var params = request.params
        params["elicitationId"] = nil
        return params
    }
}
