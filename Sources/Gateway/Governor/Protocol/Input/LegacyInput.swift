import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts

/// Asks a client of the legacy eras for input: one JSON-RPC request for each input request, on the event stream of the
/// call's own POST, answered by a POST of its session.
final class LegacyInput: SearchedInputSink {
    let declared: JSONObject
    let era = Era.legacy
    private let session: SessionID
    private let caller: Caller
    private let cancel: CancelToken
    private let service: InputRequestService

    init(
        _ kinds: Set<InputKind>, session: SessionID, caller: Caller, cancel: CancelToken,
        service: InputRequestService
    ) {
        declared = InputKind.capabilities(kinds)
        self.session = session
        self.caller = caller
        self.cancel = cancel
        self.service = service
    }

    /// Asks the client. A client that disconnects has not cancelled its call; if it cannot resume the stream, the round
    /// is abandoned.
    func ask(_ requests: [SearchedInput]) async -> InputRound {
        await put(
            requests.map { input in
                input.identified(as: input.request.kind == .url ? service.newNonce() : nil)
            })
    }

    /// Sends input requests that are in their final form. Ends without answers if the task is cancelled.
    func put(_ requests: [SearchedInput]) async -> InputRound {
        let wait = InputWait(for: requests.map(\.key))
        cancel.onCancel { _ in wait.abandon("the call was cancelled") }
        if caller.events == nil { caller.exchange.onClose { wait.abandon("the caller went away") } }
        var ids: [Int64] = []
        for input in requests {
            let request = input.request
            let id = service.questions.add(in: session) { answer in
                switch answer {
                case .success(let response): wait.answer(request.key, request.answer(response))
                case .failure(let error): wait.answer(request.key, request.failed(error))
                }
            }
            ids.append(id)
            // The mode is unknown to versions that only have forms.
            let isKnown = caller.version.hasURLElicitation
            caller.send(.request(id, isKnown ? input : input.withoutMode))
        }
        let round = await withTaskCancellationHandler {
            await wait.value(atMost: service.patience)
        } onCancel: {
            wait.abandon("the answer is not needed any more")
        }
        for id in ids { service.questions.remove(id, in: session) }
        return round
    }

    /// Notifies the client that a URL elicitation is complete.
    func complete(_ elicitation: String) {
        caller.send(.completed(elicitation))
    }
}
