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
}

extension [ResultFinding] {
    /// The worst finding: a canary before a value of the broker, and that before others.
    var worst: ResultFinding? { registered ?? first }

    fileprivate var registered: ResultFinding? {
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
    func search(outgoing values: JSONValue, of call: Call) async -> ArgumentSearch {
        // Read first: values that change during the search are then another generation.
        let generation = gateway.ports.results.generation
        let texts = ResultTexts(values)
        guard texts.bytes > 0 else {
            return ArgumentSearch(finding: nil, found: nil, detail: nil, generation: generation)
        }
        let rules = gateway.ports.resultRules
        let inspection = await gateway.inspection(of: texts, for: call.principal.agent)
        switch inspection {
        case .clean, .undecodable, .marked:
            // Something not decoded denies no call of a coding agent's own tools, as a token does not.
            return ArgumentSearch(
                finding: inspection.isUndecodable && call.host == nil ? .undecodable : nil,
                found: ResultSearchSummary(rules: rules, inspection), detail: nil,
                generation: generation)
        case .found(let findings, _):
            let worst = call.worst(of: findings)
            return ArgumentSearch(
                findings, worst: worst,
                found: ResultSearchSummary(rules: rules, inspection, in: values),
                detail: worst.map { $0.described(in: values, findings) },
                generation: generation)
        case .failed(let failure):
            return ArgumentSearch(
                finding: .unsearched, found: nil, detail: failure.rawValue,
                generation: generation)
        }
    }
}

extension Call {
    /// Returns the finding that denies the call. A coding agent writes and runs tests whose tokens are examples, so those
    /// do not deny a call of its own tools.
    fileprivate func worst(of findings: [ResultFinding]) -> ResultFinding? {
        guard host != nil else { return findings.worst }
        return findings.registered ?? findings.first { $0.secretClass == .privateKey }
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

    /// The longest JSON Pointer of a description, in bytes.
    private static let longestPointer = 160

    /// Returns the class and the place of the finding.
    ///
    /// - Parameter findings: all findings; a name in which one is, is not written.
    fileprivate func described(in values: JSONValue, _ findings: [ResultFinding]) -> String {
        guard case .part(let text, _) = extent else { return secretClass.rawValue }
        var hidden: Set<Int> = []
        for finding in findings {
            // The names in which this value is are not known.
            guard case .part(let text, _) = finding.extent else { return secretClass.rawValue }
            hidden.insert(text)
        }
        let pointer = values.pointer(toText: text, hiding: hidden)
        // The agent's side chose the names; the sentence may be shown to people.
        guard let pointer, !pointer.isEmpty, pointer.utf8.count <= Self.longestPointer,
            pointer.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else { return secretClass.rawValue }
        return "\(secretClass.rawValue) at \(pointer)"
    }
}

extension JSONValue {
    /// Returns the JSON Pointer of a text, counted as `ResultTexts` does. The pointer ends before a name that is
    /// hidden; a text that is a name has the pointer of its object.
    ///
    /// - Returns: nil if there is no such text.
    func pointer(toText text: Int, hiding hidden: Set<Int>) -> String? {
        var next = 0
        return steps(toText: text, hiding: hidden, &next)?.reversed().map { "/" + $0 }.joined()
    }

    /// The steps from the text to this value. They are made on the way back alone: of the other values, which may be
    /// many below a long name, nothing is copied.
    private func steps(toText text: Int, hiding hidden: Set<Int>, _ next: inout Int) -> [String]? {
        switch self {
        case .null, .bool: return nil
        case .integer, .number, .string:
            defer { next += 1 }
            return next == text ? [] : nil
        case .array(let items):
            for (index, item) in items.enumerated() {
                guard let steps = item.steps(toText: text, hiding: hidden, &next) else { continue }
                return steps + ["\(index)"]
            }
            return nil
        case .object(let object):
            for (key, value) in object.members {
                let name = next
                next += 1
                if name == text { return [] }
                guard let steps = value.steps(toText: text, hiding: hidden, &next) else { continue }
                return hidden.contains(name) ? [] : steps + [JSONPointer.escaped(key)]
            }
            return nil
        }
    }
}
