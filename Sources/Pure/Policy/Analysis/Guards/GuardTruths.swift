import InterlockJSON
import InterlockPolicyCEL

/// A guard in its context; equal uses have equal meanings.
struct GuardUse: Hashable {
    let text: ExactText
    /// The number of the tool, or nil if no tool has a schema and it means the same for all.
    let tool: Int?
    let constants: [String: String]
}

/// The guards of a policy as regions. Each text is parsed once and analysed once per context.
package final class GuardTruths {
    private enum Parsed {
        case tree(CELTree)
        case unusable
    }
    private var trees: [ExactText: Parsed] = [:]
    private var truths: [GuardUse: Result<Ternary, AnalysisLimit>] = [:]

    package init() {}

    /// - Parameters:
    ///   - guardText: the guard, or nil for none, which is always true.
    ///   - tool: the number of the tool, or nil if it makes no difference.
    package func truth(
        of guardText: GuardText?, for tool: Int?, in context: GuardContext
    ) throws(AnalysisLimit) -> Ternary {
        guard let text = guardText?.source else { return .always }
        let key = GuardUse(text: ExactText(text), tool: tool, constants: context.constants)
        if let known = truths[key] { return try known.get() }
        let result: Result<Ternary, AnalysisLimit>
        switch tree(of: text) {
        // A guard that does not parse fails whenever it is evaluated.
        case .unusable: result = .success(.failing)
        case .tree(let tree):
            do throws(AnalysisLimit) {
                result = .success(try GuardAnalyzer.analyze(tree, in: context))
            } catch {
                result = .failure(error)
            }
        }
        truths[key] = result
        return try result.get()
    }

    private func tree(of text: String) -> Parsed {
        let key = ExactText(text)
        if let known = trees[key] { return known }
        let parsed: Parsed
        do throws(CELProblem) {
            parsed = .tree(try CELParser.parse(text, limits: .guardText))
        } catch {
            parsed = .unusable
        }
        trees[key] = parsed
        return parsed
    }

    /// Returns nil if the text does not parse.
    func tree(of guardText: GuardText) -> CELTree? {
        if case .tree(let tree) = tree(of: guardText.source) { tree } else { nil }
    }

    /// The guard in a form that does not depend on spelling: equal forms mean the same.
    package func normalForm(of guardText: GuardText?) -> String {
        guard let text = guardText?.source else { return "" }
        switch tree(of: text) {
        case .tree(let tree): return tree.normalForm(of: tree.root)
        case .unusable: return "error"
        }
    }
}
