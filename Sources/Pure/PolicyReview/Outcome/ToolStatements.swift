import InterlockModel
import InterlockPolicy

extension PolicySnapshot {
    /// The statements that act on an agent's calls of a tool besides its class and effects, in words for people, one
    /// clause each: those of the tool's entry, and the obligations on data of tool, server and agent together. Empty
    /// if there are none.
    func statements(about tool: ToolAddress, for agent: AgentName) -> [String] {
        guard let number = table.number(of: tool) else { return [] }
        let spec = table.rows[number].spec
        let extra = spec.allowsExtra ? ["takes arguments that its schema does not name"] : []
        return spec.flow.words + extra + (dataObligations(of: tool, for: agent)?.words ?? [])
    }
}

extension DataObligations {
    /// The obligations in words for people, one clause each.
    fileprivate var words: [String] {
        func list(_ paths: [FieldPath]) -> String {
            paths.map(\.text).joined(separator: ", ")
        }
        var words: [String] = []
        if let keep {
            words.append(
                keep.isEmpty
                    ? "no field of its results is kept" : "of its results only " + list(keep))
        }
        if !drop.isEmpty { words.append("without " + list(drop) + " of its results") }
        if !mask.isEmpty {
            let masked = mask.keys.sorted().map { path in
                mask[path].map { "\(path.text) (\($0.rawValue))" } ?? path.text
            }
            words.append("masked in its results: " + masked.joined(separator: ", "))
        }
        if let maxBytes {
            let rest = overflow == .truncate ? "longer texts are cut" : "longer ones are withheld"
            words.append("results of at most \(maxBytes) bytes, \(rest)")
        }
        if !argumentsDrop.isEmpty {
            words.append("without " + list(argumentsDrop) + " of its arguments")
        }
        return words
    }
}
