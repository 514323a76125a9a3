import InterlockJSON
import InterlockLedger
import InterlockLimits
import InterlockMCP
import InterlockModel
import InterlockPolicy
import InterlockPorts
import Synchronization

/// The only path between a server's input requests and the caller: applies the policy and its wording rules, checks
/// halts, decides about the answers, and records each round.
final class GovernedInput: InputSink {
    static let maximumRounds = 10
    static let maximumQuestions = 16

    let declared: JSONObject
    var era: Era { caller.era }
    private let cleared: ClearedCall
    private let caller: any SearchedInputSink
    private let rules: InputRules
    private let gateway: Gateway
    private struct State {
        var rounds = 0
        var tokens = InputRules.sampledTokens
        var refused: RefusedInput?
        /// The search for markers of injections; nil if there is none.
        var markers: MarkerSearch?
    }
    private let state = Mutex(State())

    /// The decision that ended the call; nil if there is none.
    var refused: RefusedInput? { state.withLock { $0.refused } }

    /// - Returns: nil if the server may ask this caller for nothing.
    init?(_ cleared: ClearedCall, _ gateway: Gateway) {
        guard let caller = cleared.call.input else { return nil }
        let policy = gateway.policy.snapshot(for: cleared.call.principal.agent)
        let server = cleared.address.server
        let kinds = InputKind.declared(caller.declared, in: .modern)
            .intersection(policy.servers[server]?.askedKinds ?? [])
        guard !kinds.isEmpty else { return nil }
        declared = InputKind.capabilities(kinds)
        rules = InputRules(
            server: server.text, kinds: kinds,
            hosts: Set(
                texts: (policy.lock?.servers[server]?.elicitationHosts ?? []).map {
                    $0.lowercased()
                }))
        self.cleared = cleared
        self.caller = caller
        self.gateway = gateway
    }

    /// Called before the call is sent, if what its server sends is searched for markers of injections.
    func attach(_ markers: MarkerSearch) { state.withLock { $0.markers = markers } }

    func ask(_ requests: [InputRequest]) async -> InputRound {
        let round = state.withLock { state in
            state.rounds += 1
            return state.rounds
        }
        guard round <= Self.maximumRounds, requests.count <= Self.maximumQuestions,
            Set(texts: requests.map(\.key)).count == requests.count
        else { return .abandoned(reason: "the server asked too much") }
        guard !isHalted else { return .abandoned(reason: "the caller is halted") }
        // No answer could be sent, so no person and no model is asked.
        var last = pipeline.judgeInput(of: cleared, .none)
        if let refused = last.refused { return await end(by: refused, round, requests) }
        var answers: [ExactText: InputResponse] = [:]
        var refusals: [String] = []
        var permitted: [SearchedInput] = []
        var found: ResultSearchSummary?
        for request in requests {
            do throws(InputRefusal) {
                permitted.append(try await permit(request, &found))
            } catch {
                answers[request.key] = request.declined
                refusals.append(error.code)
            }
        }
        if !permitted.isEmpty {
            guard await record(sampled: permitted.map(\.request)) else {
                return .abandoned(reason: "the audit log cannot record the tokens")
            }
            // Searches and records took time.
            guard !isHalted else { return .abandoned(reason: "the caller is halted") }
            for request in permitted {
                await gateway.index(
                    content: .object(request.request.params), of: cleared.recorded)
                await gateway.index(
                    sensitive: .object(request.request.params), of: cleared.recorded)
            }
            guard case .answered(let given) = await caller.ask(permitted) else {
                return .abandoned(reason: "the caller did not answer")
            }
            for request in permitted {
                answers[request.key] = given[request.key] ?? request.request.declined
            }
            let search = await pipeline.search(answers, to: permitted, of: cleared.call)
            found = found?.adding(search.found) ?? search.found
            guard !isHalted else { return .abandoned(reason: "the caller is halted") }
            last = pipeline.judgeInput(of: cleared, search)
            if let refused = last.refused {
                return await end(by: refused, round, requests, answers, refusals, found)
            }
        }
        guard !isHalted else { return .abandoned(reason: "the caller is halted") }
        guard await record(round, requests, answers, refusals, found, last.judged) else {
            return .abandoned(reason: "the audit log cannot record the answers")
        }
        return .answered(answers)
    }

