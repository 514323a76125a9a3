import InterlockJSON

/// A guard where it is judged: the same use has the same meaning.
struct GuardUse: Hashable {
    let text: ExactText
    /// nil: the same for every tool, because none of them has a schema.
    let tool: Int?
    let constants: [String: String]
}

/// The guards of a policy as regions; each text is parsed once, and read once for each context.
final class GuardTruths {
    private enum Parsed {
        case tree(CELTree)
        case unusable
    }
    private var trees: [ExactText: Parsed] = [:]
    private var truths: [GuardUse: Result<Ternary, AnalysisLimit>] = [:]

    /// - Parameters:
    ///   - guardText: nil is no guard, which is always true.
    ///   - tool: nil where it makes no difference.
    func truth(
        of guardText: GuardText?, for tool: Int?, in context: GuardContext
    ) throws(AnalysisLimit) -> Ternary {
        guard let text = guardText?.source else { return .always }
        let key = GuardUse(text: ExactText(text), tool: tool, constants: context.constants)
        if let known = truths[key] { return try known.get() }
        let result: Result<Ternary, AnalysisLimit>
        switch tree(of: text) {
        // It fails whenever it is evaluated.
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

    /// - Returns: nil for a text that does not parse.
    func tree(of guardText: GuardText) -> CELTree? {
        if case .tree(let tree) = tree(of: guardText.source) { tree } else { nil }
    }

    /// The guard without its spelling: equal forms mean the same.
    func normalForm(of guardText: GuardText?) -> String {
        guard let text = guardText?.source else { return "" }
        switch tree(of: text) {
        case .tree(let tree): return tree.normalForm(of: tree.root)
        case .unusable: return "error"
        }
    }
}
