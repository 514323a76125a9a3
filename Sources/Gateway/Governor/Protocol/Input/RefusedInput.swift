import InterlockJSON
import InterlockLimits
import InterlockMCP
import InterlockModel
import InterlockPolicy
import InterlockPorts

/// A refusal by which a server's request for input is not answered; the call ends. By reference, because a decision is
/// large and few calls have one.
///
/// INVARIANT: no answer of a caller reaches a server before a search of exactly these answers found nothing that denies
/// the call, and only if the decision of then still permits the call as it was sent, also if its run has read untrusted
/// content since. Without an answer of the search, the call ends. Kept by `InputAnswerTests`, `InputRoundTests`,
/// `test_input_answers.py`.
final class RefusedInput: Sendable {
    /// The decision; nil if the run or the tool is the reason.
    let judged: JudgedCall?
    let refusal: Refusal

    fileprivate init(_ judged: JudgedCall?, _ refusal: Refusal) {
        self.judged = judged
        self.refusal = refusal
    }
}

/// The last decision about a call whose server asks for input.
struct JudgedInput: Sendable {
    /// Its record suffices to decide again. Is nil if the run or the tool is the reason of a refusal.
    let judged: JudgedCall?
    /// Is nil if the decision still permits the call as it was cleared, and its run and tool do.
    let refused: RefusedInput?
}

extension CallPipeline {
    /// Searches the answers of a caller for secrets, as arguments are searched. The answers that the gateway itself
    /// gives to other requests of the round are no part of it.
    func search(
        _ answers: [ExactText: InputResponse], to asked: [SearchedInput], of call: Call
    ) async -> ArgumentSearch {
        var given = JSONObject()
        for request in asked { given[request.key] = answers[request.key]?.json }
        return await search(outgoing: .object(given), of: call, areAnswers: true)
    }

    /// Decides about a call again before more is sent to its server, by the one decision and with the facts of now.
    /// Makes nothing durable.
    ///
    /// - Parameter search: the search in the answers, or `none` before the caller is asked.
    func judgeInput(of cleared: ClearedCall, _ search: ArgumentSearch) -> JudgedInput {
        let recorded = cleared.recorded
        let snapshot = gateway.policy.snapshot(for: recorded.call.principal.agent)
        if let refusal = obstacle(toMoreOf: recorded, under: snapshot) {
            return JudgedInput(
                judged: nil, refused: RefusedInput(nil, refusal.endingInput(by: nil)))
        }
        let judged = judge(
            recorded.resolved, search, under: snapshot, beside: recorded.held, breaker: .free,
            sending: true)
        let refused = change(of: cleared, to: judged).map {
            RefusedInput(judged, $0.endingInput(by: judged))
        }
        return JudgedInput(judged: judged, refused: refused)
    }
}

extension Refusal {
    /// Returns the refusal with a sentence for a model: the reason why its answers are not sent, and what it may do.
    ///
    /// - Parameter judged: nil if no decision is the reason.
    fileprivate func endingInput(by judged: JudgedCall?) -> Refusal {
        let detail = judged?.search.detail.map { " (\($0))" } ?? ""
        let why =
            switch judged?.decision.reason {
            case .brokeredValue, .canary, .secretInArguments, .piiInArguments:
                "the answers have a value that must not be sent; no approval lifts this"
            case .scanFailed: "the answers could not be searched for secrets"
            case .undecodable:
                "the answers have data that are encoded in more than two layers, or larger when decoded than is searched"
            case .taintApproval:
                "this run has read content from outside, or the answers may have such content, so people must approve the call; make it again"
            default: sentence
            }
        return Refusal(
            kind, part, reason, rule: judged?.decision.rule ?? rule, place: place,
            "denied: \(reason)\(detail): the server's request for input was not answered, and the call has ended: \(why)"
        )
    }
}