    /// Ends the call: nothing of the round is sent, whether or not the log can take its record.
    private func end(
        by refused: RefusedInput, _ round: Int, _ requests: [InputRequest],
        _ answers: [ExactText: InputResponse] = [:], _ refusals: [String] = [],
        _ found: ResultSearchSummary? = nil
    ) async -> InputRound {
        state.withLock { $0.refused = refused }
        _ = await record(
            round, requests, answers, refusals + [refused.refusal.code], found, refused.judged)
        gateway.alarm(refusedInputOf: cleared.decided, refused)
        return .abandoned(reason: "the request for input may not be answered")
    }

    private var pipeline: CallPipeline { CallPipeline(gateway: gateway) }

    private var isHalted: Bool { gateway.halt(of: cleared.call.principal, cleared.address) != nil }

    /// - Parameter found: gets the findings of the search.
    private func permit(
        _ request: InputRequest, _ found: inout ResultSearchSummary?
    ) async throws(InputRefusal) -> SearchedInput {
        guard !cleared.keepsFieldsBack else { throw .keptBack }
        let left = state.withLock { $0.tokens }
        let policy = cleared.decided.judged.policy
        let permitted = try await gateway.search(
            try rules.permitted(request, tokens: left), for: cleared.call.principal,
            admitting: policy.admittedNumbers(of: cleared.address), &found)
        // Its caller may be a model, so the run is hostile before it is asked.
        if let markers = state.withLock({ $0.markers }) {
            let report = await markers.note(permitted.texts)
            found = found?.adding(report)
        }
        let tokens = permitted.request.sampledTokens
        guard tokens > 0 else { return permitted }
        do throws(LimitExceeded) {
            try gateway.limits.take(
                tokens, .samplingTokens, of: cleared.call.principal.agent,
                most: gateway.settings.doors.most(.samplingTokens))
        } catch {
            gateway.tally.count(limit: error.countedLimit)
            throw .tooManyTokens
        }
        state.withLock { $0.tokens -= tokens }
        return permitted
    }

    /// Records the tokens that the caller's model may spend; durable before the caller is asked.
    private func record(sampled requests: [InputRequest]) async -> Bool {
        let tokens = requests.reduce(0) { $0 + $1.sampledTokens }
        guard tokens > 0 else { return true }
        let use = gateway.use(of: .samplingTokens)
        let taken = gateway.limits.status([use], of: cleared.call.principal.agent)[0].taken
        do {
            _ = try await gateway.ledger.append(
                gateway.records.reserved(
                    cleared.recorded.decided, use, tokens, left: max(0, use.stated - taken)))
            return true
        } catch { return false }
    }

    /// Records a round; durable before any answer is sent to the server.
    ///
    /// - Parameter judged: the last decision of the round; nil if no decision is the reason of a refusal.
    private func record(
        _ round: Int, _ requests: [InputRequest], _ answers: [ExactText: InputResponse],
        _ refusals: [String], _ found: ResultSearchSummary?, _ judged: JudgedCall?
    ) async -> Bool {
        guard
            let draft = gateway.records.answers(
                cleared.recorded, round: round, to: requests, answers, refusals, found, judged)
        else { return false }
        do {
            _ = try await gateway.ledger.append(draft)
            return true
        } catch { return false }
    }
}

extension InputRequest {
    /// The tokens that a permitted sample may have; 0 for another request.
    fileprivate var sampledTokens: Int64 {
        method == .sample ? params["maxTokens"]?.integer ?? 0 : 0
    }
}

extension ServerEntry {
    var askedKinds: Set<InputKind> {
        Set(
            asks.map { ask in
                switch ask {
                case .sampling: .sampling
                case .elicitationForm: .form
                case .elicitationURL: .url
                case .roots: .roots
                }
            })
    }
}
