import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPolicy
import InterlockPorts

/// The answer of a call for its caller before it was searched.
struct CheckedAnswer: Sendable {
    var state: InspectedCall.State
    var code: String
    var shown: InspectedCall.Output
    /// The exact bytes of the upstream's result.
    var result: [UInt8]?
    /// False if every text of `shown` is the gateway's or the caller's own, which is not searched.
    var hasServerText = true
    /// The most characters of a sentence for the caller; nil if it has no limit.
    var longestSentence: Int?
    /// The cut of a result that is too long; nil if the caller gets all of it.
    var cut: ResultCut?
}

/// An answer that has no value in it that agents must not read, as far as the search finds them.
///
/// INVARIANT: nothing that a server answered reaches an agent before a search of exactly that text found nothing.
/// Without an answer of the search, it is withheld. Kept by `AnswerSearchTests`, `test_result_search.py`.
struct SearchedAnswer: Sendable {
    let answer: CheckedAnswer
    /// The result of the search; nil if there was nothing to search, or the search failed.
    let found: ResultSearchSummary?

    fileprivate init(_ answer: CheckedAnswer, _ found: ResultSearchSummary? = nil) {
        var answer = answer
        // A value that is cut in two is found in the whole text alone, so the text is cut afterwards.
        if let longest = answer.longestSentence { answer.shown = answer.shown.cut(to: longest) }
        if let cut = answer.cut, case .result(let whole) = answer.shown {
            if let part = cut.part(of: whole) {
                answer.shown = .result(part)
            } else {
                answer = answer.withheld(
                    "safety.result_too_large", "result-too-large",
                    "it has \(cut.bytes) bytes, more than \(cut.limit)")
            }
        }
        self.answer = answer
        self.found = found
    }
}

extension CallPipeline {
    /// The most bytes of the texts of one answer.
    static let longestSearch = 16 << 20
    /// The bytes for each of which a search has its limit of time.
    static let searchPart = 1 << 20

    /// Searches what the server of a call wrote, whatever the method and the kind of its answer, and replaces what is
    /// found. The answer to a host's call goes to its hook, which searches it.
    func search(_ answer: CheckedAnswer, of executed: ExecutedCall) async -> SearchedAnswer {
        guard answer.hasServerText, executed.call.host == nil else { return SearchedAnswer(answer) }
        let document = answer.shown.document
        let texts = ResultTexts(document)
        guard texts.bytes > 0 else { return SearchedAnswer(answer) }
        let rules = gateway.ports.resultRules
        let agent = executed.call.principal.agent
        let inspection = weighed(
            await gateway.inspection(of: texts, for: agent), of: document, texts, executed)
        let found = ResultSearchSummary(rules: rules, inspection, in: document)
        switch inspection {
        case .clean, .undecodable, .marked: return SearchedAnswer(answer, found)
        case .found(let findings, _, _):
            gateway.alarm(canaryIn: findings, for: executed.call.principal)
            let redaction = gateway.redaction(for: executed.call.principal)
            if let copy = redaction.redacted(document, texts, findings),
                keepsSchema(copy, of: document, executed),
                let again = await clean(copy, executed),
                let shown = answer.shown.replaced(by: copy)
            {
                var answer = answer
                answer.shown = shown
                return SearchedAnswer(answer, found.adding(marks: again.marks))
            }
            return SearchedAnswer(
                answer.withheld(
                    "safety.result_withheld", "result-withheld",
                    "it has a value that agents must not read ("
                        + found.classes.joined(separator: ", ") + ")"), found)
        case .failed(let failure):
            return SearchedAnswer(
                answer.withheld(
                    "safety.scan_\(failure.rawValue)",
                    failure == .tooLarge ? "result-too-large" : "scan-failed",
                    "it could not be searched for secrets (\(failure.rawValue))"))
        }
    }

    /// Returns the result of a search with the consequences that the policy has for each class at each field.
    private func weighed(
        _ inspection: ResultInspection, of document: JSONValue, _ texts: ResultTexts,
        _ executed: ExecutedCall
    ) -> ResultInspection {
        switch inspection {
        case .clean, .undecodable, .failed: return inspection
        case .marked, .found: break
        }
        let policy = executed.resolved.policy
        let returned = ReturnedValues(
            in: document, texts, policy.flow(of: executed.address),
            keep: executed.cleared.data?.keep)
        return inspection.weighed(
            raising: policy.replacedClasses(isOfHost: false), lowering: returned.has)
    }

