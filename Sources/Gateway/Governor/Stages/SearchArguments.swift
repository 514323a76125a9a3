import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockSafety

/// A call whose arguments were searched for secrets; the decision takes the result as a fact.
///
/// INVARIANT: no arguments reach a server before a search of exactly these arguments found nothing that denies the
/// call, approved or not. Without an answer of the search, the call is denied. Kept by `ArgumentSearchTests`,
/// `test_argument_search.py`.
struct SearchedCall: Sendable {
    let resolved: ResolvedCall
    let search: ArgumentSearch

    fileprivate init(_ resolved: ResolvedCall, _ search: ArgumentSearch) {
        (self.resolved, self.search) = (resolved, search)
    }
}

/// The result of a search in what would be sent to the server of a call: classes, counts and a place; never a value.
struct ArgumentSearch: Sendable {
    /// The reason for which the call is denied; nil if there is none.
    let finding: DecisionFacts.ArgumentFinding?
    /// The classes of other values, at places where the policy does not admit them.
    var classes: SecretClassSet = []
    /// The findings for the record; nil if nothing was searched, or the search failed.
    let found: ResultSearchSummary?
    /// The class and, if it is in one text, the JSON Pointer of the value for which the call is denied; or the reason
    /// for which there is no answer.
    let detail: String?
    /// The generation of the values that were searched for, or an earlier one.
    let generation: UInt64
    /// The canary for which the call is denied; nil for another finding.
    var planted: PlantedValueName?
    /// True if a canary, or a value of the broker that no text has by chance, is among the findings.
    var stopsRun = false
    /// The places of all findings, of which the policy decides which are admitted; nil if nothing was found.
    var placed: PlacedFindings?

    /// A request that was decided, and has no arguments of a call.
    static let none = ArgumentSearch(finding: nil, found: nil, detail: nil, generation: 0)
}

extension ArgumentSearch {
    /// - Parameter worst: the finding for which nothing is sent; nil if there is none.
    init(
        _ findings: [ResultFinding], worst: ResultFinding?, found: ResultSearchSummary? = nil,
        detail: String? = nil, generation: UInt64 = 0
    ) {
        self.init(
            finding: worst?.argumentFinding, found: found, detail: detail, generation: generation,
            planted: worst?.planted,
            stopsRun: findings.contains {
                $0.secretClass == .canary || $0.secretClass == .brokered && $0.isDistinct
            })
    }

    /// Returns the same search without the values that a policy admits where they are.
    func judged(
        by policy: PolicySnapshot, _ address: ToolAddress, at now: Timestamp
    ) -> ArgumentSearch {
        guard let placed else { return self }
        let left = placed.notAdmitted(by: policy, address, at: now)
        let worst = placed.worst(of: left, raising: policy.raisedInArguments)
        let decided = left.filter { SecretClassSet.decided.contains($0.secretClass) }
        var search = ArgumentSearch(
            finding: worst?.argumentFinding ?? placed.undecodable,
            classes: SecretClassSet(of: decided.map(\.secretClass)), found: found,
            detail: (worst ?? denied(decided, by: policy, address)).map(placed.described),
            generation: generation, planted: worst?.planted)
        search.stopsRun = stopsRun
        search.placed = placed
        return search
    }

    /// The first finding for whose class the policy denies a call.
    private func denied(
        _ findings: [ResultFinding], by policy: PolicySnapshot, _ address: ToolAddress
    ) -> ResultFinding? {
        let denied = policy.deniedClasses(of: address)
        return findings.first { denied.contains($0.secretClass) }
    }
}

extension [ResultFinding] {
    /// The worst finding: a canary before a value of the broker, and that before others. A decision has facts of its own
    /// about numbers and other data of people.
    var worst: ResultFinding? {
        registered ?? first { !SecretClassSet.decided.contains($0.secretClass) }
    }

    var registered: ResultFinding? {
        first { $0.secretClass == .canary } ?? first { $0.secretClass == .brokered }
    }
}

extension CallPipeline {
    /// Searches the arguments that would be sent, in their decoded form. Makes nothing durable. Does not suspend if the
    /// arguments are few.
    func searchArguments(of resolved: ResolvedCall) async -> SearchedCall {
        SearchedCall(resolved, await search(outgoing: resolved.arguments, of: resolved.call))
    }

    /// Returns the earlier result, or that of another search if the values of the broker have changed since.
    func searchAgain(_ earlier: ArgumentSearch, _ resolved: ResolvedCall) async -> ArgumentSearch {
        guard gateway.ports.results.generation != earlier.generation else { return earlier }
        return await search(outgoing: resolved.arguments, of: resolved.call)
    }

    /// Searches values that would be sent to the server of a call: its arguments, or the answers of its caller to a
    /// request for input.
    ///
    /// - Parameter areAnswers: true for the answers to a request for input.
    func search(
        outgoing values: JSONValue, of call: Call, areAnswers: Bool = false
    ) async -> ArgumentSearch {
        // Read first: values that change during the search are then another generation.
        let generation = gateway.ports.results.generation
        let rules = gateway.ports.resultRules
        let texts = ResultTexts(values)
        guard texts.bytes > 0 else {
            return ArgumentSearch(finding: nil, found: nil, detail: nil, generation: generation)
        }
        let inspection = await gateway.inspection(
            ofSent: texts, by: call.principal.run, of: call.principal.agent)
        let found = ResultSearchSummary(rules: rules, inspection, in: values)
        switch inspection {
        case .clean, .undecodable:
            return ArgumentSearch(
                finding: call.undecodable(inspection), found: found, detail: nil,
                generation: generation)
        case .marked(let marks, _):
            var search = ArgumentSearch(
                finding: call.undecodable(inspection), found: found, detail: nil,
                generation: generation)
            search.placed = PlacedFindings(
                values, marks: marks, undecodable: call.undecodable(inspection),
                isOfHost: call.host != nil, areAnswers: areAnswers)
            return search
        case .found(let findings, _, let marks):
            let placed = PlacedFindings(
                values, findings, marks: marks, undecodable: call.undecodable(inspection),
                isOfHost: call.host != nil, areAnswers: areAnswers)
            let worst = placed.worst(of: findings)
            var search = ArgumentSearch(
                findings, worst: worst, found: found.adding(marks: marks.counts),
                detail: worst.map(placed.described), generation: generation)
            search.placed = placed
            return search
        case .failed(let failure):
            return ArgumentSearch(
                finding: .unsearched, found: nil, detail: failure.rawValue,
                generation: generation)
        }
    }
}

extension Call {
    /// Something not decoded denies no call of a coding agent's own tools, as a token does not.
    fileprivate func undecodable(
        _ inspection: ResultInspection
    ) -> DecisionFacts.ArgumentFinding? {
        inspection.isUndecodable && host == nil ? .undecodable : nil
    }
}

extension ResultFinding {
    var argumentFinding: DecisionFacts.ArgumentFinding {
        switch secretClass {
        case .canary: .canary
        case .brokered: .brokered
        case .privateKey, .token, .generic, .card, .iban, .nationalID, .personal: .secret
        case .undecodable: .undecodable
        }
    }
}
