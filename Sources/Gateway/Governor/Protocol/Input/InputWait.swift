import InterlockJSON
import InterlockMCP
import InterlockPorts
import Synchronization

/// Waits for one round of input requests until each is answered, the time is over, or the call ends.
final class InputWait: Sendable {
    private struct State {
        var missing: Set<ExactText>
        var answers: [ExactText: InputResponse] = [:]
        var end: InputRound?
        var waiting: CheckedContinuation<InputRound, Never>?
    }
    private let state: Mutex<State>

    init(for keys: some Sequence<String>) { state = Mutex(State(missing: Set(texts: keys))) }

    /// Takes an answer; a second answer to one request is dropped.
    func answer(_ key: String, _ answer: InputResponse) {
        finish { state in
            guard state.missing.remove(key) != nil else { return nil }
            state.answers[key] = answer
            return state.missing.isEmpty ? .answered(state.answers) : nil
        }
    }

    /// Takes a retry without answers, which completes a round that asked for nothing.
    func goOn() { finish { $0.missing.isEmpty ? .answered($0.answers) : nil } }

    func abandon(_ reason: String) { finish { _ in .abandoned(reason: reason) } }

    func value(atMost limit: Duration) async -> InputRound {
        let timer = Task {
            try? await Task.sleep(for: limit)
            abandon("the request for input timed out")
        }
        defer { timer.cancel() }
        return await withCheckedContinuation { continuation in
            let end = state.withLock { state -> InputRound? in
                if state.end == nil { state.waiting = continuation }
                return state.end
            }
            if let end { continuation.resume(returning: end) }
        }
    }

    private func finish(_ change: (inout State) -> InputRound?) {
        let resumed = state.withLock {
            state -> (CheckedContinuation<InputRound, Never>, InputRound)? in
            guard state.end == nil, let end = change(&state) else { return nil }
            state.end = end
            defer { state.waiting = nil }
            return state.waiting.map { ($0, end) }
        }
        if let (waiting, end) = resumed { waiting.resume(returning: end) }
    }
}
