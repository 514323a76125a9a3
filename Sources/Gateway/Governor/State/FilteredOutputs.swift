import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPolicy
import Synchronization

/// The output schema of one tool as the filters of the policy leave it, compiled once for each of them.
final class FilteredOutputs: Sendable {
    private enum Compiled: Sendable {
        /// Nothing is required: the schema cannot be written for this filter, and lists leave it out.
        case unchecked
        case schema(CompiledSchema)
        case unusable
    }

    /// The most filters of one tool that are remembered; those of several agents can differ.
    private static let most = 64
    private let schema: JSONObject
    private let patterns: any PatternCompiler
    private let known = Mutex<[DataObligations: Compiled]>([:])

    init(of schema: JSONObject, _ patterns: any PatternCompiler) {
        self.schema = schema
        self.patterns = patterns
    }

    /// Returns the violation of a filtered value, or nil if it fits.
    func violation(of content: JSONValue, under data: DataObligations) -> String? {
        switch compiled(for: data) {
        case .unchecked: nil
        case .schema(let schema): schema.validate(content)?.description
        case .unusable: "the filtered schema cannot be used"
        }
    }

    private func compiled(for data: DataObligations) -> Compiled {
        if let compiled = known.withLock({ $0[data] }) { return compiled }
        let compiled = compile(data)
        known.withLock {
            if $0.count >= Self.most { $0.removeAll() }
            $0[data] = compiled
        }
        return compiled
    }

    private func compile(_ data: DataObligations) -> Compiled {
        guard let filtered = data.filtered(schema: schema) else { return .unchecked }
        do {
            return .schema(try CompiledSchema(.object(filtered), patterns: patterns))
        } catch { return .unusable }
    }
}
