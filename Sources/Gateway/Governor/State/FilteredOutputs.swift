import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPolicy
import Synchronization

/// The output schema of one tool as the filters of the policy leave it, written and compiled once for each of them.
final class FilteredOutputs: Sendable {
    private enum Filtered: Sendable {
        /// The schema cannot be written for this filter, or not be used: lists leave it out, and nothing is required.
        case unwritten
        case schema(JSONObject, CompiledSchema)
    }

    /// The obligations on which the schema depends.
    private struct Filter: Hashable {
        let keep: [FieldPath]?
        let drop: [FieldPath]
        let mask: [FieldPath: MaskMethod]

        init(_ data: DataObligations) {
            (keep, drop, mask) = (data.keep, data.drop, data.mask)
        }
    }

    /// The most filters of one tool that are remembered; those of several agents can differ.
    private static let most = 64
    private let schema: JSONObject
    private let patterns: any PatternCompiler
    private let known = Mutex<[Filter: Filtered]>([:])

    init(of schema: JSONObject, _ patterns: any PatternCompiler) {
        self.schema = schema
        self.patterns = patterns
    }

    /// Returns the filtered schema, or nil if there is none in this form.
    func schema(under data: DataObligations) -> JSONObject? {
        switch filtered(under: data) {
        case .unwritten: nil
        case .schema(let schema, _): schema
        }
    }

    /// Returns the violation of a filtered value, or nil if it fits.
    func violation(of content: JSONValue, under data: DataObligations) -> String? {
        switch filtered(under: data) {
        case .unwritten: nil
        case .schema(_, let compiled): compiled.validate(content)?.description
        }
    }

    private func filtered(under data: DataObligations) -> Filtered {
        let filter = Filter(data)
        if let filtered = known.withLock({ $0[filter] }) { return filtered }
        let filtered = write(data)
        known.withLock {
            if $0.count >= Self.most { $0.removeAll() }
            $0[filter] = filtered
        }
        return filtered
    }

    private func write(_ data: DataObligations) -> Filtered {
        guard let filtered = data.filtered(schema: schema),
            let compiled = try? CompiledSchema(.object(filtered), patterns: patterns)
        else { return .unwritten }
        return .schema(filtered, compiled)
    }
}