    /// Returns the result of a search in a copy that found nothing to replace, or nil.
    private func clean(_ copy: JSONValue, _ executed: ExecutedCall) async -> ResultInspection? {
        let texts = ResultTexts(copy)
        let inspection = weighed(
            await gateway.inspection(of: texts, for: executed.call.principal.agent), of: copy,
            texts, executed)
        return inspection.isClean ? inspection : nil
    }

    /// Returns false if a result fits the reviewed output schema and its copy does not.
    private func keepsSchema(
        _ copy: JSONValue, of document: JSONValue, _ executed: ExecutedCall
    ) -> Bool {
        let method = executed.call.method
        func keeps(_ value: JSONValue) -> Bool {
            guard let object = value.object, let result = try? OfferResult(method, object) else {
                return false
            }
            return result.isError
                || executed.resolved.pin?.violation(of: result, under: executed.cleared.data) == nil
        }
        return keeps(copy) || !keeps(document)
    }
}

extension Gateway {
    /// - Parameter agent: the agent that gets or sends the texts, whose share of the searches they take unless they are
    ///   searched at once.
    func inspection(of texts: ResultTexts, for agent: AgentName) async -> ResultInspection {
        if let inspection = ports.results.inspectAtOnce(texts) {
            return inspection
        }
        guard texts.bytes <= CallPipeline.longestSearch else { return .failed(.tooLarge) }
        let parts = 1 + texts.bytes / CallPipeline.searchPart
        return await ports.results.inspect(
            texts.texts, within: settings.resultSearchLimit * parts, of: agent,
            in: admission.searches)
    }

    /// Replaces findings in what a principal gets; equal values of its run have equal replacements.
    func redaction(for principal: Principal) -> AnswerRedaction {
        AnswerRedaction(run: principal.run, digest: ports.redactionDigest)
    }
}

extension CheckedAnswer {
    /// Returns an answer without what the server wrote. A call that was executed stays so.
    ///
    /// - Parameter code: the code in the record, unless the call has none, or another one than of the server's answer.
    fileprivate func withheld(_ code: String, _ reason: String, _ why: String) -> CheckedAnswer {
        var answer = self
        func withhold(_ sentence: String, _ outcome: UpstreamOutcome) {
            answer.state = .withheld
            answer.code = code
            answer.shown = .refusal(
                Refusal(.upstreamFailed, "safety", reason, sentence, outcome: outcome))
        }
        switch state {
        case .ok, .toolError:
            withhold(
                "the call was executed; its result is withheld, because \(why)", .executed)
        case .error:
            withhold("the server answered an error; its text is withheld, because \(why)", .failed)
        case .withheld, .cancelled, .notExecuted, .unknown:
            let sentence = "the text of the server is withheld, because \(why)"
            if case .refusal(let refusal) = shown {
                answer.shown = .refusal(refusal.saying(sentence))
            } else {
                answer.shown = .refusal(Refusal(.upstreamFailed, "safety", reason, sentence))
            }
        }
        return answer
    }
}

extension InspectedCall.Output {
    /// Everything that its caller can read.
    var document: JSONValue {
        switch self {
        case .result(let result): .object(result)
        case .refusal(let refusal): .string(refusal.sentence)
        case .error(let error): error.json
        }
    }

    /// Returns the same output with a copy of its document, or nil if the copy has another form.
    fileprivate func replaced(by copy: JSONValue) -> InspectedCall.Output? {
        switch self {
        case .result: return copy.object.map(InspectedCall.Output.result)
        case .refusal(let refusal):
            return copy.string.map { InspectedCall.Output.refusal(refusal.saying($0)) }
        case .error(let error):
            guard let message = copy["message"]?.string else { return nil }
            return .error(JSONRPCError(code: error.code, message: message, data: copy["data"]))
        }
    }

    fileprivate func cut(to longest: Int) -> InspectedCall.Output {
        switch self {
        case .result: self
        case .refusal(let refusal):
            .refusal(refusal.saying(String(refusal.sentence.prefix(longest))))
        case .error(let error):
            .error(
                JSONRPCError(
                    code: error.code, message: String(error.message.prefix(longest)),
                    data: error.data))
        }
    }
}

extension Refusal {
    fileprivate func saying(_ sentence: String) -> Refusal {
        var refusal = self
        refusal.sentence = sentence
        return refusal
    }
}
